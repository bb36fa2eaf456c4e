"""Nothing that judges leaves a trace in what learns, whatever recipe is asked for.

The two classic leaks are resampling before the split and scaling fitted on all rows. Both are planted here by
hand, to see that they are as bad as their name, and then looked for in everything the public interface can be
made to do: by poisoning rows and comparing bits, by watching which rows are handed to what is fitted, and in
the source. What no library can prevent is a table that was resampled before it was handed over; the checks
warn of repeated rows (D103) and of rows that lie between others (D109).
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import typing
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE
from numpy.typing import NDArray

import steelyard
from steelyard import jobs
from steelyard.checks import check
from steelyard.crossvalidation import CrossValidation, HeldOut, cross_validate, fold_values
from steelyard.data import Features, Split, Table
from steelyard.folds import make_folds
from steelyard.preprocessing import fit_encoding
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.strategies import STRATEGIES, strategy
from steelyard.resampling import Resampled, resample
from steelyard.splitting import split_rows
from steelyard.tables import table_from

QUICK = apply(Recipe(), Change("training.epochs", 4), Change("network.hidden_units", [6]))


@pytest.fixture(scope="module")
def table() -> Table:
    """Numbers alone, so that every strategy can be applied; the classes overlap enough for ADASYN."""
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 3))
    y = random.random(400) < 1 / (1 + np.exp(1.5 - 1.5 * x[:, 0] - x[:, 1]))
    return table_from(pl.DataFrame(x, schema=["a", "b", "c"]), y)


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return make_folds(table, folds=3)[0].split


def judged(table: Table, recipe: Recipe, split: Split) -> HeldOut:
    (found,) = cross_validate(recipe, table, folds=[split], yardsticks=False).results["recipe"]
    assert found is not None
    return found


def poisoned(table: Table, rows: NDArray[np.int64]) -> Table:
    """Other labels, absurd numbers and gaps in these rows."""
    numeric = table.features.numeric.copy()
    numeric[rows] = numeric[rows] * -1e4 + 1e6
    numeric[rows[::3], 0] = np.nan
    target = table.target.copy()
    target[rows] = 1 - target[rows]
    return dataclasses.replace(table, features=Features(numeric, table.features.codes), target=target)


@pytest.mark.parametrize("name", STRATEGIES)
def test_rows_held_out_leave_no_trace(table: Table, split: Split, name: str) -> None:
    """Half of them is poisoned: the other half is predicted and decided as before, to the last bit."""
    recipe = strategy(QUICK, name)
    first, second = judged(table, recipe, split), judged(poisoned(table, split.test[::2]), recipe, split)
    np.testing.assert_array_equal(first.raw[1::2], second.raw[1::2])
    np.testing.assert_array_equal(first.probability[1::2], second.probability[1::2])
    assert first.readout == second.readout
    assert first.networks == second.networks


def test_a_scaler_fitted_on_all_rows_would_be_found(
    table: Table, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leak, planted where no recipe reaches: the comparison above is one that can fail."""

    def fit_on_all(features: Features, schema: object, rows: object, spec: object) -> object:
        return fit_encoding(features, schema, np.arange(len(features)), spec)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(jobs, "fit_encoding", fit_on_all)
    first, second = judged(table, QUICK, split), judged(poisoned(table, split.test[::2]), QUICK, split)
    assert not np.array_equal(first.raw[1::2], second.raw[1::2])


@pytest.mark.parametrize("name", STRATEGIES)
def test_validation_rows_choose_and_teach_nothing(table: Table, split: Split, name: str) -> None:
    """Without a choice of the epoch, weights do not depend on them: preprocessing and resampling neither."""
    all_epochs = (Change("training.patience", None), Change("training.restore_best_weights", False))
    recipe = apply(strategy(QUICK, name), *all_epochs)
    first, second = judged(table, recipe, split), judged(poisoned(table, split.validation), recipe, split)
    np.testing.assert_array_equal(first.raw, second.raw)


def test_what_is_fitted_gets_the_training_rows_of_its_fold(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[NDArray[np.int64]] = []
    resampled: list[NDArray[np.int64]] = []

    def fit(features: Features, schema: object, rows: NDArray[np.int64], spec: object) -> object:
        encoded.append(rows)
        return fit_encoding(features, schema, rows, spec)  # type: ignore[arg-type]  # passed on as they came

    def spy(
        features: object, target: object, rows: NDArray[np.int64], *rest: object, **named: object
    ) -> Resampled:
        resampled.append(rows)
        found = resample(features, target, rows, *rest, **named)  # type: ignore[arg-type]  # likewise
        assert np.isin(found.rows, rows).all()
        return found

    monkeypatch.setattr(jobs, "fit_encoding", fit)
    monkeypatch.setattr(jobs, "resample", spy)
    recipes = {name: strategy(QUICK, name) for name in STRATEGIES}
    result = cross_validate(recipes, table, folds=3, repeats=2, yardsticks=False)
    trainings = len(encoded) // len(result.folds)
    assert trainings == len(STRATEGIES) - 1  # none and threshold are one
    for number, (of_encoding, of_resampling) in enumerate(zip(encoded, resampled, strict=True)):
        fold = result.folds[number // trainings].split
        np.testing.assert_array_equal(of_encoding, fold.train)
        np.testing.assert_array_equal(of_resampling, fold.train)


@pytest.fixture(scope="module")
def noise() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Columns that know nothing of the labels: an honest area under the curve is a half."""
    random = np.random.default_rng(1)
    return random.normal(size=(500, 12)), np.arange(500) % 10 == 0


def mean_auc(result: CrossValidation) -> float:
    return float(fold_values(result, "roc_auc")["recipe"].mean())


def test_smote_before_the_split_invents_skill_and_inside_the_folds_it_does_not(
    noise: tuple[NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    x, y = noise
    longer = apply(QUICK, Change("training.epochs", 30), Change("network.hidden_units", [32]))
    before, labels = SMOTE(random_state=0).fit_resample(x, y)
    planted = cross_validate(longer, table_from(pl.DataFrame(before), labels), folds=4, yardsticks=False)
    honest = cross_validate(
        strategy(longer, "smote"), table_from(pl.DataFrame(x), y), folds=4, yardsticks=False
    )
    assert mean_auc(planted) > 0.7
    assert mean_auc(honest) < 0.6


def test_rows_invented_before_the_split_are_warned_of(
    noise: tuple[NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    x, y = noise
    planted = table_from(pl.DataFrame(x), y)
    assert "D109" not in {finding.code for finding in check(planted, split_rows(planted))}
    before, labels = SMOTE(random_state=0).fit_resample(x, y)
    planted = table_from(pl.DataFrame(before), labels)
    assert "D109" in {finding.code for finding in check(planted, split_rows(planted))}


def test_rows_repeated_before_the_split_are_warned_of(
    noise: tuple[NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    x, y = noise
    repeated = np.concatenate([np.arange(500), np.random.default_rng(2).choice(np.flatnonzero(y), 400)])
    planted = table_from(pl.DataFrame(x[repeated]), y[repeated])
    assert "D103" in {finding.code for finding in check(planted, split_rows(planted))}


def test_no_public_name_takes_or_gives_resampled_rows_or_an_encoding() -> None:
    """The steps exist inside only; the door takes tables and recipes."""
    hidden = ("resample", "fit_encoding", "prepare", "train_together", "Resampled", "Encoding", "Task", "Job")
    assert not set(hidden) & set(steelyard.__all__)
    functions = [getattr(steelyard, name) for name in steelyard.__all__ if name != "__version__"]
    functions = [function for function in functions if inspect.isfunction(function)]
    assert len(functions) >= 8
    for function in (*functions, cross_validate):
        mentioned = " ".join(str(hint) for hint in typing.get_type_hints(function).values())
        assert "Resampled" not in mentioned, function
        assert "Encoding" not in mentioned, function


def test_in_the_source_only_training_rows_are_fitted_on() -> None:
    """Every call of what fits preprocessing or resamples is given ``split.train``, and there are few."""
    package = Path(inspect.getfile(steelyard)).parent
    calls = []
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("fit_encoding", "resample"):
                rows = ast.unparse(node.args[2])
                calls.append((file.relative_to(package).as_posix(), node.func.id, rows))
    assert sorted(calls) == [
        ("crossvalidation/yardsticks.py", "fit_encoding", "fold.split.train"),
        ("doctor/table_facts.py", "fit_encoding", "split.train"),
        ("jobs.py", "fit_encoding", "split.train"),
        ("jobs.py", "resample", "split.train"),
        ("keras/imbalance.py", "resample", "rows.split.train"),
    ]
