"""Searches from a table to a study."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import steelyard
from steelyard.data import Table
from steelyard.datasets import one_hot_purchases
from steelyard.errors import DataError, RecipeError, SteelyardError, StudyError
from steelyard.recipe import Change, Recipe, apply
from steelyard.tables import table_from
from steelyard.tuning import Ending
from steelyard.tuning.evaluation import Step
from steelyard.tuning.events import BatchBegun, BatchDone, Event, Stage
from tests.tuning.same import assert_same_trials

RATES = {"optimizer.learning_rate": (1e-4, 1e-1)}
"""Endlessly many points."""


def test_a_grid(table: Table, quick: Recipe, space: dict[str, Any]) -> None:
    study = steelyard.tune(
        table, space, recipe=quick, folds=3, seeds=2, metrics=["roc_auc", "log_loss"], batch=4
    )
    assert study.plan.sampler == "grid"
    assert study.ending is Ending.COMPLETE and study.finished == study.target == 6
    assert [tuple(trial.point.values()) for trial in study.trials] == [
        (rate, size) for rate in (0.001, 0.01, 0.1) for size in (32, 64)
    ]
    assert all(len(trial.networks) == 6 for trial in study.trials)
    best = max(study.trials, key=lambda trial: np.mean([one.best["roc_auc"] for one in trial.networks]))
    assert study.best.number == best.number
    assert study.best_recipe.optimizer.learning_rate == best.point["optimizer.learning_rate"]
    assert study.table["roc_auc"].arg_max() == best.number
    assert study.winner is not None and study.winner.trial == best.number
    assert study.judged == (best.number,)
    assert "6 trials" in repr(study) and "<table>" in study._repr_html_()


def test_what_is_told(table: Table, quick: Recipe, space: dict[str, Any]) -> None:
    events: list[Event] = []
    study = steelyard.tune(table, space, recipe=quick, folds=2, batch=3, on_event=events.append)
    assert [event.batch.numbers for event in events if isinstance(event, BatchBegun)] == [
        (0, 1, 2),
        (3, 4, 5),
    ]
    steps = [event for event in events if isinstance(event, Step)]
    assert len(steps) == sum(network.epochs for trial in study.trials for network in trial.networks)
    done = [event for event in events if isinstance(event, BatchDone)]
    assert_same_trials([trial for event in done for trial in event.trials], study.trials)
    assert isinstance(events[-1], Stage)


def test_the_same_call_goes_on(table: Table, quick: Recipe, space: dict[str, Any], tmp_path: Path) -> None:
    def search(trials: int, storage: Path, events: list[Event]) -> steelyard.Study:
        return steelyard.tune(
            table,
            space,
            recipe=quick,
            sampler="random",
            trials=trials,
            folds=2,
            batch=2,
            storage=storage,
            refit=False,
            on_event=events.append,
        )

    whole = search(6, tmp_path / "whole.db", [])
    search(4, tmp_path / "parts.db", [])
    events: list[Event] = []
    parts = search(6, tmp_path / "parts.db", events)
    assert [event.batch.numbers for event in events if isinstance(event, BatchBegun)] == [(4, 5)]
    assert_same_trials(parts.trials, whole.trials)
    events.clear()
    search(6, tmp_path / "parts.db", events)
    assert not events
    loaded = steelyard.load_study(tmp_path / "parts.db")
    assert loaded.ending is None and loaded.winner is None
    assert_same_trials(loaded.trials, whole.trials)


def test_the_number_of_threads_changes_nothing(table: Table, quick: Recipe, space: dict[str, Any]) -> None:
    one, two = (
        steelyard.tune(table, space, recipe=quick, folds=2, refit=False, threads=threads, prune="halving")
        for threads in (1, 2)
    )
    assert_same_trials(one.trials, two.trials)


def test_ctrl_c_leaves_a_study_that_goes_on(
    table: Table, quick: Recipe, space: dict[str, Any], tmp_path: Path
) -> None:
    def search(**more: Any) -> steelyard.Study:
        return steelyard.tune(table, space, recipe=quick, folds=2, batch=2, refit=False, **more)

    def interrupt(event: Event) -> None:
        if isinstance(event, Step) and event.trial == 3:
            raise KeyboardInterrupt

    interrupted = search(storage=tmp_path / "s.db", on_event=interrupt)
    assert interrupted.ending is Ending.INTERRUPTED
    assert [trial.number for trial in interrupted.trials if trial.values is not None] == [0, 1]
    assert_same_trials(search(storage=tmp_path / "s.db").trials, search().trials)


def test_ctrl_c_before_anything_is_finished_is_raised(
    table: Table, quick: Recipe, space: dict[str, Any]
) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, Step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steelyard.tune(table, space, recipe=quick, folds=2, on_event=interrupt)


def test_a_deadline(table: Table, quick: Recipe, tmp_path: Path) -> None:
    """A study that has begun is not cut again: the budget is a deadline then."""
    arguments: dict[str, Any] = {"recipe": quick, "folds": 2, "batch": 1, "storage": tmp_path / "s.db"}
    steelyard.tune(table, RATES, sampler="random", trials=1, **arguments)
    found = steelyard.tune(table, RATES, sampler="random", trials=10_000, budget=0.5, **arguments)
    assert found.ending is Ending.OUT_OF_TIME
    assert 1 <= found.finished < 10_000
    assert found.winner is not None


def test_a_budget_cuts_a_new_study(table: Table, quick: Recipe) -> None:
    slow = apply(quick, Change("training.epochs", 400))
    study = steelyard.tune(
        table, RATES, recipe=slow, sampler="random", trials=5000, folds=2, budget="3s", refit=False
    )
    assert 0 < study.target < 5000
    assert study.notes


@pytest.mark.parametrize("sampler", ["random", "sobol", "tpe", "cmaes"])
def test_samplers_are_repeatable(table: Table, quick: Recipe, sampler: Any) -> None:
    space = {"optimizer.learning_rate": (1e-4, 1e-1), "optimizer.epsilon": (1e-8, 1e-6)}
    one, two = (
        steelyard.tune(table, space, recipe=quick, sampler=sampler, trials=12, folds=2, batch=3, refit=False)
        for _ in range(2)
    )
    assert_same_trials(one.trials, two.trials)
    assert len({tuple(trial.point.values()) for trial in one.trials}) == 12


def test_several_objectives(table: Table, quick: Recipe) -> None:
    study = steelyard.tune(
        table,
        RATES,
        recipe=quick,
        sampler="nsga2",
        metrics=("average_precision", "log_loss"),
        trials=6,
        folds=2,
        batch=3,
        refit=False,
    )
    assert all(trial.values is not None and len(trial.values) == 2 for trial in study.trials)
    assert len(study.optuna().directions) == 2


def test_optuna_reads_the_study(table: Table, quick: Recipe, space: dict[str, Any]) -> None:
    study = steelyard.tune(table, space, recipe=quick, folds=2)
    theirs = study.optuna()
    assert [trial.value for trial in theirs.trials] == [
        None if trial.values is None else trial.values[0] for trial in study.trials
    ]
    assert theirs.best_trial.number == study.best.number


def test_a_study_without_storage_goes_with_its_object(
    table: Table, quick: Recipe, space: dict[str, Any]
) -> None:
    study = steelyard.tune(table, space, recipe=quick, folds=2, refit=False)
    path = Path(study.url)
    assert path.is_file()
    del study
    gc.collect()
    assert not path.parent.exists()


def test_the_winner_counts_as_a_reading_of_the_test_rows(table: Table, quick: Recipe, tmp_path: Path) -> None:
    space = {"optimizer.learning_rate": [0.01, 0.0001, 0.03]}

    def search(trials: int) -> steelyard.Study:
        return steelyard.tune(
            table,
            space,
            recipe=quick,
            sampler="grid",
            trials=trials,
            folds=2,
            batch=1,
            storage=tmp_path / "s.db",
        )

    first = search(2)
    assert first.judged == (first.best.number,)
    assert search(2).judged == first.judged, "the same network again tells nothing new"
    assert not first.notes
    second = search(3)
    if second.best.number == first.best.number:  # the seeds decide; then there is no second reading
        pytest.fail("the third point was to be the best: choose another one")
    assert second.judged == (first.best.number, second.best.number)
    assert any("were read before, for trial 0" in note for note in second.notes)


def test_a_loaded_study_can_be_refitted(
    table: Table, quick: Recipe, space: dict[str, Any], tmp_path: Path
) -> None:
    whole = steelyard.tune(table, space, recipe=quick, folds=2, storage=tmp_path / "s.db")
    loaded = steelyard.load_study(tmp_path / "s.db", "study").refit(table)
    assert whole.winner is not None and loaded.winner is not None
    assert loaded.winner.held_out == whole.winner.held_out
    np.testing.assert_array_equal(
        loaded.winner.result.probabilities["test"], whole.winner.result.probabilities["test"]
    )


def test_no_test_rows(table: Table, quick: Recipe, space: dict[str, Any]) -> None:
    study = steelyard.tune(table, space, recipe=quick, folds=2, test_share=0.0)
    assert study.winner is not None
    assert study.judged == ()


def test_a_trial_that_diverges_is_the_worst(table: Table, quick: Recipe) -> None:
    study = steelyard.tune(
        table,
        {"optimizer.learning_rate": [0.01, 1e30]},
        recipe=quick,
        folds=2,
        metrics="log_loss",
        refit=False,
    )
    assert study.ending is Ending.COMPLETE
    assert study.trials[1].values == (np.inf,)
    assert study.best.number == 0
    assert "T104" in [finding.code for finding in study.findings]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"space": {"optimizer.learning_rat": [0.1]}}, RecipeError, "did you mean"),
        ({"space": {}}, RecipeError, "space"),
        ({"space": "quik"}, SteelyardError, "quick"),
        ({"metrics": "log_los"}, DataError, "log_loss"),
        ({"metrics": ()}, RecipeError, "metrics"),
        ({"folds": 0}, RecipeError, "folds"),
        ({"seeds": 0}, RecipeError, "seeds"),
        ({"sampler": "gird"}, RecipeError, "grid"),
        ({"prune": "halfing"}, RecipeError, "halving"),
        ({"trials": 0}, SteelyardError, "trials"),
        ({"by": "time"}, DataError, "time"),
        ({"test_share": 1.0}, RecipeError, "test_share"),
        ({"budget": "soon"}, SteelyardError, "10m"),
        ({"budget": 0}, SteelyardError, "duration"),
        ({"batch": 0}, RecipeError, "batch"),
        ({"executor": "dask"}, SteelyardError, "'local' or 'ray'"),
        ({"address": "auto"}, SteelyardError, "ray"),
        ({"threads": 0}, SteelyardError, "threads"),
        ({"storage": ":memory:"}, SteelyardError, "memory"),
    ],
)
def test_arguments_that_make_no_sense(
    table: Table, quick: Recipe, space: dict[str, Any], change: dict[str, Any], error: Any, words: str
) -> None:
    arguments: dict[str, Any] = {"space": space, "recipe": quick, "folds": 2, **change}
    with pytest.raises(error, match=words):
        steelyard.tune(table, arguments.pop("space"), **arguments)


def test_another_search_of_that_name(
    table: Table, quick: Recipe, space: dict[str, Any], tmp_path: Path
) -> None:
    storage = tmp_path / "s.db"
    steelyard.tune(table, space, recipe=quick, folds=2, storage=storage, refit=False)
    with pytest.raises(StudyError, match="folds"):
        steelyard.tune(table, space, recipe=quick, folds=3, storage=storage)
    other = table_from(pl.DataFrame({"x": np.sin(np.arange(40.0))}), np.tile([0, 1], 20))
    with pytest.raises(StudyError, match="fingerprint"):
        steelyard.tune(other, space, recipe=quick, folds=2, storage=storage)
    with pytest.raises(StudyError, match="another table"):
        steelyard.load_study(storage).refit(other)
    steelyard.tune(table, space, recipe=quick, folds=3, storage=storage, study="three", refit=False)
    with pytest.raises(StudyError, match="study, three"):
        steelyard.load_study(storage)
    with pytest.raises(StudyError, match="did you mean 'three'"):
        steelyard.load_study(storage, "thre")


def test_a_storage_without_studies(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is none"):
        steelyard.load_study(tmp_path / "s.db")


def test_the_grid_of_the_notebook() -> None:
    """Ten configurations, five folds, three seeds: 150 networks in one call, on a part of the rows."""
    frame = one_hot_purchases(600)
    table = table_from(frame.drop("Kauf"), frame["Kauf"].to_numpy())
    study = steelyard.tune(table, "notebook", folds=5, seeds=3, refit=False)
    assert len(study.trials) == 10
    assert sum(len(trial.networks) for trial in study.trials) == 150
    assert study.table.height == 10
    assert study.table["average_precision_seeds"].null_count() == 0
