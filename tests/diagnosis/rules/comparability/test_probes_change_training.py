"""CMP109: a run with probes against its twin without, bit for bit."""

import numpy as np

from steelyard.diagnosis.rules.comparability.probes_change_training import probes_change_training
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

LOSS = np.array([1 / 3, 2 / 7, 3 / 11, 0.25123456789])


def test_the_same_run_passes() -> None:
    said = passed(probes_change_training, train_loss_logged=curve(LOSS), twin_train_loss=curve(LOSS))
    assert "all 4 epochs" in said


def test_a_difference_from_the_third_epoch_on() -> None:
    found = fired(
        probes_change_training,
        train_loss_logged=curve(LOSS),
        twin_train_loss=curve([*LOSS[:2], *(LOSS[2:] + 1e-5)]),
    )
    assert found.epochs == (3, 4) and "From epoch 3" in found.message
    assert found.confidence is Confidence.POSSIBLE and "twice without probes" in found.settle


def test_a_probe_that_lowers_the_learning_rate() -> None:
    found = fired(
        probes_change_training,
        train_loss_logged=curve(LOSS),
        twin_train_loss=curve(LOSS * 0.9),
        learning_rates=curve([0.01, 0.009, 0.0081, 0.00729]),
    )
    assert "multiplied by 0.9 in every epoch" in found.message


def test_a_schedule_that_is_no_constant_factor_is_not_blamed() -> None:
    found = fired(
        probes_change_training,
        train_loss_logged=curve(LOSS),
        twin_train_loss=curve(LOSS * 0.9),
        learning_rates=curve([0.01, 0.009, 0.005, 0.001]),
    )
    assert "learning rate" not in found.message


def test_rounded_logs_are_compared_at_their_digits() -> None:
    passed(
        probes_change_training,
        train_loss_logged=curve(np.round(LOSS, 4)),
        twin_train_loss=curve(LOSS),
    )


def test_lost_losses_are_alike() -> None:
    lost = curve([0.5, np.nan])
    passed(probes_change_training, train_loss_logged=lost, twin_train_loss=lost)


def test_without_a_twin() -> None:
    assert "--twin" in not_applicable(probes_change_training, train_loss_logged=curve(LOSS))
    elsewhere = curve(LOSS, epochs=[11, 12, 13, 14])
    assert "in common" in not_applicable(
        probes_change_training, train_loss_logged=curve(LOSS), twin_train_loss=elsewhere
    )
