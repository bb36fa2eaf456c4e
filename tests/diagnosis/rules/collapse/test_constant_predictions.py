"""COL201: fires only where a constant is shown; the sound ranking with the same metrics passes."""

import numpy as np

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.collapse.constant_predictions import constant_predictions
from steelyard.diagnosis.rules.optimisation.loss_not_finite import loss_not_finite
from steelyard.finding import Confidence, Status
from steelyard.log import Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly, signals

TARGET = np.array([1] * 50 + [0] * 1_000, np.uint8)
SILENT = {"validation_recall": curve([0.0, 0.0, 0.0])}


def test_all_rows_alike() -> None:
    found = fired(
        constant_predictions, validation_predictions=Predictions(TARGET, np.full(1_050, 0.0476)), **SILENT
    )
    assert (
        "finds 0% of the positives" in found.message
        and "every row gets a probability of 0.0476" in found.message
    )
    assert found.confidence is Confidence.CERTAIN and found.settle == ""


def test_alike_but_for_a_hair_and_ranking_by_chance() -> None:
    random = np.random.default_rng(201)
    found = fired(
        constant_predictions,
        validation_predictions=Predictions(TARGET, 0.0476 + 0.002 * random.standard_normal(1_050)),
        validation_auc_interval=about(0.51, 0.43, 0.59),
    )
    assert "0.048 give or take 0.002" in found.message.replace("0.04766", "0.048").replace("0.04759", "0.048")
    assert "between 0.430 and 0.590" in found.message
    assert found.confidence is Confidence.LIKELY


def test_a_loss_that_stays_at_the_base_rate() -> None:
    found = fired(
        constant_predictions,
        validation_skill=curve([-0.2, 0.0004, -0.0003, 0.0001]),
        base_rate_validation=exactly(1 / 21),
        **SILENT,
    )
    assert "0.1914" in found.message and "ROC AUC" in found.settle


def test_a_sound_ranking_with_the_same_metrics_passes() -> None:
    assert "ROC AUC" in passed(constant_predictions, validation_auc_interval=about(0.73, 0.7, 0.76), **SILENT)
    said = passed(
        constant_predictions,
        validation_skill=curve([0.05, 0.08, 0.087]),
        base_rate_validation=exactly(1 / 21),
        rows_validation=20_000,
        **SILENT,
    )
    assert "validation loss" in said


def test_positives_that_are_found_and_a_reversed_ranking_pass() -> None:
    assert "30%" in passed(constant_predictions, validation_recall=curve([0.1, 0.3]))
    reversed_ = about(0.3, 0.27, 0.34)
    assert "swapped" in passed(constant_predictions, validation_auc_interval=reversed_, **SILENT)


def test_with_few_positives_or_the_metrics_alone_it_cannot_tell() -> None:
    assert "would tell" in not_applicable(constant_predictions, **SILENT)
    assert "would tell" in not_applicable(
        constant_predictions, validation_auc_interval=about(0.6, 0.41, 0.76), **SILENT
    )
    assert "Recall()" in not_applicable(constant_predictions)
    assert "Recall()" in not_applicable(constant_predictions, validation_recall=curve([float("nan")]))


def test_a_lost_loss_explains_it() -> None:
    lost = signals(
        train_loss_logged=curve([0.5, np.nan, np.nan]),
        validation_predictions=Predictions(TARGET, np.full(1_050, 0.0)),
        **SILENT,
    )
    results = {one.code: one for one in diagnose(lost, [constant_predictions, loss_not_finite])}
    assert results["COL201"].status is Status.MASKED
