"""The trials of a study as one table."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars

from steelyard.run import RunStatus
from steelyard.study import Plan, Trial


def trial_table(plan: Plan, trials: Sequence[Trial]) -> polars.DataFrame:
    """A row per trial: ``number``, ``state``, each parameter by its path, each metric, and what it took.

    Of each metric there are the mean over the networks of its values at their best epochs (under its name)
    and at their last ones (``_last``), its standard deviation over the folds (``_folds``: of the means of
    their networks) and over the seeds (``_seeds``: within a fold, pooled over folds). What only one fold or
    seed cannot say is null, as is a parameter that is not active, and all of a trial that still runs.

    ``best_epoch`` and ``epochs`` are medians over the networks; ``steps`` and ``seconds`` their sums.
    ``networks`` counts them, ``diverged`` those among them that diverged.
    """
    columns: dict[str, polars.Series] = {
        "number": polars.Series([trial.number for trial in trials], dtype=polars.Int64),
        "state": polars.Series([trial.state.value for trial in trials], dtype=polars.String),
    }
    for parameter in plan.space.parameters:
        columns[parameter.path] = _plain([trial.point.get(parameter.path) for trial in trials])
    rows = [_measured(plan, trial) for trial in trials]
    for name in _names(plan):
        whole = name in ("steps", "networks", "diverged")
        columns[name] = polars.Series(
            [row.get(name) for row in rows], dtype=polars.Int64 if whole else polars.Float64
        )
    return polars.DataFrame(columns)


def _names(plan: Plan) -> list[str]:
    of_metrics = [f"{name}{ending}" for name in plan.metrics for ending in ("", "_last", "_folds", "_seeds")]
    return [*of_metrics, "best_epoch", "epochs", "steps", "seconds", "networks", "diverged"]


def _measured(plan: Plan, trial: Trial) -> dict[str, float | None]:
    networks = trial.networks
    if not networks:
        return {}
    found: dict[str, float | None] = {
        "best_epoch": float(np.median([network.best_epoch for network in networks])),
        "epochs": float(np.median([network.epochs for network in networks])),
        "steps": sum(network.steps for network in networks),
        "seconds": trial.seconds,
        "networks": len(networks),
        "diverged": sum(network.status is RunStatus.DIVERGED for network in networks),
    }
    for name in plan.metrics:
        folds = defaultdict(list)
        for network in networks:
            folds[network.fold].append(network.best[name])
        found[name] = float(np.mean([network.best[name] for network in networks]))
        found[f"{name}_last"] = float(np.mean([network.last[name] for network in networks]))
        found[f"{name}_folds"], found[f"{name}_seeds"] = spreads_of([*folds.values()])
    return found


def spreads_of(folds: Sequence[Sequence[float]]) -> tuple[float | None, float | None]:
    """The standard deviation of a metric over folds (of the means of their networks) and over seeds (within a
    fold, pooled over folds), from its values by fold. None if there is only one fold, or seed; and of what is
    not finite, which a loss is where a network diverged: a spread of that says nothing.

    >>> spreads_of([[1.0, 3.0], [2.0, 4.0]])
    (0.7071067811865476, 1.4142135623730951)
    """
    if not all(np.isfinite(values).all() for values in folds):
        return None, None
    means = [float(np.mean(values)) for values in folds]
    within = [float(np.var(values, ddof=1)) for values in folds if len(values) > 1]
    return (
        float(np.std(means, ddof=1)) if len(means) > 1 else None,
        float(np.sqrt(np.mean(within))) if within else None,
    )


def _plain(values: Sequence[Any]) -> polars.Series:
    """Values of a parameter as one column: as they are if they are alike, else as JSON."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and kinds:
        whole = kinds == {int}
        return polars.Series(values, dtype=polars.Int64 if whole else polars.Float64, strict=False)
    if len(kinds) == 1 and kinds <= {bool, str}:
        return polars.Series(values, dtype=polars.Boolean if kinds == {bool} else polars.String)
    written = [None if value is None else json.dumps(value, default=_as_document) for value in values]
    return polars.Series(written, dtype=polars.String)


def _as_document(value: Any) -> Any:
    """For JSON: a part of a recipe."""
    return value.model_dump(mode="json")
