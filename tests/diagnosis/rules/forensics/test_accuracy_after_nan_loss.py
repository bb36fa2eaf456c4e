"""LOG908: the accuracy of a network that is no number."""

import math

from steelyard.diagnosis.rules.forensics.accuracy_after_nan_loss import accuracy_after_nan_loss
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

LOST = curve([0.5, 0.4, math.nan, math.nan])


def test_a_rise_to_the_share_of_negatives() -> None:
    found = fired(
        accuracy_after_nan_loss,
        train_loss_logged=LOST,
        validation_accuracy=curve([0.8, 0.85, 0.9524, 0.9524]),
    )
    assert "not a number from epoch 3 on" in found.message and "from 85% to 95.24%" in found.message
    assert found.epochs == (3, 4)


def test_lost_from_the_start() -> None:
    found = fired(
        accuracy_after_nan_loss,
        train_loss_logged=curve([math.nan, math.nan]),
        train_accuracy=curve([0.95, 0.95]),
    )
    assert "training accuracy is 95%" in found.message


def test_a_fall_and_a_sound_loss_pass() -> None:
    assert "falls" in passed(
        accuracy_after_nan_loss, train_loss_logged=LOST, validation_accuracy=curve([0.97, 0.98, 0.95, 0.95])
    )
    sound = curve([0.5, 0.4])
    assert "no training loss" in passed(
        accuracy_after_nan_loss, train_loss_logged=sound, train_accuracy=sound
    )


def test_an_accuracy_that_stands_still() -> None:
    found = fired(
        accuracy_after_nan_loss, train_loss_logged=LOST, validation_accuracy=curve([0.9, 0.95, 0.95, 0.95])
    )
    assert "stays at 95%" in found.message


def test_weights_that_may_be_numbers() -> None:
    """One infinite loss is the logarithm of a probability of 0; one NaN may be that of a single row."""
    accuracy = curve([0.8, 0.85, 0.9, 0.91])
    infinite = curve([0.5, math.inf, 0.4, math.inf])
    assert passed(accuracy_after_nan_loss, train_loss_logged=infinite, validation_accuracy=accuracy)
    again = curve([0.5, math.nan, 0.4, 0.3])
    assert "a number again" in not_applicable(
        accuracy_after_nan_loss, train_loss_logged=again, validation_accuracy=accuracy
    )


def test_no_accuracy_after_it() -> None:
    assert "no accuracy" in not_applicable(accuracy_after_nan_loss, train_loss_logged=LOST)
    stopped = curve([0.8, 0.85])
    assert "no accuracy" in not_applicable(
        accuracy_after_nan_loss, train_loss_logged=LOST, validation_accuracy=stopped
    )
