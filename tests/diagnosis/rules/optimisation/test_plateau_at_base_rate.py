"""OPT305."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steelyard.diagnosis.rules.optimisation.plateau_at_base_rate import plateau_at_base_rate
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense
from tests.diagnosis.signals import curve, exactly

HOCKEY_STICK = [-2.5, -0.8, -0.1, 0.0, 0.05, 0.08, 0.1, 0.1, 0.1, 0.1]


def test_a_hockey_stick_fires() -> None:
    finding = fired(plateau_at_base_rate, train_skill=curve(HOCKEY_STICK))
    assert "For the first 4 of 10 epochs the loss on training rows" in finding.message
    assert finding.epochs == (1, 2, 3, 4)
    assert finding.changes[0].risk == "safe"


def test_validation_rows_where_nothing_else_is_known() -> None:
    assert "validation rows" in fired(plateau_at_base_rate, validation_skill=curve(HOCKEY_STICK)).message


def test_skill_from_the_first_epoch_passes() -> None:
    assert "from epoch 1 on" in passed(plateau_at_base_rate, train_skill=curve([0.1, 0.15, 0.2]))


def test_one_that_never_leaves_passes() -> None:
    assert "never falls" in passed(plateau_at_base_rate, train_skill=curve([-0.1, 0.0, 0.001]))


def test_bounds_that_reach_above_zero_shorten_the_plateau() -> None:
    wide = curve(HOCKEY_STICK, low=[s - 0.05 for s in HOCKEY_STICK], high=[s + 0.2 for s in HOCKEY_STICK])
    assert fired(plateau_at_base_rate, train_skill=wide).epochs == (1, 2)


@pytest.mark.parametrize("fields", [{"weights_in_force": True}, {"resampling": "smote"}])
def test_weights_and_resampling_cannot_tell(fields: dict[str, object]) -> None:
    assert "on purpose" in not_applicable(plateau_at_base_rate, train_skill=curve(HOCKEY_STICK), **fields)


def test_a_bias_that_starts_at_the_log_odds_passes() -> None:
    last = replace(dense(1, "linear", 8), bias_initializer="log_odds")
    assert "log_odds" in passed(
        plateau_at_base_rate, train_skill=curve(HOCKEY_STICK), layers=(dense(8, inputs=9), last)
    )


def test_unknown() -> None:
    assert "base rates" in not_applicable(plateau_at_base_rate)


def test_epochs_are_counted_where_only_some_were_measured() -> None:
    finding = fired(plateau_at_base_rate, validation_skill=curve(HOCKEY_STICK, epochs=range(2, 21, 2)))
    assert "For the first 8 of 20 epochs" in finding.message
    assert finding.evidence["epochs_on_plateau"] == 8


def test_classes_that_are_about_as_common_have_no_such_plateau() -> None:
    """An undecided network is at the base rate from the start; what takes long there is something else."""
    slow = {"train_skill": curve(HOCKEY_STICK)}
    assert "as common" in passed(plateau_at_base_rate, train_floor=exactly(0.69), **slow)
    fired(plateau_at_base_rate, train_floor=exactly(0.19), **slow)
    # The floor that counts is that of the rows whose skill is read.
    fired(plateau_at_base_rate, train_floor=exactly(0.19), validation_floor=exactly(0.69), **slow)


def test_weights_that_may_be_in_force_cannot_tell() -> None:
    asked = {"validation_skill": curve(HOCKEY_STICK), "class_weight": (1.0, 20.0)}
    assert "on purpose" in not_applicable(plateau_at_base_rate, **asked)
    fired(plateau_at_base_rate, weights_in_force=False, **asked)


def test_the_bias_is_that_of_the_last_dense_layer() -> None:
    last = replace(dense(1, "linear", 8), bias_initializer="constant")
    layers = (dense(8, inputs=9), last, LayerFact("activation", activation="sigmoid"))
    assert "constant" in passed(plateau_at_base_rate, train_skill=curve(HOCKEY_STICK), layers=layers)
