"""COL204: 0 divided by 0, shown as 0; a true 0 passes."""

from steelyard.diagnosis.rules.collapse.undefined_precision_shown_as_zero import (
    undefined_precision_shown_as_zero,
)
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import confusion, counts, curve, exactly


def test_no_row_predicted_positive() -> None:
    found = fired(
        undefined_precision_shown_as_zero,
        validation_precision=curve([0.5, 0.0, 0.0]),
        validation_confusion=counts([1, 0, 0], [2, 3, 0], rows=100, positives=5),
    )
    assert "shown as 0 in 2 epochs; in 1 of them no row was predicted positive" in found.message
    assert found.epochs == (3,)
    assert found.severity is Severity.SMELL


def test_false_alarms_only_is_a_true_zero() -> None:
    said = passed(
        undefined_precision_shown_as_zero,
        validation_precision=curve([0.0, 0.0]),
        validation_confusion=counts([0, 0], [4, 3], rows=100, positives=5),
    )
    assert "truly" in said


def test_no_positive_to_be_found() -> None:
    found = fired(
        undefined_precision_shown_as_zero,
        validation_recall=curve([0.0, 0.0]),
        positives_validation=exactly(0),
    )
    assert "not one validation row is positive" in found.message
    assert found.severity is Severity.WARNING


def test_open_or_unknown() -> None:
    zero = {"validation_precision": curve([0.0])}
    wide = confusion(([0], [0]), ([0], [8]), rows=100, positives=exactly(5))
    assert "leave open" in not_applicable(
        undefined_precision_shown_as_zero, validation_confusion=wide, **zero
    )
    assert "--positives" in not_applicable(undefined_precision_shown_as_zero, **zero)
    assert "Precision()" in not_applicable(undefined_precision_shown_as_zero)
    assert "never" in passed(undefined_precision_shown_as_zero, validation_precision=curve([0.2, 0.3]))


def test_the_first_epochs_alone_mislead_nobody() -> None:
    early = {
        "validation_precision": curve([0.0, 0.4, 0.5]),
        "validation_confusion": counts([0, 2, 1], [0, 5, 2], rows=100, positives=5),
    }
    assert "1 of 3 epochs, not the last" in passed(undefined_precision_shown_as_zero, **early)
    fired(undefined_precision_shown_as_zero, {"most": 0.3}, **early)
