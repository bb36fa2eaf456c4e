"""ARC509."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.architecture.learning_rate_unusual import learning_rate_unusual
from steelyard.diagnosis.rules.optimisation.steps_too_large import steps_too_large
from steelyard.finding import Confidence, Severity, Status
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve, signals


def test_the_notebooks_adam() -> None:
    finding = fired(learning_rate_unusual, optimizer="adam", learning_rate=5e-5)
    assert (
        "adam is used with a learning rate of 5e-05, 20 times below its default of 0.001" in finding.message
    )
    assert (finding.severity, finding.confidence) == (Severity.SMELL, Confidence.POSSIBLE)


def test_too_high_where_nothing_was_learned() -> None:
    finding = fired(learning_rate_unusual, optimizer="SGD", learning_rate=3.0, validation_skill=curve([-0.1]))
    assert "300 times above" in finding.message
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(("optimizer", "rate"), [("adam", 1e-3), ("adam", 1e-4), ("sgd", 0.1)])
def test_usual_ones_pass(optimizer: str, rate: float) -> None:
    passed(learning_rate_unusual, optimizer=optimizer, learning_rate=rate)


def test_a_warm_up_is_judged_by_its_peak() -> None:
    passed(
        learning_rate_unusual,
        optimizer="adam",
        learning_rate=1e-6,
        learning_rates=curve([1e-6, 1e-3, 1e-4]),
    )


def test_the_curve_speaks_first() -> None:
    results = diagnose(
        signals(
            optimizer="adam", learning_rate=0.5, train_loss_logged=curve([0.5, 0.4, 0.3, 0.9, 0.35, 0.3])
        ),
        [steps_too_large, learning_rate_unusual],
    )
    assert [result.status for result in results] == [Status.FIRED, Status.MASKED]


def test_unknown() -> None:
    assert "lion" in not_applicable(learning_rate_unusual, optimizer="lion", learning_rate=1e-3)
    assert "learning rate" in not_applicable(learning_rate_unusual, optimizer="adam")


def test_rates_in_single_precision_are_what_was_written() -> None:
    rate = float(np.float32(1e-4))
    assert rate < 1e-4
    passed(learning_rate_unusual, optimizer="adam", learning_rate=rate)
    assert fired(learning_rate_unusual, optimizer="adam", learning_rate=float(np.float32(1e-2)))


def test_a_rate_of_nothing() -> None:
    assert "is 0" in not_applicable(learning_rate_unusual, optimizer="adam", learning_rate=0.0)
