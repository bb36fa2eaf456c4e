"""IMB701: weights that were asked for and are not in the loss, by arithmetic and by type."""

from typing import Any

import pytest

from steelyard.diagnosis.rules.imbalance.class_weights_not_in_force import class_weights_not_in_force
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

QUESTION: dict[str, Any] = {
    "class_weight": (0.525, 10.5),
    "train_loss_logged": curve([0.1136, 0.1055, 0.1023]),
    "weighted_train_floor": exactly(0.6931),
    "train_floor": about(0.1235, 0.1199, 0.1272),
}


def test_a_loss_far_below_what_weights_allow() -> None:
    found = fired(
        class_weights_not_in_force,
        class_weight_type="array",
        weights_in_force=False,
        framework="keras 2",
        **QUESTION,
    )
    for number in ("20 times", "0.1023 to 0.1136", "0.6931", "between 0.1199 and 0.1272", "an array"):
        assert number in found.message, found.message
    assert found.confidence is Confidence.CERTAIN and not found.settle


def test_losses_that_are_no_numbers_prove_nothing() -> None:
    lost = QUESTION | {"train_loss_logged": curve([float("nan"), float("inf")])}
    assert "neither the form" in not_applicable(class_weights_not_in_force, weights_in_force=False, **lost)


def test_the_arithmetic_fires_without_knowing_the_type() -> None:
    found = fired(class_weights_not_in_force, weights_in_force=False, **QUESTION)
    assert "given as" not in found.message and found.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("kind", "words"),
    [("array", "Keras 2"), ("list", "Keras 2"), ("string", "Keras 2"), ("string keys", "Keras 3")],
)
def test_the_type_alone_is_likely_and_can_be_settled(kind: str, words: str) -> None:
    found = fired(class_weights_not_in_force, class_weight_type=kind)
    assert words in found.message and found.confidence is Confidence.LIKELY and found.settle


def test_numbers_that_allow_the_weights_excuse_the_type() -> None:
    assert passed(class_weights_not_in_force, class_weight_type="array", weights_in_force=True)


def test_weights_of_one_and_one_change_nothing() -> None:
    assert passed(
        class_weights_not_in_force, class_weight_type="array", class_weight=(1.0, 1.0), weights_in_force=False
    )


def test_no_weights_and_used_forms_pass() -> None:
    assert "no class weights" in passed(class_weights_not_in_force, class_weight_type="none")
    assert passed(class_weights_not_in_force, class_weight_type="dict", class_weight=(1.0, 20.0))


def test_nothing_known_says_nothing() -> None:
    assert "not known whether" in not_applicable(class_weights_not_in_force)
    assert "form" in not_applicable(class_weights_not_in_force, class_weight=(1.0, 20.0))
