"""LOG911: an accuracy that moves without a single hit."""

from steelyard.diagnosis.rules.forensics.zero_recall_while_accuracy_moves import (
    zero_recall_while_accuracy_moves,
)
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

ZERO = curve([0.0, 0.0, 0.0])
NAMES = {"validation_recall": ZERO, "validation_precision": ZERO, "validation_f1": ZERO}
QUESTION = {
    "validation_accuracy": curve([0.9599861592, 0.9629544898860853, 0.9595893809257589]),
    "rows_validation": 1_398_766,
    "base_rate_validation": about(0.037, 0.0368, 0.0371),
}


def test_the_question() -> None:
    found = fired(zero_recall_while_accuracy_moves, **NAMES, **QUESTION)
    assert "precision, recall and F1 are exactly 0 in all 3 epochs" in found.message
    assert "4,707 more negatives called positive" in found.message
    assert "about 173" in found.message and "every changed prediction is a false alarm" in found.message
    assert found.severity is Severity.ERROR and found.epochs == (2, 3)
    assert found.evidence["false_alarms_at_least"] == 4_707


def test_recall_alone_is_enough() -> None:
    found = fired(zero_recall_while_accuracy_moves, validation_recall=ZERO, **QUESTION)
    assert "Validation recall is exactly 0" in found.message


def test_a_few_false_alarms_are_ordinary() -> None:
    said = passed(
        zero_recall_while_accuracy_moves,
        validation_accuracy=curve([0.95, 0.949, 0.9485, 0.948]),
        rows_validation=10_000,
        base_rate_validation=exactly(0.05),
        validation_recall=ZERO,
    )
    assert "19 false alarms without a hit can be chance (p = 0.38)" in said


def test_digits_that_change_need_not_be_rows() -> None:
    """0.95 and 0.9499 may be one row of 1.4 million apart, not 140."""
    printed = QUESTION | {"validation_accuracy": curve([0.95, 0.9499, 0.95])}
    assert "within its digits" in passed(zero_recall_while_accuracy_moves, **NAMES, **printed)
    found = fired(
        zero_recall_while_accuracy_moves,
        **NAMES,
        **printed | {"validation_accuracy": curve([0.95, 0.9469, 0.95])},
    )
    assert found.evidence["false_alarms_at_least"] == 4_196  # 31 digits of 139.9 rows, less one


def test_an_accuracy_that_stands_still_or_a_hit_passes() -> None:
    still = QUESTION | {"validation_accuracy": curve([0.96, 0.96, 0.96])}
    assert "stands still" in passed(zero_recall_while_accuracy_moves, **NAMES, **still)
    hit = NAMES | {"validation_recall": curve([0.0, 0.001, 0.0])}
    assert "not always 0" in passed(zero_recall_while_accuracy_moves, **hit, **QUESTION)


def test_unknown() -> None:
    assert "neither" in not_applicable(zero_recall_while_accuracy_moves, **QUESTION)
    unknown = QUESTION | {"base_rate_validation": None}
    assert "--positives" in not_applicable(zero_recall_while_accuracy_moves, **NAMES, **unknown)
    short = QUESTION | {"validation_accuracy": curve([0.96, 0.95])}
    two = {"validation_recall": curve([0.0, 0.0])}
    assert "fewer than 3" in not_applicable(zero_recall_while_accuracy_moves, **two, **short)
