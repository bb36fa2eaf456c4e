"""What strategies against imbalance are worth: each beside doing nothing, on the same folds and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from steelyard.comparison import (
    LEVEL,
    FoldMean,
    PairedDifference,
    Verdict,
    fold_mean,
    holm,
    paired_difference,
    verdict,
)
from steelyard.crossvalidation.result import CrossValidation
from steelyard.crossvalidation.values import fold_values
from steelyard.errors import DataError
from steelyard.metrics import Metric, as_loss, metric

MARGIN = 0.02
"""Share of what the reference gains over the floor: a difference that is smaller does not matter."""


class Overall(StrEnum):
    """What a strategy amounts to, all metrics taken together."""

    BETTER = "better"
    """Better by a metric, worse by none."""
    WORSE = "worse"
    """Worse by a metric, better by none."""
    MIXED = "better and worse"
    NO_DIFFERENCE = "no difference"
    """By no metric a difference that matters."""
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Judgement:
    """One strategy by one metric.

    ``difference`` is its value less the reference's, ``p`` the difference's after Holm's correction for all
    strategies judged by this metric.
    """

    value: FoldMean
    difference: PairedDifference
    p: float
    verdict: Verdict


@dataclass(frozen=True)
class ByMetric:
    """All strategies by one metric.

    ``reference`` is the name of the one that the others are compared with, ``margin`` what does not matter,
    in the metric's own unit. A strategy that makes the same predictions as the reference has no judgement.
    ``raw`` are the means of the metric before anything was undone, where that changes it.
    """

    metric: Metric
    reference: str
    floor: float
    margin: float
    values: Mapping[str, FoldMean]
    judgements: Mapping[str, Judgement]
    raw: Mapping[str, float]


@dataclass(frozen=True)
class StrategyComparison:
    """All strategies by all metrics, and what each amounts to."""

    metrics: tuple[ByMetric, ...]
    overall: Mapping[str, Overall]
    level: float
    share: float
    """The margin, as a share of what the reference gains over the floor."""


def compare_strategies(
    result: CrossValidation,
    *,
    ranking: Sequence[str] = ("average_precision", "roc_auc", "log_loss"),
    decision: str = "f1",
    control: str = "none",
    threshold: str = "threshold",
    margin: float = MARGIN,
    level: float = LEVEL,
) -> StrategyComparison:
    """Every recipe of a cross-validation against the control.

    Metrics of probabilities are compared with ``control``. The metric ``decision``, at each recipe's own
    threshold, is compared with the recipe ``threshold``, which differs from the control in its threshold
    alone: else every strategy would be credited with what a threshold does.
    """
    for name in (control, threshold):
        if name not in result.results:
            raise DataError(
                f"compare_strategies: there is no recipe {name!r}; found {', '.join(result.results)}"
            )
    for name in ranking:
        if metric(name).direction == "nearest":
            raise DataError(
                f"compare_strategies: {metric(name).name} is best near {metric(name).ideal:g}, so neither a "
                "higher nor a lower one is better",
                help="compare calibration_error, brier or log_loss, which have a direction",
            )
    if not margin >= 0.0:
        raise DataError(f"margin: a share that is not negative; found {margin:g}")
    by_metric = tuple(
        _by_metric(result, metric(name), reference, margin, level)
        for name, reference in (*((name, control) for name in ranking), (decision, threshold))
    )
    overall = {name: _overall(name, by_metric) for name in result.results if name not in (control, threshold)}
    return StrategyComparison(by_metric, overall, level, margin)


def _by_metric(
    result: CrossValidation, chosen: Metric, reference: str, margin: float, level: float
) -> ByMetric:
    values = fold_values(result, chosen)
    raw = {} if chosen.needs_threshold else fold_values(result, chosen, raw=True)
    ratio = result.ratio
    means = {name: fold_mean(values[name], ratio, level=level) for name in result.results}
    rate = float(np.average(result.target, weights=result.weights))
    floor = chosen.floor(rate)
    gain = as_loss(chosen, floor) - as_loss(chosen, means[reference].mean)
    allowed = margin * gain if gain > 0.0 else 0.0
    others = [name for name in result.results if not _alike(result, name, reference, chosen)]
    differences = {
        name: paired_difference(values[name], values[reference], ratio, level=level) for name in others
    }
    adjusted = holm([differences[name].p for name in others]).tolist()
    judgements = {
        name: Judgement(
            means[name],
            differences[name],
            p,
            verdict(differences[name], chosen, margin=allowed, p=p, level=level),
        )
        for name, p in zip(others, adjusted, strict=True)
    }
    changed = {
        name: float(np.nanmean(raw[name]))
        for name in result.results
        if name in raw and not np.allclose(raw[name], values[name], equal_nan=True)
    }
    return ByMetric(chosen, reference, floor, allowed, means, judgements, changed)


def _alike(result: CrossValidation, name: str, reference: str, chosen: Metric) -> bool:
    """Whether both say the same of every row, as recipes that share their networks may."""
    pairs = zip(result.results[name], result.results[reference], strict=True)
    both = [(one, other) for one, other in pairs if one is not None and other is not None]
    return all(
        np.array_equal(one.probability, other.probability)
        and (not chosen.needs_threshold or one.readout.threshold == other.readout.threshold)
        for one, other in both
    )


def _overall(name: str, by_metric: Sequence[ByMetric]) -> Overall:
    found = {one.judgements[name].verdict for one in by_metric if name in one.judgements}
    if {Verdict.BETTER, Verdict.WORSE} <= found:
        return Overall.MIXED
    if Verdict.BETTER in found:
        return Overall.BETTER
    if Verdict.WORSE in found:
        return Overall.WORSE
    return Overall.CANNOT_TELL if Verdict.CANNOT_TELL in found else Overall.NO_DIFFERENCE
