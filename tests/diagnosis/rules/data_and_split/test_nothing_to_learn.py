"""DAT609: neither network nor logistic regression ranks better than chance; only with enough positives."""

import numpy as np

from steelyard.diagnosis.rules.data_and_split.nothing_to_learn import nothing_to_learn
from steelyard.finding import Confidence, Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly

MANY = {"positives_validation": exactly(500), "rows_validation": 10_000}


def test_two_coins_of_five_hundred_positives() -> None:
    found = fired(
        nothing_to_learn, validation_auc_interval=about(0.51, 0.48, 0.54), logistic_auc=0.497, **MANY
    )
    assert "0.510" in found.message and "0.497" in found.message
    assert found.confidence is Confidence.POSSIBLE and "trees" in found.settle


def test_a_logistic_regression_that_ranks_shows_that_there_is_something() -> None:
    found = passed(nothing_to_learn, validation_auc_interval=about(0.5, 0.47, 0.53), logistic_auc=0.7, **MANY)
    assert "0.700" in found


def test_a_network_that_ranks_passes() -> None:
    auc = about(0.6, 0.57, 0.63)
    assert "network" in passed(nothing_to_learn, validation_auc_interval=auc, logistic_auc=0.5, **MANY)


def test_a_ranking_the_wrong_way_round_was_learned() -> None:
    auc = about(0.44, 0.41, 0.47)
    said = passed(nothing_to_learn, validation_auc_interval=auc, logistic_auc=0.5, **MANY)
    assert "the network ranks the wrong way round" in said
    auc = about(0.5, 0.47, 0.53)
    said = passed(nothing_to_learn, validation_auc_interval=auc, logistic_auc=0.4, **MANY)
    assert "a logistic regression ranks the wrong way round" in said


def test_with_twelve_positives_nothing_is_said() -> None:
    reason = not_applicable(
        nothing_to_learn,
        validation_auc_interval=about(0.5, 0.33, 0.67),
        logistic_auc=0.5,
        positives_validation=exactly(12),
        rows_validation=240,
    )
    assert "12 positives" in reason


def test_one_class_only() -> None:
    fields = {"positives_validation": exactly(0), "rows_validation": 240}
    auc = about(0.5, 0.0, 1.0)
    assert "one class" in not_applicable(
        nothing_to_learn, validation_auc_interval=auc, logistic_auc=0.5, **fields
    )
    assert "--data FILE" in not_applicable(nothing_to_learn)


def test_a_weak_signal_is_seldom_called_nothing() -> None:
    random = np.random.default_rng(609)
    error = 0.0131  # of a ROC AUC near one half with 500 positives among 10,000 rows
    alarms = 0
    for _ in range(400):
        network, logistic = 0.56 + error * random.standard_normal(2)
        auc = about(network, network - 1.96 * error, network + 1.96 * error)
        result = ask(nothing_to_learn, validation_auc_interval=auc, logistic_auc=float(logistic), **MANY)
        alarms += result.status is Status.FIRED
    assert alarms <= 4
