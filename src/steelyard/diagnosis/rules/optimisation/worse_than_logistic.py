"""OPT306: a logistic regression does better."""

from __future__ import annotations

from steelyard.diagnosis.measured import finite_part, last_known
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change


@rule(
    "OPT306",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="C6",
    unless=("OPT308", "OPT312", "OPT301", "OPT303", "REG404", "ARC501"),
)
def worse_than_logistic(
    validation_loss: Curve,
    logistic_loss: float,
    validation_noise: float,
    train_skill: Curve | None,
    validation_skill: Curve | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    resampling: str | None,
    layers: tuple[LayerFact, ...] | None,
    calibration: str | None,
    *,
    errors: float = 2.0,
    gap: float = 0.1,
) -> Outcome:
    """A logistic regression on the same rows does better than the network, which underfits.

    How it is detected
    ------------------
    The lowest plain validation loss is higher than that of a logistic regression by more than ``errors``
    standard errors of the validation loss; and the skill on training rows is not more than ``gap`` above
    that on validation rows, since otherwise the network overfits rather than underfits.

    When it misleads
    ----------------
    Both losses are on the same rows, so that their difference is less noisy than either: the rule is
    cautious. A low loss in absolute terms says nothing, at a base rate of 1 in 21 guessing has 0.19. With
    class weights in force, or resampled training rows, the network's probabilities are shifted, and only its
    ranking can be compared. The same holds where a calibrator is needed after the network, as after a focal
    loss.

    Why it matters
    --------------
    What a network can do, a logistic regression can do in a second: the network is not using its inputs.

    What to change
    --------------
    Look for what keeps it from learning (scale of inputs, learning rate, dropout, penalty), then widen it.

    Source
    ------
    Catalogue C6; scikit-learn's guide on learning curves.
    """
    asked = class_weight is not None and class_weight[0] != class_weight[1]
    if weights_in_force or (asked and weights_in_force is None):
        return CannotTell("class weights shift the network's probabilities; compare ROC AUC instead")
    if resampling not in (None, "none"):
        return CannotTell(
            f"resampling ({resampling}) shifts the network's probabilities; compare ROC AUC instead"
        )
    if calibration not in (None, "none"):
        return CannotTell(
            f"the model's probabilities are calibrated ({calibration}), so the network's own need no low "
            "loss; compare ROC AUC instead"
        )
    known = finite_part(validation_loss)
    if not len(known):
        return CannotTell("no validation loss is a number")
    low, best, high = (float(one.min()) for one in (known.low, known.values, known.high))
    excess = low - logistic_loss
    if high - logistic_loss <= errors * validation_noise:
        return Passed(
            f"the lowest validation loss, {best:.4g}, is no worse than a logistic regression's, "
            f"{logistic_loss:.4g}, beyond noise ({validation_noise:.2g})"
        )
    if excess <= errors * validation_noise:
        return CannotTell(
            f"the plain validation loss is only known to lie between {low:.4g} and {high:.4g}, a logistic "
            f"regression has {logistic_loss:.4g}; a BinaryCrossentropy metric would log it"
        )
    train, validation = last_known(train_skill), last_known(validation_skill)
    if train is not None and validation is not None and train[1] - validation[2] > gap:
        return Passed(
            f"it does better on training rows (skill ahead by {train[1] - validation[2]:.2f}): it is not "
            "underfitting"
        )
    times = f" by {excess / validation_noise:.1f} standard errors" if excess < 1e3 * validation_noise else ""
    return Fired(
        f"The lowest validation loss of the network is {best:.4g}; a logistic regression on the same rows "
        f"has {logistic_loss:.4g}, which is better{times}.",
        evidence={
            "lowest_validation_loss": best,
            "logistic_loss": logistic_loss,
            "standard_error": validation_noise,
        },
        changes=_changes(layers),
        advice="Check the scale of the inputs, the learning rate, dropout and penalty first; then widen the "
        "network.",
    )


def _changes(layers: tuple[LayerFact, ...] | None) -> tuple[Change, ...]:
    """No dropout, and a network of usual width: what of it the network does not have yet."""
    known = layers or ()
    widths = [one.units or 0 for one in known if one.kind == "dense"][:-1]
    drops = layers is None or any("dropout" in one.kind and one.rate for one in known)
    return (
        *((Change("network.dropout", 0.0),) if drops else ()),
        *((Change("network.hidden_units", [64, 32]),) if max(widths, default=0) < 64 else ()),
    )
