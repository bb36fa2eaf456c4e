"""Numbers out of a cross-validation: a metric by fold, a probability by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.crossvalidation.result import CrossValidation, HeldOut
from steelyard.metrics import Metric, evaluate, metric
from steelyard.readout import AS_TRAINED
from steelyard.thresholds import Fixed, PrecisionAtLeast, Rate, RecallAtLeast, Top, parse_objective


def fold_values(
    result: CrossValidation, name: str | Metric, *, raw: bool = False
) -> dict[str, NDArray[np.float64]]:
    """A metric on the rows held out by each fold, float64 (folds,), for every recipe and yardstick.

    Decisions are those at each fold's own threshold. NaN where a fold was not finished or the metric is
    undefined on its rows. With ``raw`` the probabilities are those before anything was undone.
    """
    chosen = metric(name)
    entries = {**result.results, **result.yardsticks}
    return {who: np.array([_value(result, found, chosen, raw) for found in entries[who]]) for who in entries}


def out_of_fold(
    result: CrossValidation, name: str, *, repeat: int = 1, raw: bool = False
) -> NDArray[np.float64]:
    """The probability of every row of the table, by the fold that held it out, float64 (rows,).

    NaN for rows that no finished fold of this repeat held out: of rows in order, the first block.
    """
    together = np.full(len(result.target), np.nan)
    for found in {**result.results, **result.yardsticks}[name]:
        if found is not None and found.fold.repeat == repeat:
            together[found.fold.split.test] = found.raw if raw else found.probability
    return together


def decision_metric(objective: str) -> str:
    """The metric that says how well decisions serve what a threshold was chosen for.

    >>> decision_metric("cost fp=1 fn=10"), decision_metric("recall>=0.8"), decision_metric("0.5")
    ('cost fp=1 fn=10', 'precision', 'f1')
    """
    if objective == AS_TRAINED:
        return "f1"
    spec = parse_objective(objective)
    match spec:
        case PrecisionAtLeast():
            return "recall"
        case RecallAtLeast() | Top() | Rate():
            return "precision"
        case Fixed():
            return "f1"
    return str(spec)


def _value(result: CrossValidation, found: HeldOut | None, chosen: Metric, raw: bool) -> float:
    if found is None:
        return float("nan")
    rows = found.fold.split.test
    evaluation = evaluate(
        result.target[rows],
        found.raw if raw else found.probability,
        None if result.weights is None else result.weights[rows],
        metrics=[chosen],
        threshold=found.readout.threshold,
        resamples=0,
    )
    return evaluation.estimates[chosen.name].value
