"""Noise, the best epoch, the interval of AUC."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from steelyard.diagnosis.arithmetic import auc_error
from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.signals import Signals
from steelyard.history import PLAIN, History, Series
from steelyard.log import Facts, Log, Predictions
from tests.metrics.samples import binormal


def judged(values: list[float], metric: str = "loss", **facts: object) -> Signals:
    """Of a validation curve."""
    series = (Series("validation", metric, np.array(values), PLAIN),)
    history = History(np.arange(1, len(values) + 1), series)
    return signals_from(Log("a test", "csv", history, Facts(**facts)))  # type: ignore[arg-type]


def test_epochs_within_one_standard_error_are_not_told_from_the_best() -> None:
    values = [0.3, 0.19, 0.182, 0.18, 0.184, 0.22, 0.183, 0.25]
    signals = judged(values, rows_validation=10_000, positives_validation=500)
    assert signals.validation_noise == pytest.approx(0.0064, abs=5e-4)
    best = signals.best_epoch
    assert best is not None
    assert (best.epoch, best.first, best.last, best.by) == (4, 3, 7, "validation loss")


def test_more_rows_tell_more() -> None:
    values = [0.3, 0.19, 0.182, 0.18, 0.184, 0.22, 0.183, 0.25]
    best = judged(values, rows_validation=100_000_000, positives_validation=5_000_000).best_epoch
    assert best is not None
    assert (best.first, best.last) == (4, 4)


def test_the_noise_of_predictions_is_that_of_their_losses() -> None:
    rows = binormal(200, 3000, 3)
    found = Predictions(rows.target, rows.probability)
    signals = signals_from(Log("a test", "csv", predictions={"validation": found}))
    y, p = rows.target, rows.probability
    losses = -(y * np.log(p) + (1 - y) * np.log1p(-p))
    assert signals.validation_noise == pytest.approx(losses.std(ddof=1) / np.sqrt(3200))


def test_the_auc_of_predictions() -> None:
    rows = binormal(60, 2000, 5)
    found = Predictions(rows.target, rows.probability)
    interval = signals_from(Log("a test", "csv", predictions={"validation": found})).validation_auc_interval
    assert interval is not None
    assert interval.value == pytest.approx(roc_auc_score(rows.target, rows.probability))
    reach = 1.96 * auc_error(interval.value, 60, 2000)
    assert interval.high - interval.low == pytest.approx(2 * reach, rel=0.2)


def test_the_auc_of_a_log_needs_the_number_of_positives() -> None:
    assert judged([0.6, 0.7], "auc").validation_auc_interval is None
    few, many = (
        judged([0.6, 0.7], "roc_auc", rows_validation=20 * n, positives_validation=n).validation_auc_interval
        for n in (12, 1200)
    )
    assert few is not None
    assert many is not None
    assert few.value == many.value == 0.7
    assert few.low < 0.55 < many.low < 0.7 < many.high < few.high


def test_without_a_loss_the_ranking_chooses() -> None:
    signals = judged([0.6, 0.72, 0.7], "auc", rows_validation=10_000, positives_validation=100)
    best = signals.best_epoch
    assert best is not None
    assert (best.epoch, best.first, best.last, best.by) == (2, 2, 3, "ROC AUC")
