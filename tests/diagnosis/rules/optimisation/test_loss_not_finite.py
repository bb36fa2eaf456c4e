"""OPT308."""

from __future__ import annotations

import math

from steelyard.diagnosis.rules.optimisation.loss_not_finite import loss_not_finite
from steelyard.finding import Confidence, Severity
from steelyard.log import FeatureFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

NAN = math.nan


def test_nan_from_an_epoch_on() -> None:
    finding = fired(loss_not_finite, train_loss_logged=curve([0.5, 0.4, NAN, NAN]), learning_rate=0.01)
    assert finding.message == (
        "The training loss is not a number in epoch 3, after 0.4 in epoch 2: 2 of 4 epochs are lost."
    )
    assert finding.epochs == (3, 4)
    assert [str(change) for change in finding.changes] == [
        "optimizer.learning_rate=0.001",
        "optimizer.global_clip_norm=1.0",
    ]
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)


def test_infinity_from_the_start() -> None:
    assert "from the start" in fired(loss_not_finite, train_loss_logged=curve([math.inf, 0.3])).message


def test_missing_values_are_named_instead_of_a_learning_rate() -> None:
    hole = FeatureFact("age", 100, 1.0, 9.0, 5.0, 1.0, missing=7)
    finding = fired(loss_not_finite, train_loss_logged=curve([NAN]), features=(hole,), learning_rate=0.1)
    assert "7 of 100 rows in age" in finding.message
    assert finding.changes == ()


def test_the_validation_loss_alone() -> None:
    finding = fired(
        loss_not_finite, train_loss_logged=curve([0.3, 0.2]), validation_loss_logged=curve([0.3, NAN])
    )
    assert finding.evidence["split"] == "validation"
    assert finding.changes == ()


def test_finite_passes_and_nothing_is_not_applicable() -> None:
    assert "all 2" in passed(loss_not_finite, train_loss_logged=curve([0.3, 0.2]))
    assert "training loss" in not_applicable(loss_not_finite)


def test_values_without_bounds_are_not_missing_ones() -> None:
    hole = FeatureFact("age", 100, 1.0, math.inf, math.inf, NAN)
    finding = fired(loss_not_finite, train_loss_logged=curve([NAN]), features=(hole,))
    assert "infinite values, in age" in finding.message


def test_a_rate_of_zero_cannot_be_lowered() -> None:
    finding = fired(loss_not_finite, train_loss_logged=curve([NAN]), learning_rate=0.0)
    assert [str(change) for change in finding.changes] == ["optimizer.global_clip_norm=1.0"]
