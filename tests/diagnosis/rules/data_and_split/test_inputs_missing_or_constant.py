"""DAT602: gaps, infinities and constants; not constants of a small sample."""

import math

from steelyard.diagnosis.rules.data_and_split.inputs_missing_or_constant import inputs_missing_or_constant
from steelyard.finding import Severity
from steelyard.log import FeatureFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

SOUND = FeatureFact("a", 5000, -2.0, 2.0, 0.0, 1.0, 4000)
GAPS = FeatureFact("b", 5000, -2.0, 2.0, 0.0, 1.0, 4000, missing=120)


def test_gaps_are_counted() -> None:
    found = fired(inputs_missing_or_constant, features=(SOUND, GAPS))
    assert "b: 120 of 5,000 rows" in found.message
    assert found.severity is Severity.WARNING


def test_gaps_that_were_filled_are_a_smell() -> None:
    found = fired(inputs_missing_or_constant, features=(SOUND, GAPS), train_loss_logged=curve([0.3, 0.2]))
    assert found.severity is Severity.SMELL and "filled or allowed for" in found.message
    assert "1 of 2 inputs has missing values" in found.message


def test_a_loss_that_is_no_number_does_not_excuse_gaps() -> None:
    found = fired(inputs_missing_or_constant, features=(GAPS,), train_loss_logged=curve([math.nan, math.nan]))
    assert found.severity is Severity.WARNING


def test_infinity_is_named() -> None:
    column = FeatureFact("ratio", 5000, 0.0, math.inf, math.inf, math.nan)
    assert (
        "1 input holds infinity (ratio first)"
        in fired(inputs_missing_or_constant, features=(column,)).message
    )


def test_constants_of_many_rows_are_a_smell() -> None:
    still = FeatureFact("year", 5000, 2019.0, 2019.0, 2019.0, 0.0, 1)
    found = fired(inputs_missing_or_constant, features=(SOUND, still))
    assert found.severity is Severity.SMELL and "all 5,000 rows are 2019" in found.message


def test_a_constant_of_thirty_rows_may_be_a_rare_flag() -> None:
    still = FeatureFact("flag", 30, 0.0, 0.0, 0.0, 0.0, 1)
    assert "up to 10%" in not_applicable(inputs_missing_or_constant, features=(SOUND, still))


def test_sound_columns_pass() -> None:
    assert passed(inputs_missing_or_constant, features=(SOUND,))
    assert "--data FILE" in not_applicable(inputs_missing_or_constant)
