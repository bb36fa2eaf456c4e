"""Cross-validations and comparisons as plain documents: what ``--json`` prints and ``results.json`` holds.

What people read in the terminal draws on the same documents. NaN and infinity become null.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.comparison import LEVEL, FoldMean, PairedDifference, fold_mean, leaderboard, paired_difference
from steelyard.crossvalidation.result import ByFold, CrossValidation
from steelyard.crossvalidation.strategies import ByMetric, StrategyComparison
from steelyard.crossvalidation.values import fold_values
from steelyard.metrics import metric
from steelyard.readout import rows_that_chose
from steelyard.recipe import Recipe

FORMAT = 1
"""Raised when a reader of an older document would misunderstand a newer one."""


def validation_document(
    result: CrossValidation,
    metrics: Sequence[str],
    *,
    ranked_by: str,
    level: float = LEVEL,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """A cross-validation in numbers, texts, lists and dictionaries only.

    ``recipes`` and ``yardsticks`` hold for each name the mean of each metric over the folds, with its
    spread and interval, and for each recipe its value in every fold; ``leaderboard`` orders the recipes by
    the metric ``ranked_by``.
    """
    chosen = [metric(name) for name in dict.fromkeys([ranked_by, *metrics])]
    values = {one.name: fold_values(result, one) for one in chosen}
    means = {
        who: {name: _mean(fold_mean(values[name][who], result.ratio, level=level)) for name in values}
        for who in (*result.results, *result.yardsticks)
    }
    rate = _base_rate(result)
    first = chosen[0]
    of_recipes = {name: values[first.name][name] for name in result.results}
    board = leaderboard(of_recipes, first, result.ratio, level=level)
    best = board.order[0]
    behind = {
        name: paired_difference(of_recipes[name], of_recipes[best], result.ratio, level=level)
        for name in board.order[1:]
    }
    return {
        **_head(result, warnings),
        "level": level,
        "metrics": {
            one.name: {
                "meaning": one.meaning,
                "direction": one.direction,
                "floor": _number(one.floor(rate)),
            }
            for one in chosen
        },
        "recipes": {
            name: {
                "metrics": means[name],
                "by_fold": {one: [_number(value) for value in values[one][name]] for one in values},
                **_training(found, result.recipes[name]),
            }
            for name, found in result.results.items()
        },
        "yardsticks": {name: {"metrics": means[name]} for name in result.yardsticks},
        "leaderboard": {
            "metric": first.name,
            "order": list(board.order),
            "tied": list(board.tied),
            "behind": {
                name: {**_difference(found), "p_holm": _number(board.p[best, name])}
                for name, found in behind.items()
            },
        },
    }


def comparison_document(
    result: CrossValidation, comparison: StrategyComparison, *, warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """A comparison of strategies, likewise."""
    return {
        **_head(result, warnings),
        "level": comparison.level,
        "margin_share": comparison.share,
        "metrics": {one.metric.name: _by_metric(one) for one in comparison.metrics},
        "overall": {name: overall.value for name, overall in comparison.overall.items()},
        "strategies": {
            name: _training(found, result.recipes[name]) for name, found in result.results.items()
        },
    }


def _head(result: CrossValidation, warnings: Sequence[str]) -> dict[str, Any]:
    target = result.schema.target
    resampling = {f"{name}: {note}" for name, found in result.results.items() for note in _notes_of(found)}
    return {
        "format": FORMAT,
        "status": "completed" if result.complete else "interrupted",
        "data": {
            "source": result.source,
            "fingerprint": result.fingerprint,
            "rows": len(result.target),
            "positives": int(result.target.sum()),
            "base_rate": _number(_base_rate(result)),
            "target": asdict(target),
        },
        "folds": {
            "by": result.by,
            "method": result.method,
            "planned": len(result.folds),
            "finished": sum(held_out is not None for held_out in next(iter(result.results.values()))),
            "base_rates": [_number(_base_rate(result, fold.split.test)) for fold in result.folds],
            "rows": {
                part: round(float(np.mean([len(getattr(fold.split, part)) for fold in result.folds])))
                for part in ("train", "validation", "test")
            },
        },
        "seed": result.seed,
        "seeds": result.seeds,
        "networks": result.trained,
        "notes": [*result.notes, *sorted(resampling)],
        "warnings": list(warnings),
        "seconds": _number(result.seconds),
    }


def _notes_of(found: ByFold) -> set[str]:
    """What was said of the first fold; the others differ in their numbers."""
    first = next((held_out for held_out in found if held_out is not None), None)
    return set() if first is None else set(first.notes)


def _training(found: ByFold, recipe: Recipe) -> dict[str, Any]:
    """What became of the networks of a recipe; ``bookkeeping`` says which part of every fold chose what."""
    held_out = [one for one in found if one is not None]
    networks = [network for one in held_out for network in one.networks]
    thresholds = [one.readout.threshold for one in held_out]
    first = held_out[0]
    return {
        "folds": len(held_out),
        "statuses": dict(Counter(network.status.value for network in networks)),
        "best_epoch": int(np.median([network.best_epoch for network in networks])),
        "threshold": {
            "objective": first.readout.objective,
            "median": _number(np.median(thresholds)),
            "lowest": min(thresholds),
            "highest": max(thresholds),
        },
        "calibrated": sum(one.readout.calibrator is not None for one in held_out),
        "bookkeeping": rows_that_chose(recipe, first.readout, first.calibration, first.threshold),
        "recipe": recipe.model_dump(mode="json"),
    }


def _by_metric(one: ByMetric) -> dict[str, Any]:
    return {
        "meaning": one.metric.meaning,
        "direction": one.metric.direction,
        "floor": _number(one.floor),
        "reference": one.reference,
        "margin": _number(one.margin),
        "strategies": {
            name: {
                **_mean(value),
                "as_trained": _number(one.raw.get(name)),
                "difference": None
                if (judged := one.judgements.get(name)) is None
                else {
                    **_difference(judged.difference),
                    "p_holm": _number(judged.p),
                    "verdict": judged.verdict.value,
                },
            }
            for name, value in one.values.items()
        },
    }


def _mean(found: FoldMean) -> dict[str, Any]:
    return _numbers(asdict(found))


def _difference(found: PairedDifference) -> dict[str, Any]:
    return _numbers(asdict(found))


def _base_rate(result: CrossValidation, rows: NDArray[np.int64] | None = None) -> float:
    """Of all rows, or of some."""
    target = result.target if rows is None else result.target[rows]
    weights = result.weights if rows is None or result.weights is None else result.weights[rows]
    return float(np.average(target, weights=weights))


def _numbers(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _number(value) for name, value in record.items()}


def _number(value: Any) -> Any:
    """Python's own number for numpy's; None for what JSON cannot say."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
