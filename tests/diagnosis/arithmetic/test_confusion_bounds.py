"""Which counts fit the metrics: against trying all counts of small tables, and on millions of rows."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.arithmetic import Reported, confusion_bounds, contradiction, relaxed_bounds
from steelyard.diagnosis.arithmetic.confusion_bounds import Counts, Interval

Matrix = tuple[int, int, int]
"""Positives, true positives, predicted positives."""


def metrics(rows: int, matrix: Matrix) -> dict[str, float]:
    """As Keras has them: 0 where nothing is to be divided by."""
    positives, found, shown = matrix
    return {
        "accuracy": (rows - positives - shown + 2 * found) / rows,
        "precision": found / shown if shown else 0.0,
        "recall": found / positives if positives else 0.0,
        "f1": 2 * found / (positives + shown) if positives + shown else 0.0,
    }


def all_that_fit(rows: int, positives: Counts, reported: Reported) -> list[Matrix]:
    """By trying every one."""
    fitting = []
    for p in range(positives[0], positives[1] + 1):
        for found, alarms in itertools.product(range(p + 1), range(rows - p + 1)):
            matrix = (p, found, found + alarms)
            spans = {name: getattr(reported, name) for name in ("accuracy", "precision", "recall", "f1")}
            inside = all(
                spans[name] is None or spans[name][0] - 1e-12 <= value <= spans[name][1] + 1e-12
                for name, value in metrics(rows, matrix).items()
            )
            if inside and reported.found in (None, found > 0):
                fitting.append(matrix)
    return fitting


@st.composite
def problems(draw: st.DrawFn) -> tuple[int, Counts, Matrix, Reported]:
    """A small confusion matrix and some of its metrics, rounded; now and then one that is wrong."""
    rows = draw(st.integers(1, 18))
    positives = draw(st.integers(0, rows))
    found = draw(st.integers(0, positives))
    alarms = draw(st.integers(0, rows - positives))
    matrix = (positives, found, found + alarms)
    known = draw(st.booleans())
    span = (
        (positives, positives)
        if known
        else (
            draw(st.integers(0, positives)),
            draw(st.integers(positives, rows)),
        )
    )
    digits = draw(st.sampled_from([1, 2, 4, None]))
    told: dict[str, Interval] = {}
    for name, exact in metrics(rows, matrix).items():
        if draw(st.integers(0, 2)):
            value = draw(st.integers(0, 20)) / 20 if draw(st.integers(0, 9)) == 0 else exact
            half = 0.0 if digits is None else 0.5 * 10.0**-digits
            value = value if digits is None else round(value, digits)
            told[name] = (max(value - half, 0.0), min(value + half, 1.0))
    return rows, span, matrix, Reported(**told, found=draw(st.sampled_from([None, None, found > 0])))


@settings(max_examples=400)
@given(problems())
def test_bounds_are_those_of_all_counts_that_fit(problem: tuple[int, Counts, Matrix, Reported]) -> None:
    rows, positives, _, reported = problem
    expected = all_that_fit(rows, positives, reported)
    found = confusion_bounds(rows, positives, reported)
    if not expected:
        assert found is None
        return
    least, most = np.min(expected, axis=0), np.max(expected, axis=0)
    assert found is not None
    assert found.exact
    assert found.positives == (least[0], most[0])
    assert found.true_positive == (least[1], most[1])
    assert found.predicted_positive == (least[2], most[2])


@settings(max_examples=200)
@given(problems())
def test_the_relaxed_bounds_enclose_them(problem: tuple[int, Counts, Matrix, Reported]) -> None:
    rows, positives, _, reported = problem
    expected = all_that_fit(rows, positives, reported)
    found = relaxed_bounds(rows, positives, reported)
    if expected:
        least, most = np.min(expected, axis=0), np.max(expected, axis=0)
        assert found is not None
        for column, span in enumerate((found.positives, found.true_positive, found.predicted_positive)):
            assert span[0] <= least[column]
            assert most[column] <= span[1]


@settings(max_examples=200)
@given(problems())
def test_words_are_found_where_nothing_fits_and_only_there(
    problem: tuple[int, Counts, Matrix, Reported],
) -> None:
    rows, positives, _, reported = problem
    assert bool(contradiction(rows, positives, reported)) == (
        confusion_bounds(rows, positives, reported) is None
    )


@given(st.integers(0, 2**32 - 1), st.integers(1_000, 5_000_000))
def test_single_precision_metrics_of_many_rows_give_the_counts_back(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    positives = int(random.integers(1, rows // 5))
    found = int(random.integers(1, positives + 1))
    shown = found + int(random.integers(0, positives))
    exact = metrics(rows, (positives, found, shown))
    told = {name: float(np.float32(value)) for name, value in exact.items()}
    reported = Reported(
        **{name: (value * (1 - 1.2e-7), min(value * (1 + 1.2e-7), 1.0)) for name, value in told.items()}
    )
    bounds = confusion_bounds(rows, (positives, positives), reported)
    assert bounds is not None
    assert bounds.true_positive[0] <= found <= bounds.true_positive[1]
    assert bounds.predicted_positive[0] <= shown <= bounds.predicted_positive[1]
    assert bounds.true_positive[1] - bounds.true_positive[0] <= 2


def test_zero_recall_leaves_the_false_alarms() -> None:
    wrong = 55_951
    accuracy = 1.0 - wrong / 1_398_766
    reported = Reported(accuracy=(accuracy, accuracy), recall=(0.0, 0.0), precision=(0.0, 0.0))
    found = confusion_bounds(1_398_766, (51_504, 51_877), reported)
    assert found is not None
    assert found.true_positive == (0, 0)
    assert found.predicted_positive == (wrong - 51_877, wrong - 51_504)


def test_positives_alone_may_follow_from_the_metrics() -> None:
    exact = metrics(10_000, (400, 100, 250))
    reported = Reported(**{name: (value, value) for name, value in exact.items()})
    found = confusion_bounds(10_000, (0, 10_000), reported)
    assert found is not None
    assert found.positives == (400, 400)
    assert found.predicted_positive == (250, 250)


def test_the_arithmetic_is_told() -> None:
    told = contradiction(1000, (40, 40), Reported(accuracy=(0.9735, 0.9745), recall=(0.31, 0.31)))
    assert told == "of 1,000 rows, 40 positive: recall 0.31 means 12.4 positives found: no counts fit that"
    told = contradiction(1000, (40, 40), Reported(accuracy=(0.98, 0.98), recall=(0.25, 0.25)))
    assert told == (
        "of 1,000 rows, 40 positive: accuracy 0.98 means 20 wrong decisions; "
        "recall 0.25 means 10 positives found: no counts fit that"
    )
