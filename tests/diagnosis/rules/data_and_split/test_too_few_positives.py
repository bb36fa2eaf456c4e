"""DAT612: how finely so many positives can tell anything."""

from steelyard.diagnosis.rules.data_and_split.too_few_positives import too_few_positives
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly


def test_no_recall_of_five_positives_can_be_anything_up_to_forty_three_percent() -> None:
    found = fired(too_few_positives, positives_validation=exactly(5), validation_recall=curve([0.0, 0.0]))
    assert "5 positives" in found.message and "0.00 to 0.43" in found.message


def test_without_recall_one_half_is_the_yardstick() -> None:
    assert "recall of 0.50" in fired(too_few_positives, positives_validation=exactly(12)).message


def test_no_positive_at_all_is_an_error() -> None:
    found = fired(too_few_positives, positives_validation=exactly(0))
    assert found.severity is Severity.ERROR and "precision can be nothing but 0" in found.message


def test_one_positive_and_a_number_between() -> None:
    assert "hold 1 positive." in fired(too_few_positives, positives_validation=exactly(1)).message
    between = fired(too_few_positives, positives_validation=about(25, 20, 30))
    assert "hold between 20 and 30 positives." in between.message


def test_the_boundary_lies_between_92_and_93() -> None:
    fired(too_few_positives, positives_validation=exactly(92))
    assert "± 0.10" in passed(too_few_positives, positives_validation=exactly(93))


def test_bounds_on_both_sides_decide_nothing() -> None:
    assert "between 40 and 400" in not_applicable(too_few_positives, positives_validation=about(100, 40, 400))
    assert "--positives" in not_applicable(too_few_positives)
