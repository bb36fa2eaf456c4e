"""DAT603: a tail with another base rate; not one that chance explains, nor a split by time."""

import numpy as np
import pytest

from steelyard.diagnosis.rules.data_and_split.tail_unlike_the_rest import tail_unlike_the_rest
from steelyard.diagnosis.signals import Estimate
from steelyard.finding import Confidence, Severity, Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly

QUESTION = {
    "base_rate_train": about(0.0269, 0.0262, 0.0277),
    "base_rate_validation": exactly(0.03704),
    "rows_train": 5_595_067,
    "rows_validation": 1_398_766,
}


def test_the_question_s_tail_is_suspect() -> None:
    found = fired(tail_unlike_the_rest, validation_way="tail", **QUESTION)
    assert (
        "last 1,398,766" in found.message
        and "3.7%" in found.message
        and "between 2.62% and 2.77%" in found.message
    )
    assert "time" in found.settle


def test_a_small_difference_of_very_many_rows_is_a_smell() -> None:
    many = {"rows_train": 1_000_000, "rows_validation": 250_000, "base_rate_train": exactly(0.05)}
    small = fired(tail_unlike_the_rest, validation_way="tail", base_rate_validation=exactly(0.0518), **many)
    assert small.severity is Severity.SMELL
    for other in (0.056, 0.045):
        found = fired(
            tail_unlike_the_rest, validation_way="tail", base_rate_validation=exactly(other), **many
        )
        assert found.severity is Severity.WARNING


def test_bounds_that_touch_decide_nothing() -> None:
    wide = QUESTION | {"base_rate_train": about(0.03, 0.02, 0.038)}
    assert "may be" in passed(tail_unlike_the_rest, validation_way="tail", **wide)


@pytest.mark.parametrize("way", ["random", "stratified", "time", "group", "given"])
def test_other_splits_are_not_judged(way: str) -> None:
    assert way in passed(tail_unlike_the_rest, validation_way=way, **QUESTION)


def test_resampled_rows_say_nothing_of_the_order() -> None:
    assert "resampled" in not_applicable(
        tail_unlike_the_rest, validation_way="tail", resampling="smote", **QUESTION
    )


def test_a_drift_along_the_file_counts() -> None:
    found = fired(
        tail_unlike_the_rest,
        validation_way="tail",
        data_warnings={"D106": "along the file it goes from 2 to 9."},
    )
    assert found.confidence is Confidence.POSSIBLE and "from 2 to 9" in found.message


def test_what_is_missing_is_said() -> None:
    assert "base rates" in not_applicable(tail_unlike_the_rest, validation_way="tail")
    assert "--split" in not_applicable(tail_unlike_the_rest)


def test_chance_alone_fires_once_in_a_thousand() -> None:
    random = np.random.default_rng(603)
    alarms = 0
    for _ in range(2000):
        train, validation = random.binomial(8000, 0.05), random.binomial(2000, 0.05)
        rates = [Estimate(*[k / n] * 3) for k, n in ((train, 8000), (validation, 2000))]
        result = ask(
            tail_unlike_the_rest,
            validation_way="tail",
            base_rate_train=rates[0],
            base_rate_validation=rates[1],
            rows_train=8000,
            rows_validation=2000,
        )
        alarms += result.status is Status.FIRED
    assert alarms <= 10


def test_twice_the_rate_in_the_tail_is_seen_with_a_hundred_positives() -> None:
    random = np.random.default_rng(604)
    alarms = 0
    for _ in range(300):
        train, validation = random.binomial(8000, 0.05), random.binomial(2000, 0.10)
        rates = [Estimate(*[k / n] * 3) for k, n in ((train, 8000), (validation, 2000))]
        result = ask(
            tail_unlike_the_rest,
            validation_way="tail",
            base_rate_train=rates[0],
            base_rate_validation=rates[1],
            rows_train=8000,
            rows_validation=2000,
        )
        alarms += result.status is Status.FIRED
    assert alarms >= 290
