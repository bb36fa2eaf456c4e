"""Precision and recall that count both classes are left out, whatever they look like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from steelyard.diagnosis.deriving.both_classes import without_both_classes
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.finding import Status
from steelyard.history import History, Series
from steelyard.log import Facts, LayerFact, Log

RIGHT = (0.91, 0.93, 0.935, 0.944)
ROWS = {"rows_validation": 1_000, "positives_validation": 150, "rows_train": 3_000, "positives_train": 450}
TWO = Facts(loss="categorical_crossentropy", layers=(LayerFact("dense", units=2, activation="softmax"),))


NOTHING = Facts()


def log(facts: Facts = NOTHING, **curves: Sequence[float]) -> Log:
    """A log with these curves by name, ``validation_recall``, and the accuracy of both splits."""
    series = []
    for name, values in {"train_accuracy": RIGHT, "validation_accuracy": RIGHT, **curves}.items():
        split, metric = name.split("_", 1)
        series.append(Series(split, metric, np.array(values, np.float64)))
    history = History(np.arange(1, 1 + len(RIGHT)), tuple(series))
    return Log("a test", "csv", history, facts)


def left_out(one: Log) -> bool:
    changed = without_both_classes(one)
    assert changed.history is not None
    assert (changed is one) == (not changed.notes)
    return not any(name.endswith(("_recall", "_precision", "_auc")) for name in changed.history)


def test_they_are_the_accuracy_and_nothing_is_concluded_from_them() -> None:
    """Both softmax columns enter Keras' Precision() and Recall(), and AUC() too."""
    both = log(Facts(**ROWS), validation_precision=RIGHT, validation_recall=RIGHT, validation_auc=[0.97] * 4)
    assert left_out(both)
    diagnosis = diagnosis_of(both)
    assert "both count" in diagnosis.notes[-1]
    assert [diagnosis[code].status for code in ("LOG901", "LOG903")] == [Status.PASSED, Status.PASSED]


def test_one_epoch_that_agrees_may_be_chance_unless_there_are_two_outputs() -> None:
    once = {name: [0.9, np.nan, np.nan, np.nan] for name in ("validation_precision", "validation_recall")}
    accuracy = [0.9, *RIGHT[1:]]
    assert not left_out(log(validation_accuracy=accuracy, **once))
    assert left_out(log(TWO, validation_accuracy=accuracy, **once))


def test_without_a_precision_both_splits_must_show_it_or_the_network() -> None:
    """Validation rows that are all positive look the same; training rows are not all positive."""
    assert not left_out(log(validation_recall=RIGHT))
    assert not left_out(log(validation_recall=RIGHT, train_recall=[0.1, 0.2, 0.3, 0.4]))
    assert left_out(log(validation_recall=RIGHT, train_recall=RIGHT))
    assert left_out(log(TWO, validation_recall=RIGHT))


@pytest.mark.parametrize("facts", [NOTHING, TWO])
def test_ordinary_and_perfect_metrics_stay(facts: Facts) -> None:
    assert not left_out(log(facts, validation_precision=[0.5] * 4, validation_recall=[0.3] * 4))
    all_right = dict.fromkeys(("validation_accuracy", "validation_precision", "validation_recall"), [1.0] * 4)
    assert not left_out(log(facts, **all_right))
    positives_only = log(facts, validation_precision=[1.0] * 4, validation_recall=RIGHT)
    assert not left_out(positives_only)
    assert without_both_classes(Log("a test", "csv")).notes == ()
