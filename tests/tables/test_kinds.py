"""What columns are taken for, and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from steelyard.data import Column, ColumnKind
from steelyard.errors import SteelyardWarning
from steelyard.tables import read_table, table_from

N = 4000
RNG = np.random.default_rng(3)


def column(values: object, name: str = "c", **kinds: ColumnKind) -> Column:
    frame = pl.DataFrame({name: values, "x": RNG.normal(size=N)})
    return table_from(frame, np.arange(N) % 2, kinds=kinds).schema.columns[0]


QUANTITIES: dict[str, NDArray[np.int64]] = {
    "age": RNG.integers(18, 90, N),
    "count": RNG.poisson(3, N),
    "heavy count": RNG.geometric(0.001, N),
    "rounded income": RNG.lognormal(10, 1, N).astype(np.int64) // 100 * 100,
    "amount, often zero": np.where(RNG.random(N) < 0.6, 0, RNG.lognormal(7, 2, N)).astype(np.int64),
    "prices that end with 99": RNG.integers(1, 60, N) * 100 - 1,
    "days, 999 for never": np.where(RNG.random(N) < 0.95, 999, RNG.integers(0, 25, N)),
    "balance": RNG.normal(0, 5000, N).astype(np.int64),
    "year": RNG.integers(1950, 2026, N),
    "day as a number": 20_200_101 + RNG.integers(0, 12, N) * 100 + RNG.integers(0, 28, N),
    "zero and one": RNG.integers(0, 2, N),
    "weight of a survey row": RNG.lognormal(12, 0.5, N).astype(np.int64),
}


_STATE = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def _the_same_numbers_whatever_ran_before() -> None:
    RNG.bit_generator.state = _STATE


@pytest.mark.parametrize("name", QUANTITIES)
def test_quantities_are_numbers(name: str) -> None:
    assert column(QUANTITIES[name]).kind is ColumnKind.NUMERIC


@pytest.mark.parametrize("levels", [25, 150, 800])
def test_scattered_codes_are_categories(levels: int) -> None:
    """As most are; of 25 codes a few draws in a hundred have too many of the special ones."""
    random = np.random.default_rng(levels)
    codes = random.choice(300_000, levels, replace=False)
    frequency = random.pareto(1.2, levels) + 0.01
    with pytest.warns(SteelyardWarning, match="taken as categories: 'c'"):
        found = column(random.choice(codes, N, p=frequency / frequency.sum()))
    assert found.kind is ColumnKind.CATEGORY
    assert "scattered" in found.reason


@pytest.mark.parametrize("name", ["zip", "MGR_ID", "statusCode", "product_code"])
def test_a_name_may_say_that_numbers_are_codes(name: str) -> None:
    with pytest.warns(SteelyardWarning, match=f"taken as categories: '{name}'"):
        assert column(RNG.integers(1, 30, N), name).kind is ColumnKind.CATEGORY
    assert column(RNG.integers(1, 30, N), "idle").kind is ColumnKind.NUMERIC


def test_keys_are_left_out() -> None:
    for values, name in (
        (RNG.permutation(N) + 1, "n"),
        (RNG.choice(10**9, N, replace=False), "customer_id"),
        ([f"u{i}" for i in range(N)], "who"),
    ):
        with pytest.warns(SteelyardWarning, match=f"left out 1 column.*'{name}'"):
            assert column(values, name).kind is ColumnKind.IDENTIFIER
    assert column(RNG.choice(10**9, N, replace=False), "amount").kind is ColumnKind.NUMERIC


def test_constants_are_left_out() -> None:
    for value, reason in ((5, "always 5"), ("a", "always 'a'"), (None, "no value at all")):
        with pytest.warns(SteelyardWarning, match="left out"):
            found = column([value] * N)
        assert (found.kind, found.reason) == (ColumnKind.CONSTANT, reason)
    assert found.missing == N


def test_one_value_and_gaps_is_not_constant() -> None:
    assert column([None, 5.0] * (N // 2)).kind is ColumnKind.NUMERIC
    assert column([None, "a"] * (N // 2)).kind is ColumnKind.CATEGORY


@pytest.mark.parametrize("words", [("no", "yes"), ("False", "TRUE"), ("n", "Y"), ("off", "on")])
def test_words_for_true_and_false(words: tuple[str, str]) -> None:
    found = column([words[i % 3 == 0] for i in range(N)])
    assert (found.kind, found.levels) == (ColumnKind.BOOLEAN, words)
    assert column([(*words, "unknown")[i % 3] for i in range(N)]).kind is ColumnKind.CATEGORY


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ"]
)
def test_dates_become_days(form: str, tmp_path: Path) -> None:
    moments = [np.datetime64("2026-01-31T06:00") + np.timedelta64(36 * i, "h") for i in range(30)]
    lines = [f"{m.item().strftime(form)},{i % 5}.5,{i % 2}" for i, m in enumerate(moments)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["d,x,y", *lines]))
    table = read_table(path, target="y")
    found = table.schema.columns[0]
    assert found.kind is ColumnKind.DATE
    assert found.offset == 20484  # 2026-01-31 in days since 1970-01-01
    exact = np.array([(m - np.datetime64("2026-01-31")) / np.timedelta64(1, "D") for m in moments])
    expected = exact if "%H" in form else np.floor(exact)
    np.testing.assert_allclose(table.features.numeric[:, 0], expected, rtol=1e-6)


def test_ambiguous_dates_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("d,x,y\n" + "".join(f"0{i % 3 + 1}/04/2026,{i % 5}.5,{i % 2}\n" for i in range(30)))
    assert read_table(path, target="y").schema.columns[0].kind is ColumnKind.CATEGORY


def test_large_numbers_keep_their_digits() -> None:
    seconds = 1_700_000_000 + RNG.integers(0, 10_000, N)
    table = table_from(pl.DataFrame({"s": seconds}), np.arange(N) % 2)
    (found,) = table.schema.columns
    assert found.offset != 0
    np.testing.assert_array_equal(table.features.numeric[:, 0].astype(np.float64) + found.offset, seconds)
    assert column(RNG.normal(0, 1, N)).offset == 0


def test_kinds_can_be_given() -> None:
    assert column(RNG.integers(1, 5, N), c=ColumnKind.CATEGORY).levels == ("1", "2", "3", "4")
    assert column([str(i % 9) for i in range(N)], c=ColumnKind.NUMERIC).kind is ColumnKind.NUMERIC
    assert column(RNG.permutation(N) + 1, c=ColumnKind.NUMERIC).reason == "given"
    assert column(RNG.normal(size=N), c=ColumnKind.DROPPED).kind is ColumnKind.DROPPED
