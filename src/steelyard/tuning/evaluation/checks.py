"""What must be right with a plan before anything of it is trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.data import Table
from steelyard.errors import DataError, RecipeError
from steelyard.metrics import Metric, metric
from steelyard.metrics.definition import lacking
from steelyard.metrics.rows import Rows
from steelyard.readout import check_objective
from steelyard.recipe import Recipe
from steelyard.study import Plan
from steelyard.tuning.evaluation.parts import Parts


def check_metrics(table: Table, plan: Plan, parts: Parts) -> dict[str, Metric]:
    """The metrics of the plan by the names it gives them.

    Raises :class:`~steelyard.errors.DataError` for names that are none, for metrics that are undefined on the
    validation rows of a fold, and for one that ranks trials but has no better direction; and
    :class:`~steelyard.errors.RecipeError` for stopping with several objectives.
    """
    found = {name: metric(name) for name in plan.metrics}
    ranking = plan.metrics if plan.sampler == "nsga2" else plan.metrics[:1]
    problems = [
        f"metrics: {name} cannot rank trials: it is best at {found[name].ideal:g}, and the mean over folds "
        "can be there without any of them being"
        for name in ranking
        if found[name].direction == "nearest"
    ]
    if problems:
        raise DataError(*problems, help="rank by another one, calibration_error say, and name it second")
    if plan.pruning and plan.sampler == "nsga2" and len(plan.metrics) > 1:
        raise RecipeError(
            f"prune: trials are stopped by their {plan.metrics[0]} alone, and nsga2 is to find the best "
            f"trade-offs with {', '.join(plan.metrics[1:])}",
            help="leave prune out, or rank by one metric with another sampler",
        )
    for number, split in enumerate(parts.splits, start=1):
        weights = None if table.weights is None else table.weights[split.validation].astype(np.float64)
        rows = Rows(table.target[split.validation], np.zeros(len(split.validation)), weights)
        if weights is not None and not weights.any():
            problems.append(f"all validation rows of fold {number} of {len(parts.splits)} have weight zero")
            continue
        for one in found.values():
            if reason := lacking(one, rows):
                problems.append(
                    f"metrics: {one.name} {reason} (the validation rows of fold {number} of "
                    f"{len(parts.splits)})"
                )
    if problems:
        raise DataError(*problems, help="use fewer folds, divide the rows in another way, or another metric")
    return found


def check_recipes(recipes: Sequence[Recipe]) -> None:
    """Raises :class:`~steelyard.errors.RecipeError` for a threshold's objective that is none."""
    for objective in {recipe.decision.threshold for recipe in recipes}:
        check_objective(objective)
