"""IMB702: resampling and weights stacked."""

import pytest

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.imbalance.class_weights_not_in_force import class_weights_not_in_force
from steelyard.diagnosis.rules.imbalance.corrected_twice import corrected_twice
from steelyard.diagnosis.signals import Estimate
from steelyard.finding import Status
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import exactly, signals


def test_the_finding_says_what_each_does() -> None:
    found = fired(corrected_twice, resampling="smote", class_weight=(1.0, 20.0), base_rate_train=exactly(0.5))
    assert "SMOTE made 50% of the training rows positive" in found.message
    assert "20 positives per negative" in found.message and found.evidence["odds"] == 20.0
    assert str(found.changes[0]) == "imbalance.class_weight=none"


@pytest.mark.parametrize("rate", [exactly(1 / 21), None], ids=["counted before", "not counted"])
def test_even_classes_are_what_a_sampler_makes_by_default(rate: Estimate | None) -> None:
    found = fired(corrected_twice, resampling="smote", class_weight=(1.0, 20.0), base_rate_train=rate)
    assert "SMOTE makes 50%, unless told otherwise, of the training rows positive" in found.message
    assert found.evidence["odds"] == 20.0
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
