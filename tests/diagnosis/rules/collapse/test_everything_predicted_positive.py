"""COL205: recall 1 and accuracy the base rate, with the likely reason."""

import numpy as np

from steelyard.diagnosis.rules.collapse.everything_predicted_positive import everything_predicted_positive
from steelyard.log import LayerFact, Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import counts, curve, exactly

RATE = {"base_rate_validation": exactly(0.0483)}
ALL = {"validation_recall": curve([1.0, 1.0]), "validation_accuracy": curve([0.0483, 0.0483])}


def test_softmax_on_one_unit() -> None:
    found = fired(
        everything_predicted_positive,
        layers=(
            LayerFact("dense", units=8, activation="relu"),
            LayerFact("dense", units=1, activation="softmax"),
        ),
        **RATE,
        **ALL,
    )
    assert "calls 100% of the validation rows positive, of which 4.83% are" in found.message
    assert "softmax" in found.message and "sigmoid" in found.advice


def test_an_excessive_weight_and_no_reason_known() -> None:
    found = fired(everything_predicted_positive, class_weight=(1.0, 500.0), **RATE, **ALL)
    assert "500 times" in found.message
    assert "encoded as 1" in fired(everything_predicted_positive, **RATE, **ALL).advice


def test_counts_and_predictions() -> None:
    found = fired(
        everything_predicted_positive,
        validation_confusion=counts([48], [1_000], rows=1_000, positives=48),
        **RATE,
    )
    assert "100%" in found.message
    target = (np.arange(1_000) < 48).astype(np.uint8)
    ones = Predictions(target, np.full(1_000, 0.7))
    fired(everything_predicted_positive, validation_predictions=ones)
    some = Predictions(target, np.where(np.arange(1_000) < 990, 0.7, 0.2))
    assert "99%" in passed(everything_predicted_positive, validation_predictions=some)


def test_the_share_called_positive_follows_from_accuracy_and_recall() -> None:
    """Of 1,000 rows 48 are positive and all found; 50 rows right means 2 negatives told apart."""
    found = fired(
        everything_predicted_positive,
        validation_recall=curve([1.0]),
        validation_accuracy=curve([0.050]),
        base_rate_validation=exactly(0.048),
    )
    assert abs(found.evidence["share_above_half"] - 0.998) < 1e-12


def test_a_network_that_finds_all_positives_and_some_negatives() -> None:
    good = {"validation_recall": curve([1.0]), "validation_accuracy": curve([0.9])}
    assert "told apart" in passed(everything_predicted_positive, **RATE, **good)
    assert "20%" in passed(everything_predicted_positive, validation_recall=curve([0.8]), **RATE)


def test_mostly_positive_rows_pass() -> None:
    said = passed(everything_predicted_positive, base_rate_validation=exactly(0.9), **ALL)
    assert "90%" in said


def test_unknown() -> None:
    assert "neither" in not_applicable(everything_predicted_positive, **RATE)
    lost = {"validation_recall": curve([float("nan")])}
    assert "neither" in not_applicable(everything_predicted_positive, **RATE, **lost)
    assert "base rate" in not_applicable(everything_predicted_positive, **ALL)
