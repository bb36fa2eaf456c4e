"""COL207: logged metrics against those of the predictions."""

import numpy as np

from steelyard.diagnosis.rules.collapse.metric_contradicts_predictions import metric_contradicts_predictions
from steelyard.finding import Confidence
from steelyard.log import Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

TARGET = np.array([1] * 10 + [0] * 90, np.uint8)
FOUND = Predictions(TARGET, np.where(np.arange(100) < 16, 0.8, 0.1))
"""All positives and six negatives above 0.5: accuracy 0.94, precision 0.625, recall 1."""


def test_an_accuracy_of_another_kind() -> None:
    found = fired(
        metric_contradicts_predictions,
        validation_accuracy=curve([0.0, 0.0]),
        validation_recall=curve([0.9, 1.0]),
        validation_predictions=FOUND,
    )
    assert "accuracy 0.94 (logged: 0 in every epoch)" in found.message and "recall" not in found.message
    assert found.evidence["accuracy_of_predictions"] == 0.94
    assert "threshold" in found.settle


def test_predictions_of_any_epoch_agree() -> None:
    said = passed(
        metric_contradicts_predictions,
        validation_accuracy=curve([0.9, 0.94, 0.7]),
        validation_precision=curve([0.5, 0.625, 0.2]),
        validation_predictions=FOUND,
    )
    assert "accuracy, precision" in said


def test_a_metric_that_stands_still_because_the_network_does() -> None:
    constant = Predictions(TARGET, np.full(100, 0.1))
    passed(
        metric_contradicts_predictions,
        validation_accuracy=curve([0.9, 0.9]),
        validation_precision=curve([0.0, 0.0]),
        validation_recall=curve([0.0, 0.0]),
        validation_predictions=constant,
    )


def test_never_one_row_right() -> None:
    found = fired(metric_contradicts_predictions, train_accuracy=curve([0.0, 0.0, 0.0]))
    assert "The training accuracy is exactly 0 in all of 3 epochs" in found.message
    assert "BinaryAccuracy" in found.advice


def test_validation_rows_of_one_class_are_no_wrong_metric() -> None:
    """The end of a table sorted by label: all positive, and called negative."""
    never = curve([0.0, 0.0, 0.0])
    said = passed(
        metric_contradicts_predictions, validation_accuracy=never, train_accuracy=curve([0.9, 0.95, 0.95])
    )
    assert "the metric works" in said
    found = fired(metric_contradicts_predictions, validation_accuracy=never)
    assert found.confidence is Confidence.POSSIBLE and "both classes" in found.settle


def test_an_epoch_without_a_value_is_left_out() -> None:
    nan = float("nan")
    found = fired(
        metric_contradicts_predictions, validation_accuracy=curve([0.0, nan]), validation_predictions=FOUND
    )
    assert "0 in every epoch" in found.message
    assert "no accuracy" in not_applicable(
        metric_contradicts_predictions, validation_accuracy=curve([nan]), validation_predictions=FOUND
    )


def test_unknown() -> None:
    assert "recomputed" in not_applicable(
        metric_contradicts_predictions, validation_accuracy=curve([0.9] * 3)
    )
    assert "no accuracy" in not_applicable(metric_contradicts_predictions, validation_predictions=FOUND)


def test_the_network_trained_on_after_its_metrics_were_last_measured() -> None:
    """With ``validation_freq=2`` and 7 epochs, predictions are of epoch 7 and metrics of epoch 6."""
    logged = {
        "validation_accuracy": curve([0.5, 0.6, 0.7], epochs=[2, 4, 6]),
        "validation_predictions": FOUND,
    }
    said = not_applicable(metric_contradicts_predictions, train_loss_logged=curve([0.5] * 7), **logged)
    assert "last measured in epoch 6, and the network trained until epoch 7" in said
    fired(metric_contradicts_predictions, train_loss_logged=curve([0.5] * 6), **logged)
    fired(metric_contradicts_predictions, **logged)
