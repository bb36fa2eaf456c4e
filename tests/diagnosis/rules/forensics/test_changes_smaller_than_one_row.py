"""LOG906: accuracies that are no whole number of rows, at the digits that were logged."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.rules.forensics.changes_smaller_than_one_row import changes_smaller_than_one_row
from steelyard.finding import Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import curve


def test_a_number_of_rows_that_is_not_so() -> None:
    found = fired(
        changes_smaller_than_one_row,
        validation_accuracy=curve([900 / 1_111, 901 / 1_111, 901.3 / 1_111]),
        rows_validation=1_000,
    )
    assert "no whole number of rows" in found.message and "of 1,000 rows" in found.message
    assert "0.27 of a row" in found.message
    assert found.evidence["split"] == "validation"


@given(st.integers(2, 1_000_000), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_whole_rows_in_single_precision_never_fire(rows: int, shares: list[float]) -> None:
    right = np.round(np.array(shares) * rows)
    single = np.float64(np.float32(right / rows))
    result = ask(changes_smaller_than_one_row, validation_accuracy=curve(single), rows_validation=rows)
    assert result.status is not Status.FIRED


@given(st.integers(2, 100_000), st.integers(2, 6), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20))
def test_whole_rows_rounded_when_printed_never_fire(rows: int, digits: int, shares: list[float]) -> None:
    printed = np.round(np.round(np.array(shares) * rows) / rows, digits)
    result = ask(changes_smaller_than_one_row, train_accuracy=curve(printed), rows_train=rows)
    assert result.status is not Status.FIRED


def test_four_digits_of_fifteen_thousand_rows_cannot_tell() -> None:
    few = {"validation_accuracy": curve([0.9183, 0.9184]), "rows_validation": 15_405}
    assert "fraction of a row" in not_applicable(changes_smaller_than_one_row, **few)
    assert "--rows" in not_applicable(changes_smaller_than_one_row, validation_accuracy=curve([0.9]))


def test_the_question_is_in_whole_rows() -> None:
    said = passed(
        changes_smaller_than_one_row,
        validation_accuracy=curve([0.95998615922892039, 0.96255485191947765]),
        rows_validation=1_398_766,
    )
    assert "validation" in said
