"""OPT310."""

from __future__ import annotations

import pytest

from steelyard.diagnosis.rules.optimisation.loss_at_start_wrong import loss_at_start_wrong
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

BCE = "binary_crossentropy"


def test_a_measured_start_far_from_undecided() -> None:
    finding = fired(loss_at_start_wrong, initial_loss=4.2, train_floor=exactly(0.19))
    assert (
        "Before training the loss is 4.2; that of an undecided network is 0.693, or 0.190" in finding.message
    )
    assert finding.confidence is Confidence.LIKELY


@pytest.mark.parametrize("start", [0.70, 0.19])
def test_undecided_and_the_base_rate_pass(start: float) -> None:
    passed(loss_at_start_wrong, initial_loss=start, train_floor=exactly(0.19))


def test_a_bad_first_epoch_is_possible() -> None:
    finding = fired(loss_at_start_wrong, train_loss=curve([3.5, 0.4, 0.3]), loss=BCE)
    assert "In epoch 1 the plain training loss is 3.5" in finding.message
    assert finding.confidence is Confidence.POSSIBLE


def test_a_low_first_epoch_passes() -> None:
    passed(loss_at_start_wrong, train_loss=curve([0.4, 0.3]), loss=BCE)


def test_bounds_and_weights_cannot_tell() -> None:
    wide = curve([2.0, 1.0], low=[0.5, 0.3], high=[2.4, 1.2])
    assert "between 0.5 and 2.4" in not_applicable(loss_at_start_wrong, train_loss=wide, loss=BCE)
    assert "class weights" in not_applicable(
        loss_at_start_wrong, train_loss=curve([3.5, 1.0]), class_weight=(1.0, 20.0)
    )
    assert "model.evaluate" in not_applicable(loss_at_start_wrong)


@pytest.mark.parametrize(
    ("train_loss", "loss"),
    [
        (curve([1.34, 1.0]), None),
        (curve([1.34, 1.0]), "mse"),
        (curve([1.34, 1.0], penalized=None), BCE),
        (curve([1.34, 1.0], weighted=True), BCE),
    ],
)
def test_what_is_not_known_to_be_a_plain_cross_entropy_cannot_tell(
    train_loss: Curve, loss: str | None
) -> None:
    assert "plain binary cross-entropy" in not_applicable(
        loss_at_start_wrong, train_loss=train_loss, loss=loss
    )


def test_a_first_loss_that_is_not_a_number_cannot_tell() -> None:
    nan = curve([float("nan"), 1.0])
    assert "not a number" in not_applicable(loss_at_start_wrong, train_loss=nan, loss=BCE)


def test_a_start_between_the_base_rate_and_undecided_passes() -> None:
    reason = passed(loss_at_start_wrong, initial_loss=0.35, train_floor=exactly(0.0132))
    assert "between those of the base rate (0.013) and of an undecided one" in reason


def test_a_low_start_may_be_at_a_base_rate_that_is_not_known() -> None:
    assert "--positives-train" in not_applicable(loss_at_start_wrong, initial_loss=0.0132)


def test_a_start_below_the_base_rate_is_no_start() -> None:
    finding = fired(loss_at_start_wrong, initial_loss=0.1, train_floor=exactly(0.69))
    assert "below the 0.690 of a network that knows the base rate" in finding.message
    assert finding.changes == ()


def test_a_penalty_in_it_or_another_loss_cannot_tell() -> None:
    assert "penalty of the untrained network 1.67" in not_applicable(
        loss_at_start_wrong, initial_loss=2.36, initial_penalty=about(1.67, 1.6, 1.74)
    )
    fired(loss_at_start_wrong, initial_loss=4.2, initial_penalty=about(1.67, 1.6, 1.74))
    assert "the loss is mse" in not_applicable(loss_at_start_wrong, initial_loss=0.25, loss="mse")
    assert "not a number" in not_applicable(loss_at_start_wrong, initial_loss=float("nan"))


def test_inputs_that_are_scaled_are_not_scaled_again() -> None:
    finding = fired(loss_at_start_wrong, train_loss=curve([3.5, 0.4]), loss=BCE, scaling="standard")
    assert [change.path for change in finding.changes] == ["optimizer.schedule"]
    assert fired(loss_at_start_wrong, initial_loss=4.2, scaling="none").changes
