"""REG402."""

from __future__ import annotations

from steelyard.diagnosis.rules.regularisation.gap_without_rise import gap_without_rise
from tests.diagnosis.asking import not_applicable, passed
from tests.diagnosis.signals import curve

FALLING = curve([0.3, 0.25, 0.2, 0.18, 0.17])
RISING = curve([0.3, 0.2, 0.25, 0.3, 0.35])


def test_a_gap_while_the_validation_loss_falls_is_no_fault() -> None:
    reason = passed(
        gap_without_rise, train_skill=curve([0.5]), validation_skill=curve([0.2]), validation_loss=FALLING
    )
    assert "skill 0.50 on training rows, 0.20 on validation rows" in reason
    assert "no fault" in reason


def test_a_rise_is_left_to_the_other_rule() -> None:
    reason = passed(
        gap_without_rise, train_skill=curve([0.5]), validation_skill=curve([0.2]), validation_loss=RISING
    )
    assert "REG401" in reason


def test_no_gap() -> None:
    assert "no gap" in passed(
        gap_without_rise, train_skill=curve([0.25]), validation_skill=curve([0.2]), validation_loss=FALLING
    )


def test_bounds_that_leave_it_open() -> None:
    wide = curve([0.35], low=[0.25], high=[0.45])
    assert "between 0.05 and 0.25" in not_applicable(
        gap_without_rise, train_skill=wide, validation_skill=curve([0.2]), validation_loss=FALLING
    )
    assert "not known" in not_applicable(gap_without_rise, validation_loss=FALLING)


def test_a_rise_from_nothing_has_no_percentage() -> None:
    reason = passed(
        gap_without_rise,
        train_skill=curve([0.9]),
        validation_skill=curve([0.2]),
        validation_loss=curve([0.0, 0.1, 0.2, 0.3]),
    )
    assert "rises from 0: see REG401" in reason and "inf" not in reason
