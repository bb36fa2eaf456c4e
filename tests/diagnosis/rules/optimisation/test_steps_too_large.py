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
