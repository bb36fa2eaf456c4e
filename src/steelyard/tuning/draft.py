"""What a search is going to be: everything checked, its cost measured, nothing written yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steelyard.data import Table
from steelyard.metrics import metric
from steelyard.readout import check_objective
from steelyard.recipe import Recipe
from steelyard.recipe.base import Part
from steelyard.recipe.problems import validate
from steelyard.splitting import Way
from steelyard.study import Plan, Pruning, SamplerName, Space
from steelyard.tuning.cost import Cost, estimate, fit_to_budget, usual_batch
from steelyard.tuning.evaluation import check_metrics, parts_of
from steelyard.tuning.sampling import how_many
from steelyard.tuning.space import check_space, grid_size, space_from
from steelyard.tuning.storage import StudyStore

MOST_FOR_GRID = 100
"""Points of a space that are all tried, unless a sampler or a number of trials is given."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A plan and a number of trials.

    ``cost`` is None if nothing was measured. ``notes`` say what was cut to fit a budget.
    """

    plan: Plan
    trials: int
    cost: Cost | None = None
    notes: tuple[str, ...] = ()


def draft(
    table: Table,
    space: Space | Mapping[str, Any] | str | Path = "quick",
    *,
    recipe: Recipe | None = None,
    sampler: SamplerName | None = None,
    trials: int | None = None,
    folds: int = 5,
    seeds: int = 1,
    metrics: str | Sequence[str] = ("average_precision",),
    prune: str | Pruning | Sequence[str | Pruning] = (),
    by: Way = "random",
    test_share: float = 0.2,
    seed: int = 0,
    budget: float | None = None,
    threads: int | None = None,
    batch: int | None = None,
    reading: Mapping[str, Any] | None = None,
    begun: StudyStore | None = None,
    measure: bool = False,
) -> Draft:
    """The search that :func:`steelyard.tune` would do with these arguments; ``budget`` is in seconds.

    With a budget, or with ``measure``, networks are trained for a moment to see what a step takes. A study
    that has ``begun`` keeps what was cut from it and the size of its batches, so that the same arguments
    mean the same study whatever is measured today.

    Raises:
        RecipeError: the space or another argument makes no sense.
        DataError: the table cannot be divided like that, or there is no such metric.
    """
    recipe = Recipe() if recipe is None else recipe
    where = space_from(space)
    check_space(where, recipe)
    check_objective(recipe.decision.threshold)
    names = [metrics] if isinstance(metrics, str) else metrics
    rules = [prune] if isinstance(prune, str | Part) else prune
    arguments = {
        "recipe": recipe,
        "space": where,
        "sampler": sampler or (_usual_sampler(where, trials) if begun is None else begun.plan.sampler),
        "seed": seed,
        "metrics": tuple(metric(name).name for name in names),
        "folds": folds,
        "seeds": seeds,
        "by": by,
        "test_share": test_share,
        "pruning": tuple({"name": rule} if isinstance(rule, str) else rule for rule in rules),
        "batch": 1 if batch is None else batch,
        "fingerprint": table.fingerprint,
        "reading": {} if reading is None else dict(reading),
    }
    plan = validate(Plan, arguments, "tune")
    wanted = how_many(plan, trials)
    if batch is None:
        plan = plan.model_copy(update={"batch": usual_batch(plan, wanted)})
    check_metrics(table, plan, parts_of(table, plan))
    if begun is not None:
        plan = _as_begun(plan, begun.plan, batch_given=batch is not None, cut=budget is not None)
        if trials is None:
            wanted = begun.target()
        return Draft(plan, wanted, estimate(table, plan, wanted, threads=threads) if measure else None)
    if budget is not None:
        plan, wanted, cost, notes = fit_to_budget(table, plan, wanted, budget, threads)
        return Draft(plan, wanted, cost, notes)
    return Draft(plan, wanted, estimate(table, plan, wanted, threads=threads) if measure else None)


def _usual_sampler(space: Space, trials: int | None) -> SamplerName:
    """The grid where all of it can be tried."""
    size = grid_size(space)
    most = MOST_FOR_GRID if trials is None else trials
    return "grid" if size is not None and size <= most else "tpe"


def _as_begun(asked: Plan, begun: Plan, *, batch_given: bool, cut: bool) -> Plan:
    """What was asked for, but for what the study that has begun has decided by itself."""
    changes: dict[str, Any] = {}
    if not batch_given:
        changes["batch"] = begun.batch
    if cut:
        changes["folds"] = min(asked.folds, begun.folds)
        changes["seeds"] = min(asked.seeds, begun.seeds)
        if asked.sampler == "grid" and begun.sampler == "random":
            changes["sampler"] = begun.sampler  # a grid that was cut
    return asked.model_copy(update=changes)
