"""OPT302."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.rules.optimisation.steps_too_large import steps_too_large
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import telemetry
from tests.diagnosis.signals import curve


def test_a_jump_fires_with_its_epoch() -> None:
    finding = fired(
        steps_too_large, train_loss_logged=curve([0.5, 0.4, 0.3, 0.9, 0.35, 0.3]), learning_rate=0.1
    )
    assert "In epoch 4 the training loss is 0.9, 3.0 times the lowest before it (0.3)" in finding.message
    assert finding.epochs == (4,)
    assert finding.confidence is Confidence.LIKELY
    assert str(finding.changes[0]) == "optimizer.learning_rate=0.02"


def test_a_saw_tooth_is_possible() -> None:
    finding = fired(steps_too_large, train_loss_logged=curve([0.30, 0.36] * 6))
    assert finding.evidence["share_of_rising_steps"] == pytest.approx(6 / 11)
    assert "55% of the steps" in finding.message
    assert finding.confidence is Confidence.POSSIBLE


def test_a_step_as_large_as_the_weights() -> None:
    flat = curve(np.full(8, 0.41))
    finding = fired(steps_too_large, train_loss_logged=flat, telemetry=telemetry(8, update=(0.004, 2.07)))
    assert "layer dense_2 by 207% of their size" in finding.message
    assert finding.confidence is Confidence.LIKELY
    passed(steps_too_large, train_loss_logged=flat, telemetry=telemetry(8, update=(0.004, 0.01)))


def test_small_wiggles_of_a_sound_curve_pass() -> None:
    sound = 0.1 + 0.02 * np.exp(-np.arange(50) / 5) + np.random.default_rng(0).normal(0, 1e-4, 50)
    passed(steps_too_large, train_loss_logged=curve(sound))


def test_a_smooth_steep_fall_passes() -> None:
    passed(steps_too_large, train_loss_logged=curve(np.exp(-np.arange(12) / 2) + 0.1))


def test_a_learning_rate_that_is_raised_again_cannot_tell() -> None:
    restarts = curve([0.1, 0.05, 0.01, 0.01, 0.1, 0.05])
    reason = not_applicable(
        steps_too_large, train_loss_logged=curve([0.5, 0.4, 0.3, 0.2, 0.9, 0.3]), learning_rates=restarts
    )
    assert "raises the learning rate" in reason


def test_too_few_or_unknown() -> None:
    assert "3 epochs" in not_applicable(steps_too_large, train_loss_logged=curve([0.3, 0.9, 0.3]))
    assert "not known" in not_applicable(steps_too_large)


def test_a_rate_that_would_still_be_far_too_high_gives_way_to_the_usual_one() -> None:
    jumps = curve([0.5, 0.4, 0.3, 0.9, 0.35, 0.3])
    finding = fired(steps_too_large, train_loss_logged=jumps, learning_rate=3.0, optimizer="adamw")
    assert finding.advice.startswith("Try the usual learning rate of 0.001 ")
    assert str(finding.changes[0]) == "optimizer.learning_rate=0.001"
    near = fired(steps_too_large, train_loss_logged=jumps, learning_rate=0.02, optimizer="adamw")
    assert near.advice.startswith("Try a learning rate 5 times lower")
    assert str(near.changes[0]) == "optimizer.learning_rate=0.004"


def test_a_loss_of_zero_cannot_tell() -> None:
    """Categorical cross-entropy over one unit is 0 in every epoch."""
    assert "are 0" in not_applicable(steps_too_large, train_loss_logged=curve([0.0] * 6))


def test_what_still_moves_where_the_rows_are_known_by_heart_is_next_to_nothing() -> None:
    rng = np.random.default_rng(0)
    epochs = np.arange(1, 51)
    by_heart = 0.6 * np.exp(-epochs / 4) + 0.0008 * np.exp(rng.normal(0.0, 0.5, 50))
    ratio = by_heart[1:] / np.minimum.accumulate(by_heart)[:-1]
    assert ratio.max() > 3.0
    passed(steps_too_large, train_loss_logged=curve(by_heart))


def test_a_jump_from_next_to_nothing_to_something_fires() -> None:
    finding = fired(steps_too_large, train_loss_logged=curve([0.5, 0.1, 0.005, 0.2, 0.01, 0.01]))
    assert "is 0.2, 40.0 times the lowest before it (0.005)" in finding.message
    from_zero = fired(steps_too_large, train_loss_logged=curve([0.5, 0.1, 0.0, 0.2, 0.01, 0.01]))
    assert "is 0.2, after 0." in from_zero.message


def test_restarts_in_the_first_half_cannot_tell_and_a_warm_up_can() -> None:
    jumps = curve([0.5, 0.4, 0.9, 0.4, 0.3, 0.3, 0.3, 0.3])
    restarts = curve([0.1, 0.01, 0.1, 0.08, 0.06, 0.04, 0.02, 0.01])
    assert "after it fell" in not_applicable(
        steps_too_large, train_loss_logged=jumps, learning_rates=restarts
    )
    warm_up = curve([0.01, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    assert len(fired(steps_too_large, train_loss_logged=jumps, learning_rates=warm_up).changes) == 1


def test_a_rate_that_decays_already_is_not_told_to() -> None:
    jumps = curve([0.5, 0.4, 0.9, 0.4, 0.3, 0.3])
    decays = curve([0.1, 0.08, 0.06, 0.04, 0.02, 0.0])
    finding = fired(steps_too_large, train_loss_logged=jumps, learning_rates=decays, learning_rate=0.1)
    assert [str(change) for change in finding.changes] == ["optimizer.learning_rate=0.02"]
    assert "decays" not in finding.advice


def test_a_swing_at_a_low_rate_is_not_its_doing() -> None:
    swings = curve([0.30, 0.36] * 6)
    assert "is low for adam" in not_applicable(
        steps_too_large, train_loss_logged=swings, optimizer="adam", learning_rate=1e-5
    )
    fired(steps_too_large, train_loss_logged=swings, optimizer="adam", learning_rate=1e-3)
