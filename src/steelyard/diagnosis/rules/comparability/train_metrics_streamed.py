"""CMP107: training metrics were gathered while the weights moved."""

from __future__ import annotations

from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import number
from steelyard.finding import Severity
from steelyard.log import Predictions
from steelyard.metrics.delong import auc, interval, placements, variance
from steelyard.metrics.rows import Rows


@rule("CMP107", severity=Severity.WARNING, catalogue="A7")
def train_metrics_streamed(
    train_auc: Curve,
    train_predictions: Predictions,
    resampling: str | None,
    *,
    apart: float = 0.02,
    level: float = 0.95,
) -> Outcome:
    """The training ROC AUC of the log is not that of the network at the end of the epoch.

    How it is detected
    ------------------
    The logged training AUC differs by more than ``apart`` from that of predictions on training rows, and lies
    outside its interval (of the given ``level``). The predictions may belong to the best epoch and not to the
    last: the epoch that comes nearest counts.

    When it misleads
    ----------------
    Predictions on a sample of the training rows differ by chance, hence the interval. Small differences late
    in training are normal. Where rows were resampled, the log may be about other rows than the predictions:
    then it cannot be told.

    Why it matters
    --------------
    Keras' AUC, precision and recall are gathered over the batches of an epoch, with dropout active, while the
    weights move. Held against the validation value they overstate or understate the gap.

    What to change
    --------------
    Compute the metric on training rows at the end of the epoch.

    Source
    ------
    Catalogue A7; Keras 3.15.1: metrics are streaming, and AUC uses 200 thresholds by default.
    """
    positives = int(train_predictions.target.sum())
    negatives = len(train_predictions.target) - positives
    if not positives or not negatives:
        return CannotTell("the predictions on training rows are of one class only")
    placed = placements(Rows(train_predictions.target, train_predictions.probability, None))
    own = auc(placed)
    low, high = interval(own, variance(placed), positives, negatives, level)
    known = finite_part(train_auc)
    if train_auc.quantity.epoch_mean is False:
        return Passed("the training AUC was measured at the end of the epoch")
    if not len(known):
        return CannotTell("the training AUC is not a number in any epoch")
    nearest = float(known.values[abs(known.values - own).argmin()])
    if abs(nearest - own) <= apart or low <= nearest <= high:
        return Passed(
            f"the logged training AUC comes as near as {number(nearest)} to {number(own)}, that of "
            "predictions"
        )
    if resampling not in (None, "none"):
        return CannotTell("training rows were resampled, and the log may be about other rows")
    logged, when = float(known.values[-1]), int(known.epochs[-1])
    return Fired(
        f"The log gives a training ROC AUC of {number(logged)} in epoch {when}; the network's predictions on "
        f"training rows have {number(own)} ({100 * level:g}%: {number(low)} to {number(high)}). The logged "
        "one was gathered over the epoch while the weights moved, so it must not be held against the "
        "validation AUC.",
        evidence={
            "train_auc_logged": logged,
            "train_auc_of_predictions": own,
            "train_auc_low": low,
            "train_auc_high": high,
        },
        advice="Compute the AUC on training rows at the end of the epoch, in inference mode.",
    )
