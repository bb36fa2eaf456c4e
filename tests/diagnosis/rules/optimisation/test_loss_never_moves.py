"""OPT312."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rules.optimisation.loss_never_moves import loss_never_moves
from steelyard.finding import Confidence, Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import telemetry
from tests.diagnosis.signals import curve, exactly


def test_the_same_loss_for_twenty_epochs() -> None:
    finding = fired(loss_never_moves, train_loss_logged=curve([0.66671234] * 20))
    assert "is 0.6667 in all 20 epochs" in finding.message
    assert finding.severity is Severity.ERROR
    assert finding.confidence is Confidence.LIKELY


def test_what_its_weights_do_is_told() -> None:
    flat = curve([0.66671234] * 12)
    still = fired(loss_never_moves, train_loss_logged=flat, telemetry=telemetry(12, update=(0.0, 0.0)))
    assert "and neither do its weights" in still.message
    moving = fired(loss_never_moves, train_loss_logged=flat, telemetry=telemetry(12, update=(0.0, 0.1)))
    assert "though its weights change" in moving.message


def test_at_the_base_rate_it_is_only_possible() -> None:
    finding = fired(loss_never_moves, train_loss_logged=curve([0.19] * 20), train_floor=exactly(0.191))
    assert finding.confidence is Confidence.POSSIBLE


def test_a_loss_that_moves_passes() -> None:
    passed(loss_never_moves, train_loss_logged=curve(np.linspace(0.2, 0.19, 5)))


def test_few_digits_and_few_epochs_cannot_tell() -> None:
    assert "4 decimals" in not_applicable(loss_never_moves, train_loss_logged=curve([0.1234] * 5))
    assert "2 epochs" in not_applicable(loss_never_moves, train_loss_logged=curve([0.3, 0.3]))
    assert "not known" in not_applicable(loss_never_moves)


def test_an_update_without_bounds_is_not_told() -> None:
    """That of a layer whose weights are all zero is infinitely many times their norm."""
    infinite = telemetry(12, update=(0.001, np.inf))
    infinite.layers[1].update_ratio[0] = 0.1
    finding = fired(loss_never_moves, train_loss_logged=curve([0.66671234] * 12), telemetry=infinite)
    assert "by up to 0.1 of their norm" in finding.message
