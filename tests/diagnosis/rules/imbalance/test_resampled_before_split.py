"""IMB703: rows made before the split."""

from steelyard.diagnosis.rules.imbalance.resampled_before_split import resampled_before_split
from steelyard.finding import Confidence, Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly


def test_code_that_resamples_first() -> None:
    found = fired(
        resampled_before_split,
        resampling="smote",
        resampled_before_split=True,
        base_rate_validation=exactly(0.502),
    )
    assert "SMOTE" in found.message and "50.2%" in found.message
    assert found.severity is Severity.ERROR and found.confidence is Confidence.CERTAIN


def test_leaving_rows_out_first_leaks_nothing() -> None:
    found = fired(resampled_before_split, resampling="random_under_sampling", resampled_before_split=True)
    assert found.severity is Severity.WARNING and "No row stands on both sides" in found.message


def test_even_validation_rows_of_a_rare_class() -> None:
    found = fired(
        resampled_before_split,
        resampling="smote",
        base_rate_validation=exactly(0.49),
        base_rate_raw=about(0.048, 0.04, 0.05),
    )
    assert "49%" in found.message and "4.8%" in found.message and found.confidence is Confidence.LIKELY


def test_even_validation_rows_of_even_classes_show_nothing() -> None:
    fields = {"resampling": "smote", "base_rate_validation": exactly(0.49), "base_rate_raw": exactly(0.45)}
    assert passed(resampled_before_split, **fields)


def test_rows_between_others_in_the_table() -> None:
    found = fired(resampled_before_split, data_warnings={"D109": "812 rows lie between two others."})
    assert "812 rows" in found.message


def test_splitting_first_passes() -> None:
    assert passed(resampled_before_split, resampling="smote", resampled_before_split=False)
    assert passed(resampled_before_split, resampling="none")


def test_not_known_which_came_first() -> None:
    assert "came first" in not_applicable(resampled_before_split, resampling="smote")
