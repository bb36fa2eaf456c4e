"""IMB706: weights or resampling changed nothing about the ranking."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import (
    differing,
    own_error,
    score_error,
    scores_of,
    trials_of,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import counted, number
from steelyard.finding import Severity
from steelyard.log import TrialTable

_REMEDIES = ("class_weight", "resampling", "sampler", "smote", "sampling", "balance", "balanced")
_RANKING = ("validation_auc", "validation_average_precision", "test_auc", "test_average_precision")
_PLAIN = ("none", "null", "false", "0", "", "off", "no", "(1.0, 1.0)")


@rule("IMB706", severity=Severity.SMELL, catalogue="G6")
def imbalance_not_the_cause(
    trials: TrialTable,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    *,
    correlation: float = 0.8,
    errors: float = 2.0,
) -> Outcome:
    """Class weights or resampling did not change how well rows are ranked.

    How it is detected
    ------------------
    Pairs of trials that differ in class weights or resampling and nothing else: the difference of their ROC
    AUC or average precision is within ``errors`` standard errors of zero (from the pairs themselves if there
    are three or more; else from the number of positives, with scores on the same rows correlated by
    ``correlation``).

    When it misleads
    ----------------
    With few positives a real difference can hide in the noise; the interval says how large it might be. With
    a very rare class, weights can make training steadier without changing the mean.

    Why it matters
    --------------
    Where only the threshold was wrong, weights seem to help (recall at 0.5 rises), and bend the
    probabilities.

    What to change
    --------------
    Train without, and choose the threshold on validation rows.

    Source
    ------
    Catalogue G6; measured on generated rows, where SMOTE changed the ROC AUC by +0.007 (logistic regression),
    -0.001 (random forest) and -0.040 (network); van den Goorbergh et al. (2022) found the same for logistic
    regression.
    """
    trials, _ = over_seeds(trials, None)
    name = next((one for one in _RANKING if one in trials.metrics), None)
    remedies = [one for one in trials.parameters if one.lower().rpartition(".")[2] in _REMEDIES]
    if not remedies:
        return CannotTell("no trials differ in class weights or resampling")
    if name is None:
        return CannotTell("neither ROC AUC nor average precision of the trials is known")
    values = scores_of(trials, name)
    gaps = []
    for remedy in remedies:
        column = trials.parameters[remedy]
        plain = [row for row in range(trials_of(trials)) if str(column[row]).lower() in _PLAIN]
        for first in plain:
            for second in range(trials_of(trials)):
                if second not in plain and all(remedy in group for group in differing(trials, first, second)):
                    gaps.append(float(values[second] - values[first]))
    gaps = [gap for gap in gaps if math.isfinite(gap)]
    if not gaps:
        return CannotTell("no two trials differ in class weights or resampling alone")
    mean = float(np.mean(gaps))
    if len(gaps) >= 3:
        reach = float(-stdtrit(len(gaps) - 1, 0.025)) * float(np.std(gaps, ddof=1)) / math.sqrt(len(gaps))
    else:
        level = float(np.nanmean(values))
        positives = None if positives_validation is None else positives_validation.value
        error = score_error(name, level, rows_validation, positives)
        reach = errors * math.sqrt(2.0 / len(gaps)) * own_error(error, correlation)
    if math.isnan(reach):
        return CannotTell("how finely the score is known is not known (rows and positives of validation)")
    words = name.replace("_", " ").replace("auc", "ROC AUC")
    if abs(mean) > reach:
        return Passed(f"it changed the {words} by {mean:+.3f}, more than noise (± {number(reach)})")
    return Fired(
        f"{remedies[0].rpartition('.')[2].replace('_', ' ').capitalize()} changed the {words} by "
        f"{mean:+.4f} on average over {counted(len(gaps), 'pair')} of runs that differ in nothing else, "
        f"which is within noise (± {number(reach)}). As far as can be told rows are ranked as they were, and "
        "what it moves is where 0.5 lies.",
        evidence={"difference": mean, "reach": reach, "pairs": len(gaps)},
        advice="Train without it and choose the threshold on validation rows.",
    )
