"""The largest plan that fits into a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from steelyard.data import Table
from steelyard.engine import usable_threads
from steelyard.study import Plan
from steelyard.tuning.cost.estimation import Cost, cost_of
from steelyard.tuning.cost.sample import measure


def fit_to_budget(
    table: Table, plan: Plan, trials: int, seconds: float, threads: int | None = None
) -> tuple[Plan, int, Cost, tuple[str, ...]]:
    """Plan and number of trials that take no longer than ``seconds``, their cost, and what was cut.

    Cut are, in this order and only as far as needed: seeds down to 1, folds down to 3, trials down to 12,
    folds down to 1, trials down to 1. A grid that loses points becomes a random search: the first points of a
    grid are all alike. If nothing fits, one trial is left, and a note says so.
    """
    used = usable_threads(threads)
    measured = measure(table, plan, trials, used)
    smaller = list(_smaller(plan, trials))
    place = bisect_left(
        smaller, True, key=lambda option: cost_of(measured, option[0], option[1], used).seconds <= seconds
    )
    fitted, count = smaller[min(place, len(smaller) - 1)]
    cost = cost_of(measured, fitted, count, used)
    return fitted, count, cost, _told(plan, trials, fitted, count, cost, seconds)


def _smaller(plan: Plan, trials: int) -> Iterator[tuple[Plan, int]]:
    """The plan, and plans with ever less of everything."""
    yield plan, trials
    for name, least in (("seeds", 1), ("folds", 3), ("trials", 12), ("folds", 1), ("trials", 1)):
        if name == "trials":
            sampler = "random" if plan.sampler == "grid" and trials > least else plan.sampler
            plan = plan.model_copy(update={"sampler": sampler})
            for count in range(trials - 1, least - 1, -1):
                yield plan, count
            trials = min(trials, least)
        else:
            for count in range(getattr(plan, name) - 1, least - 1, -1):
                plan = plan.model_copy(update={name: count})
                yield plan, trials


def _told(plan: Plan, trials: int, fitted: Plan, count: int, cost: Cost, seconds: float) -> tuple[str, ...]:
    """What was cut, as sentences."""
    notes = [
        f"{name}: {now} instead of {before}, to fit into {seconds:,.0f} s"
        for name, before, now in (
            ("seeds", plan.seeds, fitted.seeds),
            ("folds", plan.folds, fitted.folds),
            ("trials", trials, count),
        )
        if now != before
    ]
    if fitted.sampler != plan.sampler:
        notes.append("the points are drawn at random instead of the first of the grid")
    if cost.seconds > seconds:
        notes.append(f"even so it takes about {cost.seconds:,.0f} s")
    return tuple(notes)
