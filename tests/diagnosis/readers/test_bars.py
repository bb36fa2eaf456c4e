"""Bars that count rows are told from bars that count batches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.readers.bars import bars_in, rows_held_out, rows_of, together

FULL = "{0}/{0} [=======] - 2s{1} - loss: 0.5 - acc: 0.75"


def _rows(time: str, accuracies: list[float], arrays: bool | None = None, length: int = 80) -> int | None:
    bars = together(bars_in(f"{FULL.format(length, time)}\n{FULL.format(length, time)}"))
    assert bars is not None
    counted = rows_of(bars, accuracies, arrays)
    return None if counted is None else counted[0]


@pytest.mark.parametrize(
    ("time", "arrays", "rows"),
    [
        (" 87us/sample", None, 80),
        ("", None, 80),
        ("", False, None),
        (" 87us/step", None, 80),
        (" 611us/step", None, None),
        (" 2ms/step", None, None),
        (" 2ms/step", True, 80),
        (" 2ms/step", False, None),
    ],
)
def test_what_a_bar_counts(time: str, arrays: bool | None, rows: int | None) -> None:
    assert _rows(time, [0.75, 0.7625], arrays) == rows


@pytest.mark.parametrize("time", [" 87us/sample", "", " 87us/step"])
def test_an_accuracy_that_no_count_of_rows_gives(time: str) -> None:
    assert _rows(time, [0.7512], True) is None


@pytest.mark.parametrize("value", [1.7e308, -0.25, 75.0])
def test_what_is_no_share_is_none_of_any_rows(value: float) -> None:
    assert _rows(" 87us/sample", [value]) is None


def test_bars_that_differ_are_no_one() -> None:
    assert together(bars_in(f"{FULL.format(80, '')} {FULL.format(20, '')}")) is None
    assert together(bars_in("no bar, 80/80")) is None


def test_bars_of_keras_3_and_of_an_epoch_that_runs_are_none() -> None:
    assert bars_in("10/10 \u2501\u2501\u2501 1s 2ms/step - loss: 0.5") == []
    assert bars_in("10/10 [====] - ETA: 0s - loss: 0.5") == []
    assert bars_in("9/10 [===>.] - 0s - loss: 0.5") == []


def test_rows_held_out() -> None:
    assert rows_held_out(472, 0.1, []) == 53
    assert rows_held_out(800, 0.2, []) is None  # of 1,000 rows or of 1,001
    assert rows_held_out(800, 0.2, [0.905]) == 200
    assert rows_held_out(800, 0.2, [0.9044]) is None
    assert rows_held_out(80, 0.9999999, []) is None


@given(st.integers(2, 5000), st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.33, 0.5]))
def test_what_keras_holds_out_is_never_missed(rows: int, share: float) -> None:
    train = int(rows * (1.0 - share))
    found = rows_held_out(train, share, [])
    assert found in (None, rows - train)
