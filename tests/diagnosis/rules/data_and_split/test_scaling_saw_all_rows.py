"""DAT607: a scaler that was fitted before the split."""

from steelyard.diagnosis.rules.data_and_split.scaling_saw_all_rows import scaling_saw_all_rows
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed


def test_with_many_rows_it_is_a_smell_and_the_effect_is_said() -> None:
    found = fired(scaling_saw_all_rows, scaled_before_split=True, rows_train=40_000, rows_validation=10_000)
    assert found.severity is Severity.SMELL
    assert "0.0022 standard deviations" in found.message  # sqrt(0.2 / 40,000)


def test_with_few_rows_it_is_a_warning() -> None:
    found = fired(scaling_saw_all_rows, scaled_before_split=True, rows_train=200, rows_validation=50)
    assert found.severity is Severity.WARNING and "not nothing" in found.message


def test_without_numbers_of_rows_the_fact_is_said() -> None:
    assert fired(scaling_saw_all_rows, scaled_before_split=True).severity is Severity.SMELL


def test_splitting_first_passes() -> None:
    assert passed(scaling_saw_all_rows, scaled_before_split=False)
    assert "the code" in not_applicable(scaling_saw_all_rows)
