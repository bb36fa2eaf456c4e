"""OPT301."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.rules.optimisation.loss_falls_slowly import loss_falls_slowly
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import telemetry
from tests.diagnosis.signals import curve

STRAIGHT = np.linspace(0.68, 0.60, 20)
LEVELS_OFF = 0.15 + 0.5 * np.exp(-np.arange(20) / 4)


def test_a_straight_line_fires_with_its_numbers() -> None:
    finding = fired(loss_falls_slowly, train_loss=curve(STRAIGHT), learning_rate=5e-5)
    assert "from 0.68 to 0.6" in finding.message
    assert "5e-05" in finding.message
    assert finding.evidence["gain_in_ten_epochs"] == pytest.approx(0.8 / 19 / (0.60 + 0.8 / 19))
    assert [str(change) for change in finding.changes] == ["optimizer.learning_rate=0.00025"]
    assert finding.confidence is Confidence.POSSIBLE
    assert finding.settle


def test_a_validation_loss_that_was_lowest_long_ago_is_no_slow_learning() -> None:
    overfits = curve(np.abs(np.arange(20) - 4.0) / 40.0 + 0.6)
    reason = passed(loss_falls_slowly, train_loss=curve(STRAIGHT), validation_loss_logged=overfits)
    assert "lowest in epoch 5" in reason
    fired(loss_falls_slowly, train_loss=curve(STRAIGHT), validation_loss_logged=curve(STRAIGHT + 0.01))


def test_a_bend_of_a_run_that_has_just_begun_is_straight_enough() -> None:
    """Adam at a hundredth of its rate: the pace at the end was 0.4 of the first or more, of sound runs 0.16
    or less (benchmarks/diagnosis)."""
    begun = 0.33 + 0.04 * np.exp(-np.arange(20) / 22)
    fired(loss_falls_slowly, train_loss=curve(begun))


def test_small_updates_make_it_likely_and_large_ones_refute_it() -> None:
    slow = telemetry(20, update=(2e-5, 3e-5))
    finding = fired(loss_falls_slowly, train_loss=curve(STRAIGHT), telemetry=slow)
    assert finding.confidence is Confidence.LIKELY
    assert finding.evidence["update_ratio"] == pytest.approx(3e-5)
    fast = telemetry(20, update=(2e-5, 3e-3))
    assert "not slow" in passed(loss_falls_slowly, train_loss=curve(STRAIGHT), telemetry=fast)


def test_small_updates_need_no_straight_line() -> None:
    bends = 0.2 + 0.4 / np.sqrt(np.arange(1, 21))
    slow = telemetry(20, update=(5e-6, 1e-5))
    message = fired(loss_falls_slowly, train_loss=curve(bends), telemetry=slow).message
    assert "changes no layer by more than 1e-05" in message
    assert "levelled off" not in message


def test_a_curve_that_levels_off_passes() -> None:
    passed(loss_falls_slowly, train_loss=curve(LEVELS_OFF))


def test_one_that_still_falls_but_bends_passes() -> None:
    bends = 0.2 + 0.4 / np.sqrt(np.arange(1, 21))
    assert "levels off" in passed(loss_falls_slowly, train_loss=curve(bends))


def test_a_flat_noisy_curve_passes() -> None:
    noisy = 0.2 + np.random.default_rng(1).normal(0, 0.01, 30)
    passed(loss_falls_slowly, train_loss=curve(noisy))


def test_few_epochs_cannot_tell() -> None:
    assert "5 epochs" in not_applicable(loss_falls_slowly, train_loss=curve(STRAIGHT[:5]))
    assert "not known" in not_applicable(loss_falls_slowly)
    assert "numbers" in not_applicable(loss_falls_slowly, train_loss=curve([0.5] * 8 + [np.nan]))


def test_a_loss_measured_every_tenth_epoch_is_judged_by_epochs() -> None:
    every_tenth = curve(STRAIGHT, epochs=range(10, 201, 10))
    finding = fired(loss_falls_slowly, train_loss=every_tenth)
    assert finding.evidence["gain_in_ten_epochs"] == pytest.approx(0.08 / 19 / (0.60 + 0.08 / 19))
    passed(loss_falls_slowly, {"per_ten_epochs": 0.01}, train_loss=every_tenth)


def test_a_rate_of_zero_is_not_multiplied() -> None:
    finding = fired(loss_falls_slowly, train_loss=curve(STRAIGHT), learning_rate=0.0)
    assert finding.changes == ()


def test_no_more_than_all_of_the_loss_can_be_gained() -> None:
    steep = curve(np.linspace(0.68, 0.02, 20))
    finding = fired(loss_falls_slowly, train_loss=steep)
    assert 0.9 < float(finding.evidence["gain_in_ten_epochs"]) < 1.0
