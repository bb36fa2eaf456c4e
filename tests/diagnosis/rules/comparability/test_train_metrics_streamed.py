"""CMP107: the logged training AUC against that of predictions."""

import numpy as np

from steelyard.diagnosis.rules.comparability.train_metrics_streamed import train_metrics_streamed
from steelyard.log import Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve


def predictions(rows: int, shift: float, seed: int = 107) -> Predictions:
    """Half positives, whose normal scores lie ``shift`` higher."""
    random = np.random.default_rng(seed)
    target = (np.arange(rows) % 2).astype(np.uint8)
    score = random.standard_normal(rows) + shift * target
    return Predictions(target, 1.0 / (1.0 + np.exp(-score)))


def test_an_auc_gathered_over_the_epoch() -> None:
    found = fired(
        train_metrics_streamed,
        train_auc=curve([0.6, 0.68, 0.7], epoch_mean=True),
        train_predictions=predictions(4000, 1.0),
    )
    assert "0.7 in epoch 3" in found.message and "0.7706" in found.message
    assert found.evidence["train_auc_low"] > 0.72


def test_predictions_of_the_best_epoch_instead_of_the_last() -> None:
    passed(
        train_metrics_streamed, train_auc=curve([0.6, 0.772, 0.82]), train_predictions=predictions(4000, 1.0)
    )


def test_a_small_sample_of_training_rows() -> None:
    passed(train_metrics_streamed, train_auc=curve([0.7]), train_predictions=predictions(60, 1.0))


def test_an_auc_of_the_end_of_the_epoch_passes_and_resampled_rows_cannot_tell() -> None:
    known = {"train_predictions": predictions(4000, 1.0)}
    assert "end of the epoch" in passed(train_metrics_streamed, train_auc=curve([0.6, 0.7]), **known)
    streamed = curve([0.6, 0.7], epoch_mean=True)
    assert "resampled" in not_applicable(
        train_metrics_streamed, train_auc=streamed, resampling="smote", **known
    )


def test_an_epoch_that_is_not_a_number_is_left_out() -> None:
    found = fired(
        train_metrics_streamed,
        train_auc=curve([0.6, 0.7, float("nan")], epoch_mean=True),
        train_predictions=predictions(4000, 1.0),
    )
    assert "0.7 in epoch 2" in found.message


def test_one_class_and_nothing() -> None:
    one = Predictions(np.zeros(5, np.uint8), np.full(5, 0.2))
    assert "one class" in not_applicable(
        train_metrics_streamed, train_auc=curve([0.7]), train_predictions=one
    )
    assert "AUC()" in not_applicable(train_metrics_streamed)
