"""DAT604: a random split that put the positives unevenly."""

from typing import Any

import pytest

from steelyard.diagnosis.rules.data_and_split.random_split_off_balance import random_split_off_balance
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly


def split(train: float, validation: float, rows: int = 1000, way: str = "random") -> dict[str, Any]:
    return {
        "validation_way": way,
        "base_rate_train": exactly(train),
        "base_rate_validation": exactly(validation),
        "positives_validation": exactly(round(validation * rows)),
        "rows_train": 4 * rows,
        "rows_validation": rows,
    }


def test_few_positives_land_unevenly() -> None:
    found = fired(random_split_off_balance, **split(0.02, 0.013))
    assert "2.00%" in found.message and "1.30%" in found.message
    assert "13 positives that is chance" in found.message


def test_what_no_random_split_does_is_called_so() -> None:
    found = fired(random_split_off_balance, **split(0.02, 0.2, 5000))
    assert "does not do that" in found.message and found.confidence is Confidence.LIKELY


def test_small_differences_pass() -> None:
    assert "2.00% and 2.10%" in passed(random_split_off_balance, **split(0.02, 0.021))


@pytest.mark.parametrize("way", ["group", "time", "stratified"])
def test_splits_that_cannot_be_stratified_are_not_judged(way: str) -> None:
    assert way in passed(random_split_off_balance, **split(0.02, 0.2, way=way))


def test_resampled_rows_differ_on_purpose() -> None:
    assert "on purpose" in passed(random_split_off_balance, **split(0.5, 0.02), resampling="smote")


def test_rates_known_within_bounds_must_differ_at_their_nearest() -> None:
    fields = split(0.02, 0.013) | {"base_rate_train": about(0.02, 0.013, 0.03)}
    assert passed(random_split_off_balance, **fields)
    assert "--split" in not_applicable(random_split_off_balance)
