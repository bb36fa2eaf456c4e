"""Searches that never took place: plans, and trials with the scores a test wants them to have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.recipe import Recipe
from steelyard.run import RunStatus
from steelyard.study import Choice, NetworkOutcome, Plan, Point, Range, Space, Trial, TrialState

SPACE = Space(
    parameters=(
        Range(path="optimizer.learning_rate", low=1e-4, high=1e-1, log=True),
        Choice(path="network.dropout", values=(0.0, 0.2, 0.4)),
    )
)


def plan_of(
    space: Space = SPACE,
    *,
    folds: int = 5,
    seeds: int = 1,
    metrics: tuple[str, ...] = ("average_precision",),
    recipe: Recipe | None = None,
    **other: Any,
) -> Plan:
    """A plan; what the test does not care about is as usual."""
    return Plan(
        recipe=Recipe() if recipe is None else recipe,
        space=space,
        sampler="random",
        metrics=metrics,
        folds=folds,
        seeds=seeds,
        batch=10,
        fingerprint="0" * 16,
        **other,
    )


def network(
    fold: int,
    seed: int,
    scores: Mapping[str, float],
    *,
    status: RunStatus = RunStatus.STOPPED_EARLY,
    best_epoch: int = 8,
    epochs: int = 20,
    curves: Mapping[str, Any] | None = None,
) -> NetworkOutcome:
    """A network with these scores at its best epoch; at the last one they are a tenth worse."""
    return NetworkOutcome(
        fold=fold,
        seed=seed,
        status=status,
        reason="",
        best_epoch=best_epoch,
        epochs=epochs,
        steps=100 * epochs,
        best=dict(scores),
        last={name: 0.9 * value for name, value in scores.items()},
        curves={} if curves is None else curves,
        seconds=0.1,
    )


def trial_of(
    plan: Plan,
    number: int,
    values: Any,
    *,
    point: Point | None = None,
    state: TrialState = TrialState.COMPLETE,
    status: RunStatus = RunStatus.STOPPED_EARLY,
    best_epoch: int = 8,
    epochs: int = 20,
    seconds: float = 1.0,
    curves: Callable[[int, int], Mapping[str, Any]] | None = None,
    more: Mapping[str, float] | None = None,
) -> Trial:
    """A trial whose networks score ``values`` (folds, seeds) by the first metric; ``more`` are others."""
    scores = np.broadcast_to(np.asarray(values, float), (plan.folds, plan.seeds))
    networks = tuple(
        network(
            fold,
            plan.seed + fold * plan.seeds + seed,
            {plan.metrics[0]: float(scores[fold, seed]), **(more or {})},
            status=status,
            best_epoch=best_epoch,
            epochs=epochs,
            curves=None if curves is None else curves(fold, seed),
        )
        for fold in range(plan.folds)
        for seed in range(plan.seeds)
    )
    return Trial(
        number=number,
        point={} if point is None else point,
        state=state,
        values=(float(scores.mean()), *(more or {}).values()),
        networks=networks,
        seconds=seconds,
    )


def drawn(
    plan: Plan,
    random: np.random.Generator,
    means: Sequence[float],
    *,
    fold: float = 0.02,
    both: float = 0.01,
    seed: float = 0.01,
    points: Sequence[Point] | None = None,
) -> list[Trial]:
    """Trials with these true means; noise from folds, trials in folds and seeds has these deviations."""
    shape = (len(means), plan.folds, plan.seeds)
    values = (
        np.asarray(means)[:, None, None]
        + fold * random.normal(size=(1, plan.folds, 1))
        + both * random.normal(size=shape[:2])[:, :, None]
        + seed * random.normal(size=shape)
    )
    return [
        trial_of(plan, number, values[number], point=None if points is None else points[number])
        for number in range(len(means))
    ]
