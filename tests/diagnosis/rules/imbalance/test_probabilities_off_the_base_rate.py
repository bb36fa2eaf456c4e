"""IMB704: probabilities that do not add up, after weights and without."""

import numpy as np
import pytest
from scipy.special import expit, logit

from steelyard.diagnosis.rules.imbalance.probabilities_off_the_base_rate import (
    probabilities_off_the_base_rate,
)
from steelyard.finding import Confidence, Status
from steelyard.log import Predictions
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import about, curve


def predictions(rows: int, shift: float, seed: int, rate: float = 0.05) -> Predictions:
    """Of a network that is calibrated but for a shift of its log-odds."""
    random = np.random.default_rng(seed)
    truth = expit(random.normal(logit(rate) - 0.4, 1.0, rows))
    return Predictions((random.random(rows) < truth).astype(np.uint8), expit(logit(truth) + shift))


def test_a_weight_of_twenty_shifts_by_twenty() -> None:
    found = fired(
        probabilities_off_the_base_rate,
        validation_predictions=predictions(5000, np.log(20), 1),
        class_weight=(1.0, 20.0),
    )
    assert "times as many" in found.message and "weight ratio of 20" in found.message
    assert float(found.evidence["ratio"]) > 5.0
    assert found.changes[0].path == "imbalance.correct_prior"


def test_too_low_is_said_so() -> None:
    found = fired(probabilities_off_the_base_rate, validation_predictions=predictions(20_000, -2.0, 2))
    assert float(found.evidence["ratio"]) < 0.5 and not found.changes


def test_a_weight_is_not_blamed_for_what_it_cannot_do() -> None:
    """Heavier positives move probabilities up, not down."""
    low = predictions(20_000, -2.0, 2)
    found = fired(probabilities_off_the_base_rate, validation_predictions=low, class_weight=(1.0, 20.0))
    assert "weight ratio" not in found.message and not found.changes
    turned = fired(probabilities_off_the_base_rate, validation_predictions=low, class_weight=(20.0, 1.0))
    assert "weight ratio of 0.05" in turned.message


@pytest.mark.parametrize("rows", [200, 5000])
def test_calibrated_networks_pass(rows: int) -> None:
    alarms = sum(
        ask(probabilities_off_the_base_rate, validation_predictions=predictions(rows, 0.0, seed)).status
        is Status.FIRED
        for seed in range(200)
    )
    assert alarms <= 2


def test_a_shift_of_ln_20_is_always_seen() -> None:
    assert all(
        ask(
            probabilities_off_the_base_rate, validation_predictions=predictions(1000, np.log(20), seed)
        ).status
        is Status.FIRED
        for seed in range(100)
    )


def test_without_predictions_a_network_that_ranks_and_loses_to_guessing() -> None:
    found = fired(
        probabilities_off_the_base_rate,
        validation_skill=curve([-1.9, -1.5]),
        validation_auc_interval=about(0.74, 0.71, 0.77),
        resampling="smote",
    )
    assert "0.740" in found.message and "150%" in found.message and found.confidence is Confidence.POSSIBLE


def test_over_confidence_without_weights_is_not_this() -> None:
    fields = {"validation_skill": curve([-0.2]), "validation_auc_interval": about(0.74, 0.71, 0.77)}
    assert "over-confident" in not_applicable(probabilities_off_the_base_rate, **fields)


def test_bounds_of_skill_and_ranking_must_hold() -> None:
    wide = curve([-0.2], low=[-0.5], high=[0.1])
    auc = about(0.74, 0.71, 0.77)
    assert passed(probabilities_off_the_base_rate, validation_skill=wide, validation_auc_interval=auc)
    reason = not_applicable(
        probabilities_off_the_base_rate,
        validation_skill=curve([-0.2]),
        validation_auc_interval=about(0.6, 0.5, 0.7),
        resampling="smote",
    )
    assert "rank badly" in reason


def test_one_class_and_nothing() -> None:
    empty = Predictions(np.zeros(50, np.uint8), np.full(50, 0.1))
    assert "one class" in not_applicable(probabilities_off_the_base_rate, validation_predictions=empty)
    assert "neither" in not_applicable(probabilities_off_the_base_rate)


def test_a_model_that_is_calibrated_afterwards_passes() -> None:
    shifted = predictions(5000, np.log(20), 1)
    said = passed(probabilities_off_the_base_rate, validation_predictions=shifted, calibration="logistic")
    assert "calibrated (logistic)" in said
    fired(probabilities_off_the_base_rate, validation_predictions=shifted, calibration="none")
