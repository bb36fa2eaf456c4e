"""What a search is said to cost, beside what it then costs."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from steelyard.data import Table
from steelyard.errors import DataError
from steelyard.recipe import Change
from steelyard.study import Plan
from steelyard.tuning.cost import budget, estimate, fit_to_budget, usual_batch
from steelyard.tuning.cost.estimation import cost_of
from steelyard.tuning.cost.sample import measure
from steelyard.tuning.evaluation import evaluate
from steelyard.tuning.sampling import design
from tests.tuning.evaluation.problems import RATE, a_plan, small_recipe, small_table

GRID = {
    "parameters": [
        {"path": RATE, "values": [0.001, 0.01, 0.1]},
        {"path": "network.hidden_units", "values": [[4], [32]]},
    ]
}


@pytest.fixture(scope="module")
def table() -> Table:
    return small_table(1_400)


def trained_steps(table: Table, plan: Plan, trials: int) -> int:
    found = evaluate(table, plan, range(trials), design(plan, 0, trials))
    return sum(network.steps for trial in found for network in trial.networks)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"folds": 3, "seeds": 2},
        {"folds": 3, "by": "time"},
        {"pruning": ({"name": "halving"},), "folds": 2},
        {"pruning": ({"name": "hyperband"},), "folds": 2},
        {"pruning": ({"name": "halving", "reduction": 2}, {"name": "folds"}), "folds": 3},
    ],
    ids=str,
)
def test_steps(table: Table, arguments: dict[str, Any]) -> None:
    """As many as are trained, if nothing stops early by itself. Folds differ by a row or a batch."""
    plan = a_plan(table, small_recipe(Change("training.epochs", 9)), space=GRID, batch=6, **arguments)
    cost = estimate(table, plan, 6, threads=1)
    assert (cost.trials, cost.threads) == (6, 1)
    assert cost.networks == 6 * plan.folds * plan.seeds
    assert cost.steps == pytest.approx(trained_steps(table, plan, 6), rel=0.08)


def test_resampled_rows_count(table: Table) -> None:
    recipe = small_recipe(Change("imbalance.resampling", "random_over_sampling"))
    plan = a_plan(table, recipe, space=GRID, batch=6)
    assert estimate(table, plan, 6).steps == trained_steps(table, plan, 6)


def test_seconds_are_in_proportion(table: Table) -> None:
    """How many they are depends on the machine; that ten times as many trials take ten times as long does
    not."""
    plan = a_plan(table, small_recipe(), space=GRID, batch=6)
    measured = estimate(table, plan, 6, threads=1)
    assert 0.0 < measured.microseconds_per_step < 1e6
    assert measured.seconds > measured.steps * measured.microseconds_per_step / 1e6
    assert measured.bytes > 0


@pytest.mark.parametrize("rules", [(), ({"name": "folds"},)], ids=["all folds", "fold by fold"])
def test_threads_that_have_nothing_to_do_save_no_time(table: Table, rules: tuple[Any, ...]) -> None:
    """Six networks of two sizes in a batch: batches follow each other, whatever could be trained beside."""
    plan = a_plan(table, small_recipe(), space=GRID, batch=2, folds=3, pruning=rules)
    small, large = 2.0, 6.0  # seconds of each network
    measured = dataclasses.replace(
        measure(table, plan, 2, threads=1),
        epochs=np.ones(2),
        seconds=np.array([small, large]),
        preparing=0.0,
        alike=True,
    )
    by_threads = {1: 24.0, 2: 18.0, 3: 18.0} if rules else {1: 24.0, 2: 14.0, 3: 8.0, 6: 6.0, 64: 6.0}
    for threads, seconds in by_threads.items():
        found = cost_of(measured, plan, 20, threads)
        assert found.seconds == pytest.approx(10 * seconds, abs=0.2)
        assert found.microseconds_per_step == pytest.approx(1e6 * 240.0 / found.steps, rel=0.01)


def test_a_plan_that_cannot_be_judged_is_refused(table: Table) -> None:
    with pytest.raises(DataError, match="not a metric"):
        estimate(table, a_plan(table, small_recipe(), metrics=("auk",), space=GRID), 6)


def test_everything_fits_into_a_large_budget(table: Table) -> None:
    plan = a_plan(table, small_recipe(), folds=2, space=GRID)
    fitted, trials, cost, notes = fit_to_budget(table, plan, 6, seconds=1e6)
    assert (fitted, trials, notes) == (plan, 6, ())
    assert cost.seconds < 1e6


def test_what_is_cut_first(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan(
        table, small_recipe(Change("training.epochs", 200)), sampler="random", folds=6, seeds=4, space=GRID
    )
    measured = measure(table, plan, 60, threads=1)
    monkeypatch.setattr(budget, "measure", lambda *_: measured)  # another time it takes another time
    whole = cost_of(measured, plan, 60, threads=1).seconds
    cuts = []
    for share in (2.0, 0.6, 0.2, 0.09, 0.04, 0.004, 1e-9):
        fitted, trials, cost, notes = fit_to_budget(table, plan, 60, share * whole, threads=1)
        cuts.append((fitted.seeds, fitted.folds, trials))
        assert cost.seconds <= share * whole or cuts[-1] == (1, 1, 1)
        assert len(notes) == sum(np.array(cuts[-1]) != (4, 6, 60)) + (cost.seconds > share * whole)
        assert fitted.sampler == "random"
    assert cuts == sorted(cuts, reverse=True)
    assert cuts[0] == (4, 6, 60) and cuts[-1] == (1, 1, 1)
    for seeds, folds, trials in cuts:
        assert seeds == 1 or folds == 6
        assert folds >= 3 or trials <= 12
        assert folds <= 3 or trials == 60


def test_a_grid_that_is_cut_becomes_random(table: Table) -> None:
    plan = a_plan(table, small_recipe(Change("training.epochs", 500)), space=GRID, folds=3)
    fitted, trials, _, notes = fit_to_budget(table, plan, 6, 1e-9, threads=1)
    assert (fitted.sampler, fitted.folds, trials) == ("random", 1, 1)
    assert any("at random" in note for note in notes)


@pytest.mark.parametrize(
    ("sampler", "networks", "rules", "trials", "batch"),
    [
        ("grid", 1, (), 1_000, 64),
        ("random", 15, (), 100, 17),
        ("grid", 15, (), 10, 10),
        ("tpe", 5, (), 50, 8),
        ("tpe", 1, (), 200, 16),
        ("tpe", 5, (), 3, 1),
        ("tpe", 5, (), 1_000, 20),
        ("tpe", 1, (), 1_000, 20),
        ("grid", 5, ("halving",), 200, 81),
        ("random", 15, ("hyperband", "folds"), 200, 40),
        ("tpe", 5, ("halving",), 200, 27),
        ("random", 5, ("patience",), 200, 51),
    ],
)
def test_the_usual_batch(
    table: Table, sampler: str, networks: int, rules: tuple[str, ...], trials: int, batch: int
) -> None:
    pruning = tuple({"name": rule} for rule in rules)
    plan = a_plan(table, small_recipe(), sampler=sampler, seeds=networks, pruning=pruning, batch=1)
    assert usual_batch(plan, trials) == batch
