"""The yardsticks against scikit-learn used by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from steelyard.baselines import logistic_regression, prevalence
from steelyard.data import (
    CategoryEncoding,
    Column,
    ColumnKind,
    Encoding,
    Features,
    Schema,
    Split,
    Table,
    Target,
)


def _table(rows: int, *, weights: bool = False) -> Table:
    random = np.random.default_rng(3)
    numeric = random.normal(size=(rows, 2)).astype(np.float32)
    numeric[::7, 1] = np.nan
    codes = random.integers(0, 4, (rows, 1)).astype(np.int32)
    logit = 1.5 * numeric[:, 0] + (codes[:, 0] == 3) - 2.5
    target = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.uint8)
    return Table(
        features=Features(numeric, codes),
        target=target,
        schema=Schema(
            columns=(
                Column("a", ColumnKind.NUMERIC),
                Column("b", ColumnKind.NUMERIC),
                Column("c", ColumnKind.CATEGORY, levels=("x", "y")),
            ),
            target=Target("t", "1", "0", True),
        ),
        fingerprint="f",
        source="test",
        weights=random.uniform(0.5, 2.0, rows).astype(np.float32) if weights else None,
    )


def _encoding() -> Encoding:
    return Encoding(
        shift=np.array([0.0, 0.5], np.float32),
        scale=np.array([1.0, 2.0], np.float32),
        fill=np.array([0.0, 0.25], np.float32),
        inverse_clip=np.zeros(2, np.float32),
        indicators=np.array([1], np.int32),
        categories=(CategoryEncoding(np.array([-1, 0, 1, 2], np.int32), 3, 2, ("missing", "x", "y")),),
    )


def _inputs(table: Table) -> np.ndarray:
    """What the encoding above makes of the table, written out."""
    a, b = table.features.numeric.T.astype(np.float64)
    code = table.features.codes[:, 0]
    filled = np.where(np.isnan(b), 0.25, (b - 0.5) * 2.0)
    return np.column_stack([a, filled, np.isnan(b), code == 1, code == 2, code == 3])


def _split(rows: int, train: int) -> Split:
    order = np.random.default_rng(0).permutation(rows)
    middle = (train + rows) // 2
    return Split(np.sort(order[:train]), np.sort(order[train:middle]), np.sort(order[middle:]), "by hand")


@pytest.mark.parametrize("weights", [False, True])
def test_prevalence_is_the_share_of_training_positives(weights: bool) -> None:
    table, split = _table(200, weights=weights), _split(200, 120)
    found = prevalence(table, split)
    y = table.target[split.train]
    w = np.ones(120) if table.weights is None else table.weights[split.train]
    assert found.name == "prevalence"
    for part, rows in (("validation", split.validation), ("test", split.test)):
        np.testing.assert_allclose(
            found.probabilities[part], np.full(len(rows), (w * y).sum() / w.sum()), rtol=1e-6
        )


@pytest.mark.parametrize("weights", [False, True])
def test_logistic_regression_is_scikit_learns_on_the_encoded_training_rows(weights: bool) -> None:
    table, split = _table(900, weights=weights), _split(900, 600)
    found = logistic_regression(table, split, _encoding())
    x = _inputs(table)
    w = None if table.weights is None else table.weights[split.train]
    oracle = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-8)
    oracle.fit(x[split.train], table.target[split.train], w)
    for part, rows in (("validation", split.validation), ("test", split.test)):
        np.testing.assert_allclose(found.probabilities[part], oracle.predict_proba(x[rows])[:, 1], atol=2e-3)
    assert found.note == ""


def test_a_large_table_is_sampled_by_class_and_says_so() -> None:
    table, split = _table(4_000), _split(4_000, 3_000)
    found = logistic_regression(table, split, _encoding(), most_rows=1_000)
    again = logistic_regression(table, split, _encoding(), most_rows=1_000)
    assert found.note == "logistic regression was fitted on 1,000 of 3,000 training rows"
    np.testing.assert_array_equal(found.probabilities["test"], again.probabilities["test"])
    full = logistic_regression(table, split, _encoding())
    assert np.abs(full.probabilities["test"] - found.probabilities["test"]).max() < 0.15
    expected = table.target[split.train].mean()
    assert found.probabilities["validation"].mean() == pytest.approx(expected, abs=0.03)


def test_a_sample_keeps_the_only_positive() -> None:
    table = _table(400)
    target = np.zeros(400, np.uint8)
    split = _split(400, 300)
    target[split.train[5]] = 1
    rare = Table(table.features, target, table.schema, "f", "test")
    found = logistic_regression(rare, split, _encoding(), most_rows=50)
    assert (found.probabilities["test"] > 0.0).all()


def test_a_part_without_rows_has_no_probabilities() -> None:
    table, whole = _table(300), _split(300, 200)
    split = Split(whole.train, np.zeros(0, np.int64), whole.test, "by hand")
    assert set(prevalence(table, split).probabilities) == {"test"}
    assert set(logistic_regression(table, split, _encoding()).probabilities) == {"test"}


def test_no_convergence_warning_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    import steelyard.baselines as module

    def impatient(**settings: object) -> LogisticRegression:
        return LogisticRegression(**{**settings, "max_iter": 1})

    monkeypatch.setattr(module, "LogisticRegression", impatient)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = logistic_regression(_table(300), _split(300, 200), _encoding())
    assert found.note == "logistic regression had not converged after 1 iterations"
