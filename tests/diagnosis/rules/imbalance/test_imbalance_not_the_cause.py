"""IMB706: weights that left the ranking as it was."""

import numpy as np

from steelyard.diagnosis.rules.imbalance.imbalance_not_the_cause import imbalance_not_the_cause
from steelyard.finding import Severity, Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import equal_aucs, table

ROWS = {"rows_validation": 4200, "positives_validation": exactly(200)}


def test_a_pair_that_differs_by_less_than_noise() -> None:
    pair = table({"class_weight": ["none", "balanced"]}, validation_auc=[0.742, 0.745])
    found = fired(imbalance_not_the_cause, trials=pair, **ROWS)
    assert "Class weight changed the validation ROC AUC by +0.0030" in found.message
    assert found.severity is Severity.SMELL


def test_a_pair_that_differs_by_much() -> None:
    pair = table({"class_weight": ["none", "balanced"]}, validation_auc=[0.60, 0.75])
    assert "+0.150" in passed(imbalance_not_the_cause, trials=pair, **ROWS)


def test_pairs_must_differ_in_nothing_else() -> None:
    pair = table({"class_weight": ["none", "balanced"], "layers": [2, 3]}, validation_auc=[0.742, 0.745])
    assert "alone" in not_applicable(imbalance_not_the_cause, trials=pair, **ROWS)


def test_resampling_and_the_rows_it_makes_are_one_change() -> None:
    pair = table({"resampling": ["none", "smote"], "rows_train": [900, 1700]}, validation_auc=[0.742, 0.745])
    assert fired(imbalance_not_the_cause, trials=pair, **ROWS)


def test_three_pairs_need_no_counts() -> None:
    four = table(
        {"class_weight": ["none", "balanced"] * 3, "depth": [1, 1, 2, 2, 3, 3]},
        validation_auc=[0.70, 0.71, 0.72, 0.71, 0.73, 0.735],
    )
    assert "3 pairs" in fired(imbalance_not_the_cause, trials=four).message


def test_nothing_to_compare() -> None:
    assert "no trials differ" in not_applicable(
        imbalance_not_the_cause, trials=table({"depth": [1, 2]}, validation_auc=[0.7, 0.71])
    )
    accuracy = table({"class_weight": ["none", "balanced"]}, validation_accuracy=[0.9, 0.8])
    assert "ROC AUC" in not_applicable(imbalance_not_the_cause, trials=accuracy, **ROWS)
    unknown = table({"class_weight": ["none", "balanced"]}, validation_auc=[0.70, 0.71])
    assert "positives" in not_applicable(imbalance_not_the_cause, trials=unknown)


def test_weights_without_effect_are_seen_and_weights_with_one_left_alone() -> None:
    random = np.random.default_rng(706)
    seen = alarms = 0
    for _ in range(300):
        scores = equal_aucs(random, 2, 0.021, 0.8)
        pair = table({"class_weight": ["none", "balanced"]}, validation_auc=scores)
        seen += ask(imbalance_not_the_cause, trials=pair, **ROWS).status is Status.FIRED
        better = table({"class_weight": ["none", "balanced"]}, validation_auc=[scores[0], scores[1] + 0.06])
        alarms += ask(imbalance_not_the_cause, trials=better, **ROWS).status is Status.FIRED
    assert seen >= 270 and alarms <= 15


def test_seeds_of_one_setting_are_one_trial() -> None:
    """Every seed against every other would be four pairs that hang together."""
    runs = table(
        {"class_weight": ["none", "none", "balanced", "balanced"], "seed": [1, 2, 1, 2]},
        validation_auc=[0.700, 0.701, 0.704, 0.705],
    )
    found = fired(
        imbalance_not_the_cause, trials=runs, rows_validation=1050, positives_validation=exactly(50)
    )
    assert "+0.0040 on average over 1 pair" in found.message
