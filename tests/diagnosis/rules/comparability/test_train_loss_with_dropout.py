"""CMP102: the training loss with dropout, against that of predictions or the validation loss."""

import numpy as np

from steelyard.diagnosis.rules.comparability.train_loss_with_dropout import train_loss_with_dropout
from steelyard.finding import Confidence
from steelyard.log import LayerFact, Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

DROPPED = curve([0.4, 0.3, 0.267], dropout=True, epoch_mean=True)


def predictions_with_loss(loss: float) -> Predictions:
    """Rows whose true label has the probability exp(-loss), every one."""
    target = np.array([0, 1] * 50, np.uint8)
    right = np.exp(-loss)
    return Predictions(target, np.where(target == 1, right, 1.0 - right))


def test_the_measured_run_of_keras() -> None:
    found = fired(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        dropout=True,
        train_predictions=predictions_with_loss(0.211),
    )
    assert "0.267" in found.message and "0.211" in found.message and "26.54%" in found.message


def test_the_penalty_is_taken_out_first() -> None:
    said = passed(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        dropout=True,
        train_predictions=predictions_with_loss(0.211),
        penalty=curve([0.06, 0.055, 0.05]),
    )
    assert "0.211" in said


def test_weights_or_an_unknown_penalty_in_the_logged_loss_cannot_tell() -> None:
    plain = {"dropout": True, "train_predictions": predictions_with_loss(0.211)}
    weighted = curve([0.4, 0.3, 0.267], dropout=True, weighted=True)
    assert "weighted" in not_applicable(train_loss_with_dropout, train_loss_logged=weighted, **plain)
    penalized = curve([0.4, 0.3, 0.267], dropout=True, penalized=True)
    assert "penalty" in not_applicable(train_loss_with_dropout, train_loss_logged=penalized, **plain)


def test_predictions_of_an_earlier_epoch_pass() -> None:
    passed(
        train_loss_with_dropout,
        train_loss_logged=curve([0.3, 0.21, 0.4], dropout=True),
        dropout=True,
        train_predictions=predictions_with_loss(0.205),
    )


def test_a_validation_loss_below_the_training_loss() -> None:
    found = fired(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        validation_loss_logged=curve([0.3, 0.25, 0.22]),
        dropout=True,
        validation_noise=0.01,
    )
    assert "0.22" in found.message and "no sign of a leak" in found.message
    assert found.confidence is Confidence.POSSIBLE and "model.evaluate" in found.settle


def test_within_the_noise_of_few_rows_it_passes() -> None:
    passed(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        validation_loss_logged=curve([0.3, 0.25, 0.22]),
        dropout=True,
        validation_noise=0.03,
    )


def test_dropout_does_not_explain_a_training_loss_that_is_the_lower_one() -> None:
    said = passed(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        validation_loss_logged=curve([0.5, 0.5, 0.5]),
        dropout=True,
    )
    assert "lower still" in said


def test_no_dropout_or_none_in_the_measurement() -> None:
    both = {"validation_loss_logged": curve([0.3, 0.25, 0.22])}
    assert "no dropout" in passed(train_loss_with_dropout, train_loss_logged=DROPPED, dropout=False, **both)
    plain = curve([0.4, 0.3, 0.267])
    assert "measured without" in passed(
        train_loss_with_dropout, train_loss_logged=plain, dropout=True, **both
    )


def test_a_distance_within_noise_passes_and_says_so() -> None:
    near = curve([0.3, 0.27, 0.26])
    reason = passed(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        validation_loss_logged=near,
        validation_noise=0.01,
        dropout=True,
    )
    assert "is above the validation loss, 0.26, by no more than the noise" in reason


def test_noise_layers_count_too() -> None:
    fired(
        train_loss_with_dropout,
        train_loss_logged=DROPPED,
        validation_loss_logged=curve([0.3, 0.25, 0.22]),
        dropout=False,
        layers=(LayerFact("dense", units=4), LayerFact("gaussian_noise", rate=0.1)),
    )


def test_what_is_missing_is_named() -> None:
    both = {"validation_loss_logged": curve([0.3, 0.25, 0.22])}
    assert "--dropout" in not_applicable(train_loss_with_dropout, train_loss_logged=DROPPED, **both)
    assert "no validation loss" in not_applicable(
        train_loss_with_dropout, train_loss_logged=DROPPED, dropout=True
    )


def test_a_training_loss_without_dropout_beside_it_passes() -> None:
    lower = curve([0.3, 0.25, 0.22])
    known = {"train_loss_logged": DROPPED, "validation_loss_logged": lower, "dropout": True}
    assert "without dropout too" in passed(train_loss_with_dropout, **known, train_loss=lower)
    bounded = curve([0.3, 0.25, 0.2], low=[0.2, 0.15, 0.13])
    fired(train_loss_with_dropout, **known, train_loss=bounded)


def test_losses_that_are_no_number() -> None:
    said = passed(
        train_loss_with_dropout,
        train_loss_logged=curve([np.nan, 0.21, 0.4], dropout=True),
        dropout=True,
        train_predictions=predictions_with_loss(0.205),
    )
    assert "much as logged" in said, "the predictions are those of the second epoch"
    for train, validation in (([0.4, 0.3], [0.35, np.nan]), ([0.4, np.nan], [0.35, 0.2])):
        assert "not a number" in not_applicable(
            train_loss_with_dropout,
            train_loss_logged=curve(train, dropout=True),
            dropout=True,
            validation_loss_logged=curve(validation),
        )
