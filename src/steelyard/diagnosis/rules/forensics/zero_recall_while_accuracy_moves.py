"""LOG911: precision, recall and F1 exactly 0 in every epoch, and an accuracy that moves all the same."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.arithmetic.digits import rounding
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted, listed, percent
from steelyard.finding import Severity


@rule("LOG911", severity=Severity.ERROR, catalogue="forensics", unless=("OPT308",))
def zero_recall_while_accuracy_moves(
    validation_accuracy: Curve,
    validation_recall: Curve | None,
    validation_precision: Curve | None,
    validation_f1: Curve | None,
    validation_loss_logged: Curve | None,
    rows_validation: int,
    base_rate_validation: Estimate | None,
    *,
    chance: float = 0.001,
    epochs: int = 3,
) -> Outcome:
    """No positive is ever found, and yet the accuracy moves.

    How it is detected
    ------------------
    Precision, recall and F1, as far as they were logged, are exactly 0 in all of at least ``epochs`` epochs.
    Then there is no true positive, every error that comes and goes is a negative called positive, and the
    accuracy tells how many: the difference of its extremes times the rows, less what its digits leave open,
    is the least number of negatives called positive in its worst epoch. If rows were called positive without
    regard to their label, none of so many would be a true positive with probability (1 - p)^k, p the base
    rate; the rule fires below ``chance``.

    When it misleads
    ----------------
    A network that ranks positives last does just that: a tail of the data unlike the rest, or swapped labels.
    Then the metrics are right, and the finding is one about the rows. A few false alarms without a hit are
    ordinary, and pass. Where precision and recall are taken at a higher threshold than the accuracy, they
    count other decisions.

    Why it matters
    --------------
    Both cannot be right unless every changed prediction is a false alarm, which a network that knows anything
    does not do. So either precision, recall and F1 are computed wrongly on validation rows, or those rows are
    unlike the training rows.

    What to change
    --------------
    Save the predictions on validation rows and recompute all four metrics.

    Source
    ------
    Arithmetic of the two-by-two table.
    """
    ratios = {"precision": validation_precision, "recall": validation_recall, "F1": validation_f1}
    known = {name: curve for name, curve in ratios.items() if curve is not None and len(curve)}
    if not known:
        return CannotTell("neither precision nor recall nor F1 on validation rows was logged")
    if any(curve.values.any() for curve in known.values()):
        return Passed(f"{listed(list(known))} are not always 0")
    if len(validation_accuracy) < epochs:
        return CannotTell(f"there are fewer than {epochs} epochs")
    high, low = float(np.nanmax(validation_accuracy.values)), float(np.nanmin(validation_accuracy.values))
    beside = None if validation_loss_logged is None else validation_loss_logged.values
    # As printed 0.9500 and 0.9499 may be one row apart.
    open_part = 2.0 * float(rounding(validation_accuracy.values, beside).max())
    alarms = max(math.ceil((high - low - open_part) * rows_validation), 0)
    if not alarms:
        return Passed("the accuracy stands still too, within its digits")
    if base_rate_validation is None:
        return CannotTell("the base rate of the validation rows is not known (supply --positives N --rows N)")
    rate = base_rate_validation.low
    log_probability = alarms * math.log1p(-rate) if rate < 1.0 else -math.inf
    if log_probability > math.log(chance):
        return Passed(
            f"{counted(alarms, 'false alarm')} without a hit can be chance (p = "
            f"{math.exp(log_probability):.2g})"
        )
    expected = alarms * rate
    at_high = int(validation_accuracy.epochs[int(np.nanargmax(validation_accuracy.values))])
    at_low = int(validation_accuracy.epochs[int(np.nanargmin(validation_accuracy.values))])
    verb = "is" if len(known) == 1 else "are"
    names = listed(list(known))
    return Fired(
        f"Validation {names} {verb} exactly 0 in all {counted(len(validation_accuracy), 'epoch')}, so no "
        f"positive is ever found; but the accuracy moves between {percent(high)} (epoch {at_high}) and "
        f"{percent(low)} (epoch {at_low}). Both can be right only if every changed prediction is a false "
        f"alarm: {alarms:,} more negatives called positive at the one than at the other, and not one "
        f"positive among them, where calling rows at random would have hit about {expected:,.0f}.",
        evidence={
            "highest_accuracy": high,
            "lowest_accuracy": low,
            "false_alarms_at_least": alarms,
            "rows": rows_validation,
            "hits_expected_at_random": expected,
            "log10_probability": log_probability / math.log(10.0),
        },
        epochs=(at_high, at_low),
        advice="Save the predictions on validation rows and recompute the four metrics; compare the rows' "
        "features with those of the training rows.",
        settle="Recompute precision, recall and accuracy from the predictions on validation rows.",
    )
