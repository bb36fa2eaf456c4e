"""COL203: the share above 0.5 against the base rate, after weights or resampling."""

import math

import numpy as np

from steelyard.diagnosis.rules.collapse.too_many_above_half import too_many_above_half
from steelyard.log import Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import confusion, counts, exactly

RATE = {"base_rate_validation": exactly(0.05)}
SHARE = {"validation_confusion": counts([40], [400], rows=1_000, positives=50)}


def test_class_weights_of_20() -> None:
    found = fired(too_many_above_half, class_weight=(1.0, 20.0), **RATE, **SHARE)
    assert "40% of the validation rows lie above 0.5, where 5% are positive: 8 times as many" in found.message
    assert "too high by 2.996: what is called 0.5 is 4.76% on natural rows" in found.message
    assert found.evidence["logit_shift"] == math.log(20.0)


def test_resampling_shifts_by_the_odds() -> None:
    found = fired(too_many_above_half, resampling="smote", base_rate_train=exactly(0.5), **RATE, **SHARE)
    assert "By resampling" in found.message
    assert abs(float(found.evidence["logit_shift"]) - math.log(19.0)) < 1e-9


def test_predictions_speak_before_counts() -> None:
    probability = np.where(np.arange(1_000) < 100, 0.9, 0.1)
    said = passed(
        too_many_above_half,
        class_weight=(1.0, 20.0),
        validation_predictions=Predictions((np.arange(1_000) < 50).astype(np.uint8), probability),
        **RATE,
        **SHARE,
    )
    assert "10%" in said


def test_the_fewest_that_the_metrics_allow_count() -> None:
    wide = confusion(([0], [50]), ([100], [900]), rows=1_000, positives=exactly(50))
    passed(too_many_above_half, class_weight=(1.0, 20.0), validation_confusion=wide, **RATE)


def test_no_weights_in_force_and_none_at_all_pass() -> None:
    weights = {"class_weight": (1.0, 20.0), "weights_in_force": False}
    assert "neither" in passed(too_many_above_half, **weights, **RATE, **SHARE)
    assert "neither" in passed(too_many_above_half, resampling="none", **RATE, **SHARE)


def test_unknown() -> None:
    assert "weighted or resampled" in not_applicable(too_many_above_half, **RATE, **SHARE)
    assert "Precision()" in not_applicable(too_many_above_half, class_weight=(1.0, 20.0), **RATE)
    none = {"base_rate_validation": exactly(0.0)}
    assert "no positives" in not_applicable(too_many_above_half, class_weight=(1.0, 20.0), **none)
