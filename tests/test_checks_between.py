"""Rows that lie between two others: found after SMOTE, and not in tables as they are measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
from numpy.typing import NDArray

from steelyard.checks.between import rows_between
from steelyard.checks.findings import Finding
from steelyard.tables import read_table, table_from


def found(x: NDArray[np.floating], y: NDArray[np.integer]) -> list[Finding]:
    return rows_between(table_from(pl.DataFrame(x), y), np.arange(len(y)))


@pytest.fixture(scope="module")
def measured() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Columns of very different size, one of whole numbers."""
    random = np.random.default_rng(0)
    x = random.normal(size=(3000, 5)) * [1, 1000, 0.01, 5, 1] + [0, 1e5, 0, 3, 7]
    x[:, 3] = x[:, 3].round()
    y = random.random(3000) < 1 / (1 + np.exp(3 - 2 * x[:, 0]))
    return x, y.astype(np.int64)


def test_nothing_is_found_in_measured_rows(measured: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    x, y = measured
    assert found(x, y) == []
    assert found(x, 1 - y) == []


@pytest.mark.parametrize("method", [SMOTE, BorderlineSMOTE, ADASYN])
@pytest.mark.parametrize("scaled", [False, True])
def test_invented_rows_are_found(
    measured: tuple[NDArray[np.float64], NDArray[np.int64]], method: type, scaled: bool
) -> None:
    x, y = measured
    if scaled:
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    invented, labels = method(random_state=0).fit_resample(x, y)
    (finding,) = found(invented, labels)
    assert finding.code == "D109"
    assert "target = 1 lie in a straight line between two neighbours" in finding.message
    assert finding.message.endswith("and 0% of those with target = 0.")


def test_the_other_label_is_named_if_its_rows_are_invented(
    measured: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    x, y = measured
    invented, labels = SMOTE(random_state=0).fit_resample(x, y)
    table = table_from(pl.DataFrame(invented), 1 - labels, positive=1)
    (finding,) = rows_between(table, np.arange(len(labels)))
    assert "target = 0 lie" in finding.message


def test_coarse_numbers_are_in_line_in_both_classes_and_not_told() -> None:
    random = np.random.default_rng(1)
    x = random.integers(0, 4, (3000, 4)).astype(float)
    assert found(x, (random.random(3000) < 0.2).astype(np.int64)) == []


def test_coarse_numbers_of_a_sparse_class_are_not_told() -> None:
    """Rows halfway between two months: of the rarer class, whose neighbours are further away, hundreds."""
    random = np.random.default_rng(2)

    def rows(count: int) -> NDArray[np.float64]:
        month, age = random.integers(0, 8, count), random.integers(20, 60, count)
        return np.column_stack([month, 3 * month, 100 - 2 * month, age]).astype(float)

    x = np.concatenate([random.normal(size=(4000, 4)) * [3, 9, 6, 12] + [4, 12, 92, 40], rows(300)])
    assert found(x, np.repeat([0, 1], [4000, 300])) == []


def test_too_few_columns_or_rows_tell_nothing(
    measured: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    x, y = measured
    invented, labels = SMOTE(random_state=0).fit_resample(x[:, :2], y)
    assert found(invented, labels) == []
    few = np.concatenate([np.flatnonzero(y)[:15], np.flatnonzero(y == 0)])
    assert found(x[few], y[few]) == []


def test_rows_with_gaps_are_passed_over(measured: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    x, y = measured
    invented, labels = SMOTE(random_state=0).fit_resample(x, y)
    invented[::7, 1] = np.nan
    assert [finding.code for finding in found(invented, labels)] == ["D109"]


def test_nothing_is_found_in_the_first_rows_of_bank_marketing(shared_data: Path) -> None:
    """They are of one year, in which the economy's numbers took few steps."""
    file = shared_data / "bank_marketing/bank-additional-full.csv"
    table = read_table(file, target="y", drop=["duration"])
    assert rows_between(table, np.arange(len(table) * 6 // 10)) == []


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("mammography/mammography.csv", "column_7"),
        ("online_shoppers/online_shoppers_intention.csv", "Revenue"),
        ("credit_default/UCI_Credit_Card.csv", "Y"),
        ("coil2000/ticdata2000.txt", "column_86"),
    ],
)
def test_nothing_is_found_in_real_tables(shared_data: Path, file: str, target: str) -> None:
    table = read_table(shared_data / file, target=target, drop=["ID"] if "credit" in file else [])
    assert rows_between(table, np.arange(len(table))) == []
