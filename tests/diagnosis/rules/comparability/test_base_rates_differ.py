"""CMP105: different floors of the two losses, by more than chance, at both ends of what is known."""

import numpy as np

from steelyard.diagnosis.rules.comparability.base_rates_differ import base_rates_differ
from steelyard.finding import Confidence, Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

ROWS = {"rows_train": 100_000, "rows_validation": 25_000}


def test_the_floors_of_the_catalogue() -> None:
    found = fired(
        base_rates_differ,
        base_rate_train=exactly(1 / 21),
        base_rate_validation=exactly(0.02),
        train_loss_logged=curve([0.2, 0.18]),
        validation_loss_logged=curve([0.1, 0.09]),
        **ROWS,
    )
    assert "4.76% of the training rows and 2% of the validation rows are positive" in found.message
    assert "costs 0.1914 in training and 0.09804 in validation" in found.message
    assert "0.18 and 0.09" in found.message
    assert found.confidence is Confidence.CERTAIN and found.settle == ""


def test_the_question() -> None:
    found = fired(
        base_rates_differ,
        base_rate_train=about(0.0269, 0.0258, 0.0278),
        base_rate_validation=about(0.037, 0.0368, 0.0371),
        rows_train=5_595_067,
        rows_validation=1_398_766,
    )
    assert "Between 2.58% and 2.78%" in found.message
    assert found.confidence is Confidence.LIKELY and "Count the positives" in found.settle


def test_chance_with_few_rows() -> None:
    said = passed(
        base_rates_differ,
        base_rate_train=exactly(0.05),
        base_rate_validation=exactly(0.08),
        rows_train=400,
        rows_validation=100,
    )
    assert "no more than chance" in said


def test_a_difference_that_is_real_and_does_not_matter() -> None:
    said = passed(
        base_rates_differ,
        base_rate_train=exactly(0.05),
        base_rate_validation=exactly(0.051),
        rows_train=5_000_000,
        rows_validation=5_000_000,
    )
    assert "differ by" in said


def test_bounds_that_overlap_cannot_tell() -> None:
    reason = not_applicable(
        base_rates_differ,
        base_rate_train=about(0.03, 0.02, 0.04),
        base_rate_validation=about(0.05, 0.035, 0.07),
        **ROWS,
    )
    assert "overlap" in reason


def test_equal_rates_pass_and_unknown_rows_cannot_tell() -> None:
    same = {"base_rate_train": exactly(0.05), "base_rate_validation": exactly(0.05)}
    passed(base_rates_differ, **same, **ROWS)
    apart = {"base_rate_train": exactly(0.05), "base_rate_validation": exactly(0.02)}
    assert "chance cannot be ruled out" in not_applicable(base_rates_differ, **apart)
    assert "--positives" in not_applicable(base_rates_differ, base_rate_train=exactly(0.05))


def test_random_splits_hardly_ever_fire() -> None:
    random = np.random.default_rng(105)
    alarms = 0
    for _ in range(500):
        train, validation = random.binomial([4000, 1000], 1 / 21) / [4000, 1000]
        result = ask(
            base_rates_differ,
            base_rate_train=exactly(train),
            base_rate_validation=exactly(validation),
            rows_train=4000,
            rows_validation=1000,
        )
        alarms += result.status is Status.FIRED
    assert alarms <= 15
