"""Accuracies of 95.12 are shares of 0.9512."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.deriving.percent import without_percent
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.history import History, Series
from steelyard.log import Facts, Log

ROWS = Facts(rows_validation=1_000, positives_validation=49)


def log(*curves: tuple[str, str, list[float]]) -> Log:
    series = tuple(Series(split, metric, np.array(values)) for split, metric, values in curves)
    return Log("a test", "csv", History(np.arange(1, 4), series), ROWS)


def test_percent_in_both_splits_becomes_shares() -> None:
    """Also of a split in which it is below one percent throughout."""
    found = without_percent(
        log(
            ("train", "recall", [0.2, 0.4, 0.9]),
            ("validation", "recall", [10.0, np.nan, 30.0]),
            ("validation", "accuracy", [0.9, 0.91, 0.92]),
            ("validation", "loss", [12.0, 11.0, 10.0]),
        )
    )
    assert found.history is not None
    assert found.history["train_recall"] == pytest.approx([0.002, 0.004, 0.009])
    assert found.history["validation_recall"][[0, 2]] == pytest.approx([0.1, 0.3])
    assert found.history["validation_accuracy"].max() == 0.92
    assert found.history["validation_loss"].max() == 12.0
    assert found.notes == ("recall: read as percent",)


def test_findings_speak_of_shares() -> None:
    diagnosis = diagnosis_of(log(("validation", "accuracy", [95.1, 95.2, 95.1])))
    found = diagnosis["COL206"].finding
    assert found is not None and "right on 95.1% to 95.2%" in found.message


@pytest.mark.parametrize("values", [[0.9, 1.0, 1.0], [-3.0, 20.0, 30.0], [50.0, 90.0, 300.0], [np.nan] * 3])
def test_what_is_no_percent_stays(values: list[float]) -> None:
    one = log(("validation", "accuracy", values))
    assert without_percent(one) is one
