"""OPT303."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.rules.optimisation.stopped_while_improving import stopped_while_improving
from steelyard.finding import Confidence
from steelyard.log import TrialTable
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import curve, exactly

LOSSES = (1.540983, 2.031460, 1.524614, 0.369941, 0.392205, 0.330297, 0.548199, 0.382778, 0.357133, 0.350741)
"""Of the ten trials of the notebook."""


def table(losses: tuple[float, ...]) -> TrialTable:
    return TrialTable({"learning_rate": [1e-5] * len(losses)}, {"validation_loss": np.array(losses)})


def test_a_loss_that_still_falls_fires() -> None:
    falling = 0.2 + 0.3 * np.exp(-np.arange(10) / 8)
    finding = fired(stopped_while_improving, validation_loss_logged=curve(falling))
    assert "lowest in epoch 10 of 10" in finding.message
    assert finding.evidence["best_epoch"] == 10
    assert str(finding.changes[0]) == "training.epochs=20"


def test_a_best_epoch_before_the_end_passes() -> None:
    assert "epoch 3 of 8" in passed(
        stopped_while_improving, validation_loss_logged=curve([0.5, 0.4, 0.3, 0.31, 0.31, 0.32, 0.31, 0.32])
    )


def test_the_lowest_loss_at_the_end_by_noise_passes() -> None:
    flat = 0.2 + np.random.default_rng(3).normal(0, 0.003, 40)
    flat[-1] = flat.min() - 0.001
    assert "flat" in passed(stopped_while_improving, validation_loss_logged=curve(flat))


def test_a_decayed_learning_rate_ends_flat_and_passes() -> None:
    passed(stopped_while_improving, validation_loss_logged=curve(0.2 + 0.3 * np.exp(-np.arange(60) / 5)))


def test_the_notebook_had_not_converged() -> None:
    finding = fired(
        stopped_while_improving,
        trials=table(LOSSES),
        penalized=True,
        validation_floor=exactly(0.2785),
        planned_epochs=10,
    )
    assert "All 10 trials end after 10 epochs with a validation loss from 0.330 to 2.031" in finding.message
    assert finding.evidence["entropy_of_base_rate"] == pytest.approx(0.2785)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"penalized": True}, "base rate"),
        ({"penalized": False, "validation_floor": exactly(0.2785)}, "overfitted"),
        ({"penalized": None, "validation_floor": exactly(0.2785)}, "overfitted"),
    ],
)
def test_a_table_without_the_facts_cannot_tell(fields: dict[str, object], said: str) -> None:
    assert said in not_applicable(stopped_while_improving, trials=table(LOSSES), **fields)


def test_a_table_with_one_trial_below_the_entropy_passes() -> None:
    found = passed(
        stopped_while_improving,
        trials=table((0.25, 0.5)),
        penalized=True,
        validation_floor=exactly(0.2785),
    )
    assert "0.250" in found


def test_nothing_known() -> None:
    assert "cannot tell" in ask(stopped_while_improving).reason
    assert "3 epochs" in not_applicable(
        stopped_while_improving, validation_loss_logged=curve([0.3, 0.2, 0.1])
    )


def test_a_loss_that_reached_zero_has_nothing_left_to_gain() -> None:
    reason = passed(stopped_while_improving, validation_loss_logged=curve([0.4, 0.3, 0.2, 0.1, 0.0]))
    assert "reached 0" in reason


def test_the_plain_loss_counts_where_it_was_logged() -> None:
    """The penalty inside the logged loss still falls; the network has long been done."""
    epochs = np.arange(40)
    done = curve(0.2 + 0.3 * np.exp(-epochs / 3))
    whole = curve(done.values + 0.3 * np.exp(-epochs / 30), penalized=True)
    assert "flat" in passed(
        stopped_while_improving, validation_loss_logged=whole, validation_loss=done, penalized=True
    )
    finding = fired(stopped_while_improving, validation_loss_logged=whole, penalized=True)
    assert finding.confidence is Confidence.POSSIBLE
    assert "penalty" in finding.settle
    assert "network" not in finding.message


def test_a_loss_measured_every_other_epoch_is_told_in_epochs() -> None:
    falling = 0.2 + 0.3 * np.exp(-np.arange(20) / 15)
    finding = fired(stopped_while_improving, validation_loss_logged=curve(falling, epochs=range(2, 41, 2)))
    assert "over the last 19 epochs" in finding.message


def test_weights_and_resampling_move_what_a_table_is_held_against() -> None:
    """Balanced rows teach one half: a loss above the entropy of the base rate is then no sign of haste."""
    fields: dict[str, object] = {
        "trials": table((0.60, 0.66)),
        "penalized": True,
        "validation_floor": exactly(0.2785),
    }
    fired(stopped_while_improving, **fields)
    assert "resampling" in not_applicable(stopped_while_improving, resampling="smote", **fields)
    weighted = {**fields, "class_weight": (0.5, 6.0), "constant_validation_loss": exactly(0.693)}
    assert "0.693" in passed(stopped_while_improving, **weighted)
    fired(stopped_while_improving, weights_in_force=False, **weighted)
    above = {**weighted, "trials": table((0.9, 1.6))}
    assert "a loss of 0.693 on these rows" in fired(stopped_while_improving, **above).message
