"""SRC804: the score of a winner was picked for being high."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import expected_best, own_noise, ranking, scores_of
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import number
from steelyard.finding import Severity
from steelyard.log import TrialTable


@rule("SRC804", severity=Severity.WARNING, catalogue="H4", unless=("SRC802", "SRC811"))
def winner_looks_too_good(
    trials: TrialTable,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    seeds: int | None,
    *,
    fewest: int = 4,
    correlation: float = 0.8,
    share: float = 0.5,
) -> Outcome:
    """The best trial's score is too good, because it was picked for it.

    How it is detected
    ------------------
    The noise of a trial's score (the spread over seeds of the better half of the trials, if known, else the
    standard error from the validation rows that trials do not share, by ``correlation``) is set against the
    spread of all trials. Of k trials (``fewest`` or more) whose spread is noise for a part, the best is on
    average too good by that part times the expected best of k normal numbers. It fires if that is more than
    ``share`` of its lead over the mean trial.

    When it misleads
    ----------------
    A few trials that are much worse widen the spread and hide it. If the winner was measured again on rows
    that chose nothing, and that score is the one that is told, no harm is done.

    Why it matters
    --------------
    Whoever tells the search's best score promises more than new rows will keep, the more trials the more.

    What to change
    --------------
    Measure the winner once more: on test rows, on fresh folds, or with new seeds, and tell that score.

    Source
    ------
    Catalogue H4: +1.03, 1.63, 2.12 and 2.52 standard errors for 4, 12, 36 and 100 equal trials.
    """
    trials, seeds = over_seeds(trials, seeds)
    found = ranking(trials)
    if found is None or len(found.measured) < fewest:
        return CannotTell(f"fewer than {fewest} trials have a score that ranks them")
    scores = found.measured
    chosen_by, _, kind = found.metric.partition("_")
    held_out = scores_of(trials, f"test_{kind}")
    if chosen_by != "test" and np.isfinite(held_out[found.best]):
        return Passed(f"the winner was measured on test rows as well ({number(float(held_out[found.best]))})")
    noise, by = own_noise(trials, found, seeds, rows_validation, positives_validation, correlation)
    if math.isnan(noise):
        return CannotTell(f"how finely {found.words} is known is not known")
    best = float(found.values[found.best])
    lead = found.lead(float(scores.mean()))
    total = float(scores.std(ddof=1))
    # Noise cannot be more than all the spread there is.
    excess = expected_best(len(scores)) * min(noise**2 / total, total) if total > 0.0 else 0.0
    if excess <= share * lead:
        return Passed(
            f"of a lead of {number(lead)} over the mean trial, about {number(excess)} is due to picking the "
            "best"
        )
    return Fired(
        f"The best {found.words} of {len(scores)} trials, {number(best)}, was picked for being the best. Of "
        f"{len(scores)} equally good trials the best looks {expected_best(len(scores)):.1f} standard errors "
        f"too good; here {by} alone makes it about {number(excess)}, and it leads the mean trial by "
        f"{number(max(lead, 0.0))}.",
        evidence={"trials": len(scores), "best": best, "lead": lead, "excess": excess, "noise": noise},
        advice="Measure the winner again on rows that chose nothing, and tell that score.",
    )
