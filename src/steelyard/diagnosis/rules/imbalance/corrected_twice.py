"""IMB702: rows were resampled and weighted, both to even the classes."""

from __future__ import annotations

from steelyard.diagnosis.arithmetic.samplers import EVENING, spoken
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import number, percent
from steelyard.finding import Severity
from steelyard.recipe import Change


@rule("IMB702", severity=Severity.WARNING, catalogue="G2", unless=("IMB701",))
def corrected_twice(
    resampling: str,
    class_weight: tuple[float, float] | None,
    class_weight_type: str | None,
    base_rate_train: Estimate | None,
    weights_in_force: bool | None,
    *,
    most: float = 3.0,
) -> Outcome:
    """The rarer class was both multiplied and weighted.

    How it is detected
    ------------------
    Odds of the classes among the rows trained on, times the ratio of their weights: the odds that training
    really sees. More than ``most`` positives per negative means that two corrections were stacked. Where the
    base rate after resampling is not known, the classes are taken to be even then, which is every sampler's
    default.

    When it misleads
    ----------------
    A cost of misses that far above that of false alarms may be meant. Weights computed from the resampled
    labels are about 1 and 1, and stack nothing.

    Why it matters
    --------------
    The network is pushed past even classes: nearly everything becomes positive, probabilities are far too
    high, and the loss on natural rows far above that of guessing.

    What to change
    --------------
    One of the two, or neither: a threshold does the same without bending probabilities.

    Source
    ------
    Catalogue G2.
    """
    if resampling not in EVENING:
        return Passed(f"rows were not resampled to even the classes ({resampling})")
    if class_weight_type == "none":
        return Passed("rows were resampled, and no class weights were asked for")
    if class_weight is None:
        return CannotTell("rows were resampled; how the classes were weighted is not known")
    if weights_in_force is False:
        return Passed("the class weights were not in force")
    # A base rate as in nature is that from before resampling.
    counted = base_rate_train is not None and base_rate_train.value > 0.25
    rate = base_rate_train.value if base_rate_train is not None and counted else 0.5
    if rate == 1.0:
        return CannotTell("the training rows hold one class only")
    odds = rate / (1.0 - rate) * class_weight[1] / class_weight[0]
    if odds <= most:
        return Passed(f"training sees {number(odds)} positives per negative")
    done = f"made {percent(rate)}" if counted else f"makes {percent(rate)}, unless told otherwise,"
    return Fired(
        f"The rarer class was evened out twice: {spoken(resampling)} {done} of the training rows positive, "
        f"and each of them weighs {number(class_weight[1] / class_weight[0])} times as much as a negative. "
        f"Training sees {number(odds)} positives per negative.",
        evidence={"base_rate_train": rate, "weight_ratio": class_weight[1] / class_weight[0], "odds": odds},
        changes=(Change("imbalance.class_weight", "none"),),
        advice="Keep one of the two, or neither and choose the threshold instead.",
    )
