"""Base rates and shares from counted decisions."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.readers import keras_history
from steelyard.log import Log

TP, FP, TN, FN = [40, 50, 60], [5, 20, 10], [895, 880, 890], [60, 50, 40]


def logged(**more: list[float]) -> Log:
    return keras_history.log_of(
        {"loss": [0.3, 0.2, 0.1], "val_tp": TP, "val_fp": FP, "val_tn": TN, "val_fn": FN} | more, "history"
    )


def test_rows_and_positives_are_counted() -> None:
    signals = signals_from(logged())
    assert signals.rows_validation == 1000
    assert signals.positives_validation is not None and signals.positives_validation.value == 100
    assert signals.base_rate_validation is not None and signals.base_rate_validation.value == 0.1


def test_shares_that_were_not_logged_follow() -> None:
    signals = signals_from(logged(val_precision=[0.5, 0.6, 0.7]))
    assert signals.validation_accuracy is not None and signals.validation_recall is not None
    assert signals.validation_accuracy.values == pytest.approx([0.935, 0.93, 0.95])
    assert signals.validation_recall.values == pytest.approx([0.4, 0.5, 0.6])
    assert signals.validation_precision is not None
    assert signals.validation_precision.values == pytest.approx([0.5, 0.6, 0.7])


def test_a_counter_that_was_not_set_back_spoils_the_first_epoch_only() -> None:
    signals = signals_from(logged(val_tn=[1895, 880, 890]))
    assert signals.rows_validation == 1000


@pytest.mark.parametrize(
    "spoiled",
    [
        {"val_tn": [895.5, 880.5, 890.5]},
        {"val_tn": [100, 880, 500]},
        {"val_fn": [60, 50, 41]},
        {"val_fp": [-1, 20, 10]},
    ],
    ids=["weighted", "of other rows each epoch", "not of the same rows at the end", "negative"],
)
def test_what_does_not_add_up_is_not_counted(spoiled: dict[str, list[float]]) -> None:
    assert signals_from(logged(**spoiled)).rows_validation is None


def test_precision_without_an_alarm_has_no_value() -> None:
    none = [0, 0, 0]
    signals = signals_from(logged(val_tp=none, val_fp=none, val_fn=[100] * 3, val_tn=[900] * 3))
    assert signals.validation_precision is None
    assert signals.validation_recall is not None
    assert np.array_equal(signals.validation_recall.values, np.zeros(3))
