"""LOG905: the accuracy is the share of the commoner class, to the last row."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.digits import rounding
from steelyard.diagnosis.arithmetic.rates import share_of_commoner
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted, percent
from steelyard.finding import Confidence, Severity


@rule(
    "LOG905",
    severity=Severity.WARNING,
    confidence=Confidence.CERTAIN,
    catalogue="forensics",
    unless=("COL201", "COL202"),
)
def accuracy_equals_base_rate(
    validation_accuracy: Curve,
    base_rate_validation: Estimate,
    rows_validation: int,
    validation_loss_logged: Curve | None,
    *,
    epochs: int = 3,
    width: float = 0.1,
) -> Outcome:
    """The validation accuracy is that of always predicting the commoner class.

    How it is detected
    ------------------
    In the last ``epochs`` epochs or more the number of rows that were right is that of the commoner class, to
    the row. Where the number of positives is known within bounds of less than ``width`` of it only, an
    accuracy that does not move by one row in these epochs and lies within the bounds counts as likely.

    When it misleads
    ----------------
    As many false alarms as hits give the same accuracy; over several epochs that does not happen to the row.
    An accuracy that was printed with few digits is the same for many counts: then it cannot be told.

    Why it matters
    --------------
    It means that no row, or hardly any, is on the rarer class's side of 0.5. That is what a useless network
    does and also what a sound one does where positives are rare (COL201, COL202): the accuracy says neither.

    What to change
    --------------
    Look at the ranking (ROC AUC, average precision) and at the loss against the entropy of the base rate.

    Source
    ------
    Catalogue B1, the part of it that a history alone can show.
    """
    if len(validation_accuracy) < epochs:
        return CannotTell(f"there are fewer than {epochs} epochs")
    right = validation_accuracy.values * rows_validation
    beside = None if validation_loss_logged is None else validation_loss_logged.values
    if float(rounding(validation_accuracy.values, beside).max()) * rows_validation > 0.501:
        return CannotTell("the accuracy was printed with too few digits to be known to the row")
    commoner = share_of_commoner(base_rate_validation)
    least, most = commoner.low * rows_validation, commoner.high * rows_validation
    exact = most - least < 0.5
    inside = (right >= least - 0.5) & (right <= most + 0.5)
    run = len(inside) if inside.all() else int(np.argmin(inside[::-1]))
    still = right[len(right) - run :]
    if not exact and run >= epochs:
        rare = min(base_rate_validation.value, 1.0 - base_rate_validation.value) * rows_validation
        if most - least > width * rare:
            return CannotTell("the number of positives is not known well enough")
        same = np.abs(still[::-1] - still[-1]) < 0.5
        run = len(same) if same.all() else int(np.argmin(same))
    if run < epochs:
        return Passed(f"the accuracy of the last epoch is {percent(float(validation_accuracy.values[-1]))}")
    correct = round(float(right[-1]))
    first = int(validation_accuracy.epochs[-run])
    share = (
        f"exactly the {correct:,} rows of the commoner class"
        if exact
        else f"the same {correct:,} rows each time, about as many as the commoner class has"
    )
    return Fired(
        f"From epoch {first} on the network is right on {share}, of {rows_validation:,} validation rows: an "
        f"accuracy of {percent(correct / rows_validation)}, that of always giving the same answer, in "
        f"{counted(run, 'epoch')}.",
        evidence={"first_epoch": first, "epochs": run, "right": correct, "rows": rows_validation},
        epochs=tuple(int(epoch) for epoch in validation_accuracy.epochs[-run:]),
        advice="Look at ROC AUC or average precision, and at the loss against the entropy of the base rate.",
        confidence=None if exact else Confidence.LIKELY,
        settle="" if exact else "Count the positives among the validation rows.",
    )
