"""REG403."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from steelyard.diagnosis.rules.regularisation.over_confidence import over_confidence
from steelyard.finding import Confidence
from steelyard.log import Predictions, Stopping
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

RISES = curve([0.30, 0.22, 0.20, 0.21, 0.23, 0.25])
COUNTED: dict[str, Any] = {
    "positives_validation": exactly(200),
    "rows_validation": 4200,
    "validation_noise": 0.004,
}


def predictions(temperature: float, rows: int = 4000) -> Predictions:
    """Right probabilities, their logits multiplied."""
    rng = np.random.default_rng(7)
    logits = rng.normal(-2.0, 1.5, rows)
    target = (rng.random(rows) < expit(logits)).astype(np.uint8)
    return Predictions(target, expit(temperature * logits))


def test_a_rise_of_the_loss_with_a_steady_auc() -> None:
    finding = fired(
        over_confidence,
        validation_loss=RISES,
        validation_auc=curve([0.7, 0.8, 0.82, 0.83, 0.83, 0.825]),
        **COUNTED,
    )
    assert "rises by 25% after epoch 3" in finding.message
    assert "ROC AUC 0.825 at the end, 0.830 at its best" in finding.message
    assert str(finding.changes[0]) == "decision.calibration=temperature"
    assert finding.epochs == (4, 5, 6)


def test_a_ranking_that_gets_worse_is_not_it() -> None:
    reason = passed(
        over_confidence,
        validation_loss=RISES,
        validation_auc=curve([0.7, 0.8, 0.82, 0.8, 0.75, 0.7]),
        **COUNTED,
    )
    assert "ranking gets worse" in reason


def test_no_rise_and_a_rise_within_noise_pass() -> None:
    auc = curve([0.8] * 6)
    passed(
        over_confidence,
        validation_loss=curve([0.3, 0.25, 0.22, 0.21, 0.2, 0.2]),
        validation_auc=auc,
        **COUNTED,
    )
    noisy = {**COUNTED, "validation_noise": 0.04}
    passed(over_confidence, validation_loss=RISES, validation_auc=auc, **noisy)


def test_bounds_that_do_not_hold_make_it_possible() -> None:
    wide = curve(RISES.values, low=RISES.values - 0.1, high=RISES.values)
    finding = fired(over_confidence, validation_loss=wide, validation_auc=curve([0.8] * 6), **COUNTED)
    assert finding.confidence is Confidence.POSSIBLE


def test_probabilities_that_are_too_sure() -> None:
    finding = fired(over_confidence, validation_loss=RISES, validation_predictions=predictions(2.5))
    assert finding.evidence["temperature"] == pytest.approx(2.5, rel=0.15)


def test_a_ranking_that_was_better_before_makes_it_overfitting() -> None:
    sure = predictions(2.5)
    known = {**COUNTED, "validation_loss": RISES, "validation_predictions": sure}
    kept = about(0.80, 0.77, 0.83)
    reason = passed(
        over_confidence, validation_auc=curve([0.8, 0.9, 0.8]), validation_auc_interval=kept, **known
    )
    assert "ROC AUC 0.800, and 0.900 at its best" in reason
    fired(over_confidence, validation_auc=curve([0.7, 0.81, 0.8]), validation_auc_interval=kept, **known)


def test_a_rise_after_the_epoch_whose_weights_are_kept_does_no_harm() -> None:
    known = {"validation_loss": RISES, "validation_auc": curve([0.8] * 6), **COUNTED}
    kept = Stopping("val_loss", patience=3, restore_best=True)
    assert "weights kept" in passed(over_confidence, stopping=kept, **known)
    fired(over_confidence, stopping=replace(kept, restore_best=False), **known)


def test_right_probabilities_pass_whatever_the_curve_does() -> None:
    reason = passed(over_confidence, validation_loss=RISES, validation_predictions=predictions(1.0))
    assert "not too sure" in reason


def test_few_positives_cannot_tell() -> None:
    few = {**COUNTED, "positives_validation": exactly(12)}
    assert "12 positives" in not_applicable(
        over_confidence, validation_loss=RISES, validation_auc=curve([0.8] * 6), **few
    )
    assert "AUC" in not_applicable(over_confidence, validation_loss=RISES)
    assert "--positives" in not_applicable(
        over_confidence, validation_loss=RISES, validation_auc=curve([0.8] * 6)
    )


def test_a_model_that_is_calibrated_afterwards_passes() -> None:
    known = {"validation_loss": RISES, "validation_predictions": predictions(2.0)}
    assert "calibrated (beta)" in passed(over_confidence, **known, calibration="beta")
    fired(over_confidence, **known, calibration="none")


def test_a_loss_of_zero_as_logged_and_rows_of_one_class_cannot_tell() -> None:
    ranked = {"validation_auc": curve([0.9, 0.9, 0.9, 0.9, 0.9]), "rows_validation": 1000}
    assert "0 as logged" in not_applicable(
        over_confidence,
        validation_loss=curve([0.1, 0.0, 0.0, 0.0, 0.0001]),
        positives_validation=exactly(100),
        **ranked,
    )
    assert "no negatives" in not_applicable(
        over_confidence,
        validation_loss=curve([0.1, 0.2, 0.3, 0.3, 0.3]),
        positives_validation=exactly(1000),
        **ranked,
    )


def test_weights_kept_by_their_ranking_are_not_those_of_the_lowest_loss() -> None:
    known = {"validation_loss": RISES, "validation_auc": curve([0.8] * 6), **COUNTED}
    fired(over_confidence, stopping=Stopping("val_auc", 3, "max", True), **known)


def test_a_rise_within_the_wiggle_of_the_curve_passes() -> None:
    """Of so many rows the standard error is tiny; the curve itself swings by far more."""
    wiggles = 0.2 + 0.02 * np.cos(np.pi * np.arange(12))
    wiggles[-3:] += 0.03
    known = {**COUNTED, "validation_noise": 1e-5, "validation_auc": curve([0.8] * 12)}
    passed(over_confidence, validation_loss=curve(wiggles), **known)


def test_few_negatives_cannot_tell_either() -> None:
    mostly = {**COUNTED, "positives_validation": exactly(4190)}
    assert "10 negatives" in not_applicable(
        over_confidence, validation_loss=RISES, validation_auc=curve([0.8] * 6), **mostly
    )


def test_probabilities_that_are_not_sure_enough_are_told_as_such() -> None:
    shy = passed(over_confidence, validation_loss=RISES, validation_predictions=predictions(0.5))
    assert "rather too unsure" in shy
    assert "unsure" not in passed(
        over_confidence, validation_loss=RISES, validation_predictions=predictions(1.1)
    )
