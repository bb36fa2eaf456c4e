"""CMP106: a validation loss for natural rows from a network for balanced ones."""

from steelyard.diagnosis.rules.comparability.resampled_train_natural_validation import (
    resampled_train_natural_validation,
)
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

SMOTE = {"resampling": "smote", "base_rate_train": exactly(0.5), "base_rate_validation": exactly(1 / 21)}


def test_smote_to_one_to_one() -> None:
    found = fired(resampled_train_natural_validation, **SMOTE, validation_loss_logged=curve([0.6, 0.48]))
    assert "After SMOTE, 50% of the training rows are positive, but 4.76%" in found.message
    assert "0.6931" in found.message and "0.1914" in found.message and "0.48" in found.message
    assert found.confidence is Confidence.CERTAIN


def test_a_loss_that_is_not_a_number_is_not_told() -> None:
    found = fired(
        resampled_train_natural_validation, **SMOTE, validation_loss_logged=curve([0.6, float("nan")])
    )
    assert "nan" not in found.message and "validation_loss" not in found.evidence


def test_a_rate_known_within_bounds_is_likely() -> None:
    rate = {"base_rate_validation": about(0.08, 0.03, 0.16)}
    found = fired(resampled_train_natural_validation, **SMOTE | rate)
    assert found.confidence is Confidence.LIKELY


def test_a_copy_that_was_not_used() -> None:
    said = passed(resampled_train_natural_validation, **SMOTE | {"base_rate_train": exactly(1 / 21)})
    assert "have the base rate of the validation rows" in said


def test_none_before_the_split_or_hardly_any() -> None:
    assert "not resampled" in passed(resampled_train_natural_validation, resampling="none")
    before = passed(resampled_train_natural_validation, **SMOTE, resampled_before_split=True)
    assert "before the split" in before
    near = passed(resampled_train_natural_validation, **SMOTE | {"base_rate_train": exactly(0.05)})
    assert "so near" in near


def test_unknown() -> None:
    assert "--positives" in not_applicable(resampled_train_natural_validation, resampling="smote")
    assert "--resampling" in not_applicable(resampled_train_natural_validation)
