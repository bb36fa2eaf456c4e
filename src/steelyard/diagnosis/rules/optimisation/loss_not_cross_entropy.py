"""OPT313: two classes, and a loss that is made for numbers."""

from __future__ import annotations

from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity
from steelyard.recipe import Change

_MEDIAN = frozenset({"mae", "mean_absolute_error", "mape", "mean_absolute_percentage_error"})
_MEAN = frozenset(
    {"mse", "mean_squared_error", "msle", "mean_squared_logarithmic_error", "huber", "log_cosh"}
)
_MARGIN = frozenset({"hinge", "squared_hinge", "categorical_hinge"})


@rule("OPT313", severity=Severity.WARNING, catalogue="C13", unless=("ARC501", "ARC502"))
def loss_not_cross_entropy(
    loss: str,
    base_rate_train: Estimate | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
) -> Outcome:
    """The loss is one for numbers rather than for two classes.

    How it is detected
    ------------------
    The loss function is an absolute error, a squared error or a hinge.

    When it misleads
    ----------------
    The squared error of a probability is the Brier score, a sound thing to minimise, only slower; many public
    programs train well with it. Hence it is a smell unless the run learned nothing.

    Why it matters
    --------------
    An absolute error is least at the median: where fewer than half of the rows are positive, that is 0 for
    every row whose probability is below one half. A squared error after a sigmoid has hardly any gradient
    where the network is sure and wrong. A hinge gives no probabilities.

    What to change
    --------------
    Binary cross-entropy.

    Source
    ------
    Catalogue C13; AUTOTRAINER's "improper loss"; DeepFD.
    """
    run = learned(validation_skill, validation_auc_interval)
    if loss in _MEDIAN:
        rare = base_rate_train is not None and base_rate_train.high < 0.5
        rate = f", at a cost of {base_rate_train.value:.3g}" if base_rate_train is not None and rare else ""
        why = f"an absolute error is least when every row below one half is called 0{rate}"
    elif loss in _MEAN:
        why = "after a sigmoid it hardly corrects rows on which the network is sure and wrong"
    elif loss in _MARGIN:
        why = "it gives scores, no probabilities, and is made for outputs from -1 to 1"
    else:
        return Passed(f"the loss is {loss}")
    return Fired(
        f"The loss is {loss}, for two classes: {why}. {in_this_run(run)}",
        evidence={"loss": loss},
        changes=(Change("loss.name", "binary_crossentropy"),),
        advice="Use binary cross-entropy, and compare on the same seeds.",
        severity=severity(Severity.WARNING, run),
    )
