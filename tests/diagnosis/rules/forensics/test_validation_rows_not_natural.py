"""LOG903: only positives, or half positives, among validation rows of rare positives."""

from steelyard.diagnosis.rules.forensics.validation_rows_not_natural import validation_rows_not_natural
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly


def test_accuracy_and_recall_are_one_curve() -> None:
    found = fired(
        validation_rows_not_natural,
        validation_accuracy=curve([0.71, 0.83, 0.9]),
        validation_recall=curve([0.71, 0.83, 0.9]),
        resampling="smote",
        validation_way="tail",
    )
    assert "from 71% to 90%" in found.message and "every validation row is positive" in found.message
    assert "the last rows of the table validate" in found.message
    assert found.confidence is Confidence.CERTAIN


def test_recall_may_count_both_classes() -> None:
    one = curve([0.71, 0.83, 0.9])
    both = {"validation_accuracy": one, "validation_recall": one}
    found = fired(validation_rows_not_natural, **both)
    assert "or where recall counts both classes" in found.message
    assert found.confidence is Confidence.LIKELY and found.settle
    sure = fired(validation_rows_not_natural, validation_precision=curve([1.0, 1.0, 1.0]), **both)
    assert "or where" not in sure.message and sure.confidence is Confidence.CERTAIN
    not_applicable(validation_rows_not_natural, validation_precision=one, **both)
    passed(validation_rows_not_natural, base_rate_validation=exactly(0.15), **both)
    fired(validation_rows_not_natural, base_rate_validation=about(0.15, 0.1, 0.3), **both)


def test_curves_that_stand_still_prove_nothing() -> None:
    still = {"validation_accuracy": curve([0.9] * 5), "validation_recall": curve([0.9] * 5)}
    assert "not known" in not_applicable(validation_rows_not_natural, **still)


def test_a_ranking_of_exactly_nothing() -> None:
    found = fired(validation_rows_not_natural, validation_auc=curve([0.0] * 15))
    assert "exactly 0 in all 15 epochs" in found.message
    assert found.confidence is Confidence.LIKELY and found.settle
    not_applicable(validation_rows_not_natural, validation_auc=curve([0.0, 0.0]))
    not_applicable(validation_rows_not_natural, validation_auc=curve([0.0, 0.0, 0.02]))


def test_no_negative_by_count() -> None:
    found = fired(validation_rows_not_natural, base_rate_validation=exactly(1.0))
    assert "100% of the validation rows are positive: no negative" in found.message


def test_half_of_the_rows_where_positives_are_rare() -> None:
    found = fired(
        validation_rows_not_natural,
        base_rate_validation=about(0.5, 0.48, 0.52),
        base_rate_raw=about(0.048, 0.04, 0.057),
    )
    assert "between 48% and 52%" in found.message and "between 4% and 5.7% of the data" in found.message
    assert found.confidence is Confidence.LIKELY


def test_natural_rows_pass() -> None:
    raw = {"base_rate_raw": exactly(0.45)}
    assert "45% of all rows" in passed(validation_rows_not_natural, base_rate_validation=exactly(0.5), **raw)
    assert "5% of the validation" in passed(validation_rows_not_natural, base_rate_validation=exactly(0.05))
    apart = {"validation_accuracy": curve([0.9, 0.92, 0.93]), "validation_recall": curve([0.1, 0.2, 0.3])}
    passed(validation_rows_not_natural, base_rate_validation=exactly(0.05), **apart)


def test_unknown() -> None:
    assert "not known" in not_applicable(validation_rows_not_natural)
    half = {"base_rate_validation": exactly(0.5)}
    assert "before any resampling" in not_applicable(validation_rows_not_natural, **half)
