"""SRC806: runs are compared that were trained with one seed each."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import (
    configurations,
    has_seeds,
    own_error,
    ranking,
    score_error,
    spread_of,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import counted, number
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable


@rule("SRC806", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="H6")
def one_seed_each(
    trials: TrialTable,
    seeds: int | None,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    *,
    enough: int = 5,
    errors: float = 3.0,
    correlation: float = 0.8,
) -> Outcome:
    """Configurations are compared by too few seeds.

    How it is detected
    ------------------
    Each configuration was trained with fewer than ``enough`` seeds: as said, or as counted in the table,
    where rows that differ in their seed only are one configuration. Where neither is known, each row is taken
    to be one training, and the finding is only possible.

    When it misleads
    ----------------
    An effect far beyond the spread of seeds needs no five of them: where that spread is known, and the best
    leads the next by more than ``errors`` standard errors, nothing is said. Where it is not known, but the
    best leads by as many standard errors of the validation rows, it is a smell: seeds seldom make more than
    rows. (Scores on the same rows are taken to correlate by ``correlation``.)

    Why it matters
    --------------
    The same network from another start ends elsewhere, often by more than two configurations differ. In
    repetitions over 20 seeds many published repairs made no difference.

    What to change
    --------------
    Five to ten seeds for each of the few that are compared, the same ones, and a paired test.

    Source
    ------
    Catalogue H6; Tuning playbook; replications of published fixes over 20 runs each, many of which change
    nothing (arXiv 2412.16336).
    """
    groups = configurations(trials)
    if not trials.parameters:
        return CannotTell("it is not known how the trials differ")
    if len(groups) < 2:
        return CannotTell("there is only one configuration: nothing is compared")
    known = seeds is not None or has_seeds(trials)
    counted_seeds = max(seeds or 1, int(np.median([len(group) for group in groups])))
    if not known and trials.spread:
        return CannotTell("the scores have a spread over seeds, but of how many is not known")
    if counted_seeds >= enough:
        return Passed(f"{counted_seeds} seeds per configuration")
    trials, _ = over_seeds(trials, None)
    found = ranking(trials)
    spread = None if found is None else spread_of(trials, found.metric)
    if found is not None and spread is not None and counted_seeds > 1:
        error = math.sqrt(2.0 * float(np.nanmean(np.square(spread))) / counted_seeds)
        others = np.delete(found.values, found.best)
        others = others[np.isfinite(others)]
        lead = (
            found.lead(float(others.min() if found.lower_is_better else others.max())) if len(others) else 0.0
        )
        if error > 0.0 and lead > errors * error:
            return Passed(
                f"the best leads by {number(lead)}, {lead / error:.1f} standard errors of its seeds"
            )
    how_much, clear = "", False
    if found is not None and len(found.measured) > 1:
        scores = np.sort(found.measured)[:: 1 if found.lower_is_better else -1]
        ahead = abs(float(scores[0] - scores[1]))
        how_much = (
            f" The best is {number(ahead)} ahead of the next by {found.words}; whether another seed would "
            "turn that round is not known."
            if ahead
            else f" The best two are level by {found.words}; which of them other seeds would put first is "
            "not known."
        )
        positives = None if positives_validation is None else positives_validation.value
        error = score_error(found.metric, float(scores[0]), rows_validation, positives)
        clear = abs(float(scores[0] - scores[1])) > errors * math.sqrt(2.0) * own_error(error, correlation)
    times = "once" if counted_seeds == 1 else f"with {counted_seeds} seeds"
    each = f"ach of {counted(len(groups), 'configuration')} was trained {times}.{how_much}"
    return Fired(
        f"E{each}" if known else f"As far as the table tells, e{each}",
        evidence={"configurations": len(groups), "seeds": counted_seeds},
        advice=f"Train the few best with {enough} or more seeds, the same for each, and compare pair by "
        "pair.",
        severity=Severity.SMELL if clear else None,
        confidence=None if known else Confidence.POSSIBLE,
        settle="" if known else "Are these scores means over several seeds or folds?",
    )
