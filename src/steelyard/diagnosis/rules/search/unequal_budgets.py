"""SRC808: runs are compared that were not trained equally long."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trial_tables import BATCH_SIZE, EPOCHS, numeric_column, ranking
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import number
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping, TrialTable


@rule("SRC808", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="H8")
def unequal_budgets(
    trials: TrialTable, stopping: Stopping | None, rows_train: int | None, *, apart: float = 0.2
) -> Outcome:
    """Runs are compared that were not trained for the same time.

    How it is detected
    ------------------
    The numbers of epochs differ by more than ``apart`` of the largest. Where they agree, but batch sizes do
    not, the numbers of steps differ just so: a smell, since rows seen are equal and steps are not.

    When it misleads
    ----------------
    With early stopping each run ends when it has had enough; that is part of what is compared, and nothing is
    said. Where no parameter sets the epochs and nothing is known of early stopping, or of pruning, it is only
    possible. Batch sizes are often compared on purpose.

    Why it matters
    --------------
    A run that is cut off early looks worse than it is. What is ranked then is how fast settings learn, not
    how well.

    What to change
    --------------
    Give all the same number of steps, or early stopping with enough of them.

    Source
    ------
    Catalogue H8; Tuning playbook.
    """
    planned = numeric_column(trials, EPOCHS)
    lengths = planned if trials.epochs is None else np.asarray(trials.epochs)
    batches = numeric_column(trials, BATCH_SIZE)
    if lengths is None and batches is None:
        return CannotTell("neither the epochs nor the batch sizes of the trials are known")
    if stopping is not None and stopping.patience is not None:
        return Passed("early stopping ended each run, so their lengths are a result")
    least, most = _ends(lengths)
    if lengths is not None and least < (1.0 - apart) * most:
        found = ranking(trials)
        known = found is not None and bool(np.isfinite(lengths[found.best]))
        best = f" The best by {found.words} had {number(lengths[found.best])}." if found and known else ""
        as_set = planned is not None and _ends(planned)[0] < _ends(planned)[1]
        return Fired(
            f"The runs were trained for {number(least)} to {number(most)} epochs.{best} A run that was cut "
            "off earlier looks worse than it is.",
            evidence={"fewest_epochs": least, "most_epochs": most},
            advice="Compare at equal steps, or let early stopping end each.",
            confidence=None if as_set else Confidence.POSSIBLE,
            settle="" if as_set else "Was each run ended by early stopping, or pruned on purpose?",
        )
    small, large = _ends(batches)
    if small < (1.0 - apart) * large:
        steps = ""
        if rows_train:
            few, many = (math.ceil(rows_train / size) for size in (large, small))
            steps = f" ({few:,} steps per epoch against {many:,})"
        return Fired(
            f"Trials with a batch size of {large:g} take {number(large / small)} times fewer steps than "
            f"those with {small:g} in the same number of epochs{steps}. Where runs had not converged, that "
            "decides, not the batch size as such.",
            evidence={"least_batch": small, "most_batch": large, "ratio": large / small},
            advice="Compare batch sizes at equal numbers of steps, or with early stopping.",
            severity=Severity.SMELL,
        )
    return Passed("the trials were trained equally long")


def _ends(values: NDArray[np.float64] | None) -> tuple[float, float]:
    """The least and the greatest of those that make sense; both 1 if there are none."""
    sound = np.array([1.0]) if values is None else values[np.isfinite(values) & (values >= 1.0)]
    return (float(sound.min()), float(sound.max())) if len(sound) else (1.0, 1.0)
