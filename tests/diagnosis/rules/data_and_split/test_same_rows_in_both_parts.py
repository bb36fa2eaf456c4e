"""DAT605: rows in two parts, as the table shows."""

from steelyard.diagnosis.rules.data_and_split.same_rows_in_both_parts import same_rows_in_both_parts
from tests.diagnosis.asking import fired, not_applicable, passed


def test_the_warning_about_twins_is_passed_on_with_its_numbers() -> None:
    found = fired(same_rows_in_both_parts, data_warnings={"D103": "31 of 200 test rows are training rows."})
    assert "Some rows are trained on and judged by as well: 31 of 200" in found.message
    assert "without these" in found.advice and found.settle


def test_a_table_without_twins_passes() -> None:
    assert passed(same_rows_in_both_parts, data_warnings={"D107": "12 positives."})
    assert "--data FILE" in not_applicable(same_rows_in_both_parts)
