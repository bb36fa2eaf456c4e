"""OPT313."""

from __future__ import annotations

import pytest

from steelyard.diagnosis.rules.optimisation.loss_not_cross_entropy import loss_not_cross_entropy
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly


def test_an_absolute_error_names_what_saying_no_costs() -> None:
    finding = fired(loss_not_cross_entropy, loss="mae", base_rate_train=exactly(0.048))
    assert "at a cost of 0.048" in finding.message


@pytest.mark.parametrize(
    ("skill", "severity"), [(0.3, Severity.SMELL), (None, Severity.SMELL), (-0.2, Severity.WARNING)]
)
def test_a_squared_error_is_a_smell_unless_nothing_was_learned(
    skill: float | None, severity: Severity
) -> None:
    known = None if skill is None else curve([skill] * 3)
    assert fired(loss_not_cross_entropy, loss="mse", validation_skill=known).severity is severity


@pytest.mark.parametrize("loss", ["binary_crossentropy", "focal_crossentropy", "logit_adjusted"])
def test_others_pass(loss: str) -> None:
    passed(loss_not_cross_entropy, loss=loss)


def test_unknown() -> None:
    assert "loss function" in not_applicable(loss_not_cross_entropy)


def test_what_saying_no_costs_is_told_only_where_positives_are_the_rarer_ones() -> None:
    for rate in (exactly(0.7), about(0.45, 0.3, 0.6)):
        assert "cost" not in fired(loss_not_cross_entropy, loss="mae", base_rate_train=rate).message


def test_a_hinge_takes_labels_of_zero_and_one_too() -> None:
    assert "no probabilities" in fired(loss_not_cross_entropy, loss="hinge").message
