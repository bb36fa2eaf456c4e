"""ARC506."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rules.architecture.dead_or_saturated_units import dead_or_saturated_units
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import telemetry
from tests.diagnosis.signals import curve


def test_dead_units() -> None:
    finding = fired(dead_or_saturated_units, telemetry=telemetry(10, dead=(0.8, 0.1)), learning_rate=0.03)
    assert "In layer dense_1, 80% of the units are dead" in finding.message
    assert str(finding.changes[-1]) == "optimizer.learning_rate=0.01"
    assert finding.severity is Severity.SMELL


def test_saturated_units_where_nothing_was_learned() -> None:
    finding = fired(
        dead_or_saturated_units, telemetry=telemetry(10, saturated=(0.1, 0.7)), validation_skill=curve([0.0])
    )
    assert "dense_2, 70% of the units are saturated" in finding.message
    assert finding.severity is Severity.WARNING


def test_a_single_epoch_and_half_of_the_units_pass() -> None:
    once = telemetry(10)
    once.layers[0].dead_share[-1] = 0.9
    passed(dead_or_saturated_units, telemetry=once)
    assert "at most 50%" in passed(dead_or_saturated_units, telemetry=telemetry(10, dead=(0.5, 0.1)))


def test_layers_without_units_to_die_are_left_out() -> None:
    passed(
        dead_or_saturated_units, telemetry=telemetry(10, dead=(np.nan, np.nan), saturated=(np.nan, np.nan))
    )
    assert "Steelyard" in not_applicable(dead_or_saturated_units)


def test_a_run_of_one_epoch_cannot_tell() -> None:
    assert "fewer than 2" in not_applicable(dead_or_saturated_units, telemetry=telemetry(1, dead=(0.9, 0.1)))
    last = telemetry(2)
    last.layers[0].dead_share[-1] = 0.9
    passed(dead_or_saturated_units, telemetry=last)
