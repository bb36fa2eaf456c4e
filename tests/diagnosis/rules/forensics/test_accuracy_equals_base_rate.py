"""LOG905: the commoner class to the last row, in the last epochs."""

from steelyard.diagnosis.rules.forensics.accuracy_equals_base_rate import accuracy_equals_base_rate
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

ROWS = 15_405
MAJORITY = 14_148 / ROWS


def test_to_the_row_in_the_last_four_epochs() -> None:
    found = fired(
        accuracy_equals_base_rate,
        validation_accuracy=curve([0.91, *[MAJORITY] * 4]),
        base_rate_validation=exactly(1_257 / ROWS),
        rows_validation=ROWS,
    )
    assert "From epoch 2 on the network is right on exactly the 14,148 rows" in found.message
    assert "91.84%" in found.message and "4 epochs" in found.message
    assert found.epochs == (2, 3, 4, 5) and found.confidence is Confidence.CERTAIN


def test_one_row_more_passes() -> None:
    passed(
        accuracy_equals_base_rate,
        validation_accuracy=curve([14_149 / ROWS] * 5),
        base_rate_validation=exactly(1_257 / ROWS),
        rows_validation=ROWS,
    )


def test_a_base_rate_within_narrow_bounds_is_likely() -> None:
    found = fired(
        accuracy_equals_base_rate,
        validation_accuracy=curve([0.9, *[MAJORITY] * 3]),
        base_rate_validation=about(0.0816, 0.080, 0.083),
        rows_validation=ROWS,
    )
    assert "the same 14,148 rows each time" in found.message and found.confidence is Confidence.LIKELY


def test_within_narrow_bounds_it_must_stand_still() -> None:
    passed(
        accuracy_equals_base_rate,
        validation_accuracy=curve([0.9, MAJORITY, MAJORITY + 2 / ROWS, MAJORITY]),
        base_rate_validation=about(0.0816, 0.080, 0.083),
        rows_validation=ROWS,
    )


def test_wide_bounds_and_short_runs_cannot_tell() -> None:
    wide = about(0.08, 0.03, 0.16)
    log = {"validation_accuracy": curve([MAJORITY] * 5), "rows_validation": ROWS}
    assert "well enough" in not_applicable(accuracy_equals_base_rate, base_rate_validation=wide, **log)
    short = log | {"validation_accuracy": curve([MAJORITY] * 2)}
    rate = {"base_rate_validation": exactly(1_257 / ROWS)}
    assert "fewer than 3" in not_applicable(accuracy_equals_base_rate, **short, **rate)


def test_few_digits_cannot_tell_a_row() -> None:
    log = {"validation_accuracy": curve([0.91, 0.92, 0.92, 0.92]), "rows_validation": ROWS}
    rate = {"base_rate_validation": exactly(0.08)}
    assert "digits" in not_applicable(accuracy_equals_base_rate, **log, **rate)
    full = {"validation_loss_logged": curve([0.31234567891, 0.3, 0.3, 0.3])}
    fired(accuracy_equals_base_rate, **log, **rate, **full)


def test_two_digits_of_an_accuracy_beside_six_of_a_loss_cannot_tell() -> None:
    printed = curve([0.91, 0.93, 0.95, 0.95, 0.95])
    loss = curve([0.301234, 0.251234, 0.212347, 0.201234, 0.198765])
    rows = {"rows_validation": 2_000, "base_rate_validation": exactly(0.05)}
    assert "too few digits" in not_applicable(
        accuracy_equals_base_rate, validation_accuracy=printed, validation_loss_logged=loss, **rows
    )


def test_a_rate_that_may_be_on_either_side_of_one_half_is_not_known_exactly() -> None:
    """0.4 and 0.6 have the same commoner share, and everything between has another."""
    still = curve([0.6] * 4)
    assert "not known well enough" in not_applicable(
        accuracy_equals_base_rate,
        validation_accuracy=still,
        validation_loss_logged=curve([0.1234567]),
        rows_validation=2_000,
        base_rate_validation=about(0.5, 0.4, 0.6),
    )
