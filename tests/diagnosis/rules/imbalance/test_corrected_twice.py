"""IMB702: resampling and weights stacked."""

import pytest

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.imbalance.class_weights_not_in_force import class_weights_not_in_force
from steelyard.diagnosis.rules.imbalance.corrected_twice import corrected_twice
from steelyard.finding import Status
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import exactly, signals


@pytest.mark.parametrize("rate", [0.5, 1 / 21], ids=["counted after", "counted before"])
def test_smote_to_even_classes_and_weights_of_twenty(rate: float) -> None:
    found = fired(
        corrected_twice, resampling="smote", class_weight=(1.0, 20.0), base_rate_train=exactly(rate)
    )
    assert "SMOTE made 50%" in found.message and "20 positives per negative" in found.message
    assert str(found.changes[0]) == "imbalance.class_weight=none"


def test_weights_computed_after_resampling_stack_nothing() -> None:
    assert "1 positives per negative" in passed(
        corrected_twice, resampling="random_over_sampling", class_weight=(1.0, 1.0)
    )


def test_half_way_resampling_with_moderate_weights_passes() -> None:
    fields = {"resampling": "smote", "class_weight": (1.0, 2.0), "base_rate_train": exactly(1 / 3)}
    assert passed(corrected_twice, **fields)


def test_one_correction_passes() -> None:
    assert passed(corrected_twice, resampling="none", class_weight=(1.0, 20.0))
    assert passed(corrected_twice, resampling="smote", class_weight_type="none")
    assert passed(corrected_twice, resampling="smote", class_weight=(1.0, 20.0), weights_in_force=False)


def test_what_is_missing_is_said() -> None:
    assert "weighted" in not_applicable(corrected_twice, resampling="smote")
    assert "--resampling" in not_applicable(corrected_twice, class_weight=(1.0, 20.0))


def test_weights_that_may_not_be_in_force_mask_it() -> None:
    known = signals(resampling="smote", class_weight=(1.0, 20.0), class_weight_type="array")
    results = diagnose(known, [class_weights_not_in_force, corrected_twice])
    assert [one.status for one in results] == [Status.FIRED, Status.MASKED]
