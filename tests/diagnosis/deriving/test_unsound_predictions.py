"""Predictions that are no probabilities: the log is judged without them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.history import History, Series
from steelyard.log import Facts, Log, Predictions

TARGET = (np.arange(60) % 3 == 0).astype(np.uint8)
SOUND = np.linspace(0.1, 0.9, 60)
ROWS = Facts(rows_validation=60, positives_validation=20)


def log_with(**predicted: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Log:
    """A short run with these predictions by split."""
    losses = Series("validation", "loss", np.array([0.6, 0.5, 0.55]))
    return Log(
        "a run",
        "test",
        History(np.arange(1, 4), (losses,)),
        ROWS,
        predictions={split: Predictions(TARGET[: len(p)], p) for split, p in predicted.items()},
    )


def with_one(value: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Sound but for one row."""
    found = SOUND.copy()
    found[7] = value
    return found


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1e-9, 1.0 + 1e-9, 3.0])
def test_one_number_that_is_no_probability_leaves_out_its_split_alone(value: float) -> None:
    bare, found = signals_from(log_with()), signals_from(log_with(validation=with_one(value), train=SOUND))
    assert found.validation_predictions is None
    assert found.train_predictions is not None
    assert found.validation_auc_interval == bare.validation_auc_interval
    assert found.validation_noise == bare.validation_noise


def test_the_ends_are_probabilities() -> None:
    found = signals_from(log_with(validation=np.where(TARGET == 1, 1.0, 0.0)))
    assert found.validation_predictions is not None
    assert found.validation_noise is not None and np.isfinite(found.validation_noise)


@given(st.lists(st.floats(width=64) | st.floats(0.0, 1.0), max_size=60))
def test_whatever_stands_there_the_log_is_judged(numbers: list[float]) -> None:
    log = log_with(validation=np.array(numbers, np.float64))
    found = signals_from(log)
    for one in fields(found):
        value = getattr(found, one.name)
        if isinstance(value, Estimate):
            assert value.low <= value.value <= value.high, one.name
        elif isinstance(value, Curve):
            assert len(value.low) == len(value.values) == len(value.high)
    assert diagnosis_of(log).results
