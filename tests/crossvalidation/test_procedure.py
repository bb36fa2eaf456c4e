"""cross_validate: the same folds and seeds for all, one population, nothing lost to Ctrl-C."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from steelyard.crossvalidation import CrossValidation, cross_validate, fold_values, networks_of, out_of_fold
from steelyard.crossvalidation import population as together
from steelyard.data import Split, Table
from steelyard.engine import EpochEnd
from steelyard.errors import DataError, RecipeError
from steelyard.folds import make_folds
from steelyard.metrics import measure
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.strategies import strategies
from steelyard.run import Run, RunStatus
from steelyard.splitting import split_rows
from steelyard.training import train

ARMS = ("none", "threshold", "weights", "over", "under", "smote")


@pytest.fixture(scope="module")
def result(table: Table, quick: Recipe) -> CrossValidation:
    return cross_validate(strategies(quick, ARMS), table, folds=3, repeats=2, seeds=2)


def test_each_fold_is_a_training_of_its_own(table: Table, quick: Recipe, result: CrossValidation) -> None:
    """What a population of all folds gives is what train gives, fold by fold."""
    for name in ("threshold", "weights", "smote"):
        for number in (0, 4):
            alone = train(table, result.recipes[name], result.folds[number].split, seeds=2, seed=2 * number)
            found = result.results[name][number]
            assert found is not None
            np.testing.assert_array_equal(found.probability, alone.probabilities["test"])
            assert found.readout == alone.model.readout
            assert [network.best_epoch for network in found.networks] == [
                run.best_epoch for run in alone.runs
            ]


def test_recipes_start_alike_on_a_fold_and_no_two_folds_do(result: CrossValidation) -> None:
    """A lucky start must not be shared by all folds of one recipe."""
    seeds = [[network.seed for network in found.networks] for found in result.results["smote"] if found]
    assert seeds == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]
    for by_fold in result.results.values():
        assert [[network.seed for network in found.networks] for found in by_fold if found] == seeds


def test_every_row_is_predicted_once_per_repeat(table: Table, result: CrossValidation) -> None:
    for repeat in (1, 2):
        for name in result.results:
            p = out_of_fold(result, name, repeat=repeat)
            assert ((p > 0.0) & (p < 1.0)).all()
    assert not np.array_equal(out_of_fold(result, "none"), out_of_fold(result, "none", repeat=2))
    assert result.complete
    assert result.ratio == pytest.approx(1 / 2, rel=0.01)


def test_recipes_that_only_read_differently_share_their_networks(result: CrossValidation) -> None:
    assert result.trained == 5 * 3 * 2 * 2 == networks_of(result.recipes, 6, 2)
    for half, chosen in zip(result.results["none"], result.results["threshold"], strict=True):
        assert half is not None
        assert chosen is not None
        np.testing.assert_array_equal(half.raw, chosen.raw)
        assert half.readout.threshold == 0.5 != chosen.readout.threshold


def test_weights_are_undone_and_the_raw_output_is_kept(table: Table, result: CrossValidation) -> None:
    rate = table.target.mean()
    for name in ("weights", "over", "under", "smote"):
        assert abs(out_of_fold(result, name).mean() - rate) < 0.06
        assert out_of_fold(result, name, raw=True).mean() > rate + 0.1
    np.testing.assert_array_equal(
        out_of_fold(result, "none", raw=True), out_of_fold(result, "threshold", raw=True)
    )


def test_metrics_are_those_of_the_rows_held_out(table: Table, result: CrossValidation) -> None:
    for name in ("average_precision", "f1"):
        values = fold_values(result, name)
        assert set(values) == {*result.results, "prevalence", "logistic_regression"}
        found = result.results["weights"][3]
        assert found is not None
        target = table.target[found.fold.split.test]
        expected = measure(name, target, found.probability, threshold=found.readout.threshold)
        assert values["weights"][3] == expected
    assert (fold_values(result, "roc_auc")["prevalence"] == 0.5).all()


def test_threads_change_nothing(table: Table, quick: Recipe) -> None:
    one, two = (
        cross_validate(quick, table, folds=3, threads=threads, yardsticks=False) for threads in (1, 2)
    )
    np.testing.assert_array_equal(out_of_fold(one, "recipe"), out_of_fold(two, "recipe"))


def test_small_populations_give_the_same(
    table: Table, quick: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes = strategies(quick, ("none", "smote"))
    jobs: list[set[int]] = [set(), set()]
    large = cross_validate(recipes, table, folds=3, on_epoch=lambda end: jobs[0].add(end.job))
    monkeypatch.setattr(together, "MOST_BYTES", 1)
    sizes = []
    train_together = together.train_together

    def counted(
        table: Table, tasks: Sequence[together.Task], *rest: object, **named: object
    ) -> list[list[Run]]:
        sizes.append(len(tasks))
        return train_together(table, tasks, *rest, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(together, "train_together", counted)
    small = cross_validate(recipes, table, folds=3, on_epoch=lambda end: jobs[1].add(end.job))
    assert sizes == [1] * 6
    assert jobs[0] == jobs[1] == set(range(6))
    for name in recipes:
        np.testing.assert_array_equal(out_of_fold(large, name), out_of_fold(small, name))


def test_splits_of_your_own(table: Table, quick: Recipe) -> None:
    split = split_rows(table)
    found = cross_validate(quick, table, folds=[split], yardsticks=False)
    p = out_of_fold(found, "recipe")
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(p)), split.test)
    np.testing.assert_array_equal(p[split.test], train(table, quick, split).probabilities["test"])
    assert found.method == "splits as given"


def test_in_order_the_first_block_is_never_predicted(table: Table, quick: Recipe) -> None:
    found = cross_validate(quick, table, folds=4, by="file_order", yardsticks=False)
    p = out_of_fold(found, "recipe")
    assert np.isnan(p[:100]).all()
    assert np.isfinite(p[100:]).all()


def interrupted_after(jobs: int) -> object:
    """train_together, of which only the first jobs were finished before Ctrl-C."""
    original = together.train_together

    def train_some(
        table: Table, tasks: Sequence[together.Task], *rest: object, **named: object
    ) -> list[list[Run]]:
        runs = original(table, tasks, *rest, **named)  # type: ignore[arg-type]  # passed on as they came
        return [
            of_task
            if number < jobs
            else [dataclasses.replace(run, status=RunStatus.INTERRUPTED) for run in of_task]
            for number, of_task in enumerate(runs)
        ]

    return train_some


def test_after_ctrl_c_what_is_finished_is_kept(
    table: Table, quick: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "train_together", interrupted_after(5))
    found = cross_validate(strategies(quick, ("none", "weights")), table, folds=4)
    assert not found.complete
    for by_fold in found.results.values():  # "none" had finished the third fold, "weights" had not
        assert [held_out is not None for held_out in by_fold] == [True, True, False, False]
    assert found.yardsticks == {}
    assert np.isnan(fold_values(found, "roc_auc")["weights"][2:]).all()


def test_ctrl_c_before_anything_is_finished_is_raised(
    table: Table, quick: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "train_together", interrupted_after(0))
    with pytest.raises(KeyboardInterrupt):
        cross_validate(quick, table, folds=3)
    monkeypatch.undo()
    monkeypatch.setattr(together, "train_together", interrupted_after(1))
    with pytest.raises(KeyboardInterrupt):  # one of two recipes says nothing of their difference
        cross_validate(strategies(quick, ("none", "weights")), table, folds=3)


def test_ctrl_c_between_populations_keeps_the_first(
    table: Table, quick: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST_BYTES", 1)

    def watch(end: EpochEnd) -> None:
        if end.job == 2:
            raise KeyboardInterrupt

    found = cross_validate(quick, table, folds=4, on_epoch=watch)
    assert [held_out is not None for held_out in found.results["recipe"]] == [True, True, False, False]


def test_ctrl_c_during_the_logistic_regression_leaves_it_out(
    table: Table, quick: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("steelyard.crossvalidation.yardsticks.logistic_regression", interrupt)
    found = cross_validate(quick, table, folds=3)
    assert set(found.yardsticks) == {"prevalence"}
    assert found.notes == ("the logistic regression was interrupted and is left out",)


def test_row_weights_count_in_the_scores(table: Table, quick: Recipe) -> None:
    weights = np.random.default_rng(1).uniform(0.2, 3.0, len(table)).astype(np.float32)
    found = cross_validate(quick, dataclasses.replace(table, weights=weights), folds=3, yardsticks=False)
    held_out = found.results["recipe"][0]
    assert held_out is not None
    rows = held_out.fold.split.test
    expected = measure("brier", table.target[rows], held_out.probability, weights[rows])
    assert fold_values(found, "brier")["recipe"][0] == expected


def test_stages_are_told(table: Table, quick: Recipe) -> None:
    stages: list[str] = []
    cross_validate(quick, table, folds=2, on_stage=stages.append)
    assert stages == [
        "preparing fold 1 of 2",
        "preparing fold 2 of 2",
        "training",
        "scoring",
        "fitting logistic regression 1 of 2",
        "fitting logistic regression 2 of 2",
    ]


def test_wrong_use_is_refused(table: Table, quick: Recipe) -> None:
    with pytest.raises(RecipeError, match="nothing to cross-validate"):
        cross_validate({}, table)
    with pytest.raises(RecipeError, match="seeds"):
        cross_validate(quick, table, seeds=0)
    with pytest.raises(RecipeError, match="no objective"):
        cross_validate(apply(quick, Change("decision.threshold", "f")), table)
    split = make_folds(table)[0].split
    with pytest.raises(DataError, match="split 1 of 1 has a row in two parts"):
        cross_validate(quick, table, folds=[dataclasses.replace(split, train=split.test)])
    empty = Split(split.train, split.validation, split.test[:0], "")
    with pytest.raises(DataError, match="needs training rows and test rows"):
        cross_validate(quick, table, folds=[empty])
    with pytest.raises(DataError, match="not repeated"):
        cross_validate(quick, table, folds=[split], repeats=2)
