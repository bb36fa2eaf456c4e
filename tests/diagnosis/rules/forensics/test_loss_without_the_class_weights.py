"""LOG902: the loss against the least that the weights allow, and against the two floors."""

import math

from steelyard.diagnosis.rules.forensics.loss_without_the_class_weights import loss_without_the_class_weights
from steelyard.finding import Confidence, Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

BALANCED = {"class_weight": (0.514, 18.6), "loss": "binary_crossentropy"}
FLOORS = {"weighted_train_floor": exactly(math.log(2.0)), "train_floor": about(0.1237, 0.1199, 0.1272)}
LOGGED = curve([0.1136, 0.1048, 0.1023], weighted=None, epoch_mean=True)


def test_the_question() -> None:
    found = fired(
        loss_without_the_class_weights,
        train_loss_logged=LOGGED,
        weights_in_force=False,
        weighted_train_least=curve([0.33, 0.323, 0.319]),
        class_weight_type="array",
        **BALANCED,
        **FLOORS,
    )
    assert "would be at least 0.323" in found.message and "Logged is 0.1048" in found.message
    assert "0.514 for negatives and 18.6 for positives" in found.message
    assert "an array, which Keras ignores or refuses" in found.message
    assert found.confidence is Confidence.CERTAIN and found.epochs == (2,)


def test_just_below_the_least_is_likely_only() -> None:
    found = fired(
        loss_without_the_class_weights,
        train_loss_logged=LOGGED,
        weighted_train_least=curve([0.12, 0.11, 0.11]),
        **BALANCED,
        **FLOORS,
    )
    assert found.confidence is Confidence.LIKELY


def test_a_single_epoch_below_is_a_slip() -> None:
    passed(
        loss_without_the_class_weights,
        train_loss_logged=curve([0.4, 0.1, 0.38], weighted=None),
        weighted_train_least=curve([0.2, 0.2, 0.2]),
        **BALANCED,
        **FLOORS,
    )


def test_the_floors_alone_make_it_possible() -> None:
    found = fired(
        loss_without_the_class_weights,
        train_loss_logged=curve([0.14, 0.125, 0.124], weighted=None),
        **BALANCED,
        **FLOORS,
    )
    assert "0.6931 with weights, between 0.1199 and 0.1272 without" in found.message
    assert found.confidence is Confidence.POSSIBLE and found.severity is Severity.WARNING
    assert "first batch" in found.settle


def test_a_network_that_is_good_under_its_weights_passes() -> None:
    said = passed(
        loss_without_the_class_weights,
        train_loss_logged=curve([0.5, 0.3, 0.25], weighted=True),
        weights_in_force=True,
        weighted_train_least=curve([0.05, 0.04, 0.03]),
        **BALANCED,
        **FLOORS,
    )
    assert "can come from the weights" in said


def test_where_the_weights_do_not_matter() -> None:
    same = BALANCED | {"class_weight": (2.0, 2.0)}
    assert "weigh the same" in passed(loss_without_the_class_weights, train_loss_logged=LOGGED, **same)
    plain = curve([0.12, 0.11])
    assert "without the weights" in passed(
        loss_without_the_class_weights, train_loss_logged=plain, **BALANCED
    )
    ours = passed(loss_without_the_class_weights, train_loss_logged=LOGGED, weights_in_force=True, **BALANCED)
    assert "in force" in ours


def test_another_loss_or_no_base_rate() -> None:
    mse = BALANCED | {"loss": "mse"}
    assert "mse" in not_applicable(loss_without_the_class_weights, train_loss_logged=LOGGED, **mse, **FLOORS)
    assert "base rate" in not_applicable(loss_without_the_class_weights, train_loss_logged=LOGGED, **BALANCED)


def test_a_loss_that_is_no_number_says_nothing() -> None:
    reason = not_applicable(
        loss_without_the_class_weights,
        train_loss_logged=curve([math.nan, math.nan], weighted=None),
        **BALANCED,
        **FLOORS,
    )
    assert "not a number" in reason
