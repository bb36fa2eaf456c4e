"""LOG912: the validation loss moves from epoch to epoch by far more than its rows' sampling noise."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Severity
from steelyard.recipe import Change


@rule("LOG912", severity=Severity.WARNING, catalogue="forensics", unless=("OPT308",))
def validation_wiggle_beyond_noise(
    validation_loss_logged: Curve,
    validation_noise: float,
    rows_validation: int | None,
    learning_rate: float | None,
    *,
    times: float = 5.0,
    matters: float = 0.01,
    epochs: int = 10,
) -> Outcome:
    """The validation loss wiggles far more than the choice of its rows can explain.

    How it is detected
    ------------------
    The wiggle is the standard deviation of one epoch about its neighbours (from first differences, by their
    quartiles, so that neither a trend nor one wild epoch decides), over the later half of at least ``epochs``
    epochs. It must be ``times`` the standard error that so many validation rows leave in their loss, and
    ``matters`` of the loss itself.

    When it misleads
    ----------------
    The same rows are measured in every epoch, so sampling noise moves neighbouring epochs even less than its
    standard error; the rule is cautious. With few rows the standard error is large and the rule passes.

    Why it matters
    --------------
    "The validation set is noisy" is then no explanation: on so many rows the loss is known to the third
    digit. The network itself is a different one after every epoch, and the best epoch is a lucky one. Steps
    that are too large, dropout in a narrow network and inputs of very small scale do that.

    What to change
    --------------
    Lower the learning rate towards the end (a schedule), larger batches, less dropout; then look again.

    Source
    ------
    Catalogue C2 and H3; tuning playbook: high late variance from step to step calls for a lower learning
    rate.
    """
    if len(validation_loss_logged) < epochs:
        return CannotTell(f"there are fewer than {epochs} epochs")
    late = validation_loss_logged.values[len(validation_loss_logged) // 2 :]
    late = late[np.isfinite(late)]
    if len(late) < 4 or not validation_noise > 0.0:
        return CannotTell("too few validation losses are numbers")
    # The spread between quartiles of a normal variable is 1.349 deviations; a difference of two has sqrt(2).
    wiggle = float(np.subtract(*np.percentile(np.diff(late), [75, 25])) / 1.349 / np.sqrt(2.0))
    level = float(np.median(late))
    if not (level > 0.0 and validation_noise > 0.0):
        return CannotTell("a loss or a sampling noise of zero leaves nothing to compare the wiggle with")
    ratio = wiggle / validation_noise
    if ratio < times or wiggle < matters * level:
        return Passed(
            f"the loss moves by {wiggle:.2g} from epoch to epoch, {ratio:.2g} times its sampling noise"
        )
    rows = f" on {rows_validation:,} rows" if rows_validation is not None else ""
    return Fired(
        f"The validation loss moves by about {wiggle:.2g} from epoch to epoch, {100 * wiggle / level:.2g}% "
        f"of its level, where sampling noise{rows} is {validation_noise:.2g}: {ratio:.2g} times more than "
        "that can explain. The network itself changes that much, not the measurement.",
        evidence={"wiggle": wiggle, "sampling_noise": validation_noise, "ratio": ratio, "level": level},
        changes=(
            (Change("optimizer.learning_rate", float(f"{learning_rate / 3.0:.3g}")),)
            if learning_rate is not None
            else ()
        ),
        advice="Lower the learning rate towards the end, use larger batches or less dropout, and look again.",
    )
