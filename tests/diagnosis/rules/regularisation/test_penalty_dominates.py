"""REG404."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from steelyard.diagnosis.rules.regularisation.penalty_dominates import penalty_dominates
from steelyard.finding import Confidence
from steelyard.log import TrialTable
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense
from tests.diagnosis.signals import about, curve, exactly

LAYERS = (replace(dense(80, inputs=125), l2=0.01), dense(1, "sigmoid", 80))
LOSSES = np.array(
    [1.540983, 2.031460, 1.524614, 0.369941, 0.392205, 0.330297, 0.548199, 0.382778, 0.357133, 0.350741]
)


def test_more_penalty_than_data_and_no_skill() -> None:
    finding = fired(
        penalty_dominates,
        penalty=curve([0.5, 0.4]),
        train_loss=curve([0.3, 0.2]),
        train_skill=curve([0.0, 0.01]),
        layers=LAYERS,
    )
    assert "penalty on the weights is 0.4, 67% of the loss; the data's own loss is 0.2" in finding.message
    assert str(finding.changes[0]) == "network.l2=0.001"
    assert finding.confidence is Confidence.LIKELY


def test_a_large_penalty_on_useful_weights_passes() -> None:
    reason = passed(
        penalty_dominates, penalty=curve([0.4]), train_loss=curve([0.1]), train_skill=curve([0.5])
    )
    assert "no harm" in reason


def test_a_penalty_that_shrank_the_weights() -> None:
    fields = {"penalty": curve([18.4, 1.0, 0.06]), "train_loss": curve([0.41, 0.39, 0.39])}
    finding = fired(penalty_dominates, train_skill=curve([0.0, 0.04, 0.04]), **fields)
    assert "18.4 in the first epoch, 45 times the data's own loss, and fell to 0.06" in finding.message
    assert finding.confidence is Confidence.POSSIBLE
    passed(penalty_dominates, train_skill=curve([0.0, 0.2, 0.3]), **fields)
    passed(penalty_dominates, **fields)


def test_without_skill_it_is_possible() -> None:
    finding = fired(penalty_dominates, penalty=curve([0.4]), train_loss=curve([0.1]))
    assert finding.confidence is Confidence.POSSIBLE


def test_a_small_penalty_passes() -> None:
    passed(penalty_dominates, penalty=curve([0.01]), train_loss=curve([0.2]))


def test_bounds_that_overlap_cannot_tell() -> None:
    wide = curve([0.3], low=[0.1], high=[0.5])
    assert "between 0.1 and 0.5" in not_applicable(penalty_dominates, penalty=wide, train_loss=curve([0.2]))


def test_a_loss_that_zero_weights_would_have_too() -> None:
    """The penalty was not logged; that of the untrained network and the base rate are known."""
    known = {"initial_penalty": about(2.1, 2.0, 2.2), "train_floor": exactly(0.325), "layers": LAYERS}
    finding = fired(penalty_dominates, train_loss_logged=curve([1.9, 0.6, 0.34, 0.326]), **known)
    assert "untrained network is 2.1, the entropy of the base rate 0.325" in finding.message
    assert finding.confidence is Confidence.POSSIBLE
    assert str(finding.changes[0]) == "network.l2=0.001"
    assert "ends at 0.2" in passed(penalty_dominates, train_loss_logged=curve([1.9, 0.3, 0.2]), **known)
    small = {**known, "initial_penalty": exactly(0.03)}
    passed(penalty_dominates, train_loss_logged=curve([0.4, 0.33, 0.326]), **small)
    between = {**known, "train_floor": about(0.325, 0.2, 0.35)}
    assert "open" in not_applicable(penalty_dominates, train_loss_logged=curve([0.3, 0.26]), **between)
    assert "plain base rate" in not_applicable(
        penalty_dominates, train_loss_logged=curve([0.9, 0.7]), weights_in_force=True, **known
    )


def test_the_slow_trials_of_the_notebook_are_mostly_penalty() -> None:
    finding = fired(
        penalty_dominates,
        trials=TrialTable({}, {"validation_loss": LOSSES}),
        initial_penalty=about(1.67, 1.64, 1.70),
        layers=LAYERS,
    )
    assert (
        "3 of 10 trials have a validation loss (1.52, 1.54, 2.03) that is mostly penalty" in finding.message
    )
    assert "1.67" in finding.message
    assert finding.evidence["penalty_in_it_at_least"] == pytest.approx(2.031460 - np.log(2))


def test_losses_beyond_any_penalty_cannot_tell() -> None:
    assert "more than" in not_applicable(
        penalty_dominates,
        trials=TrialTable({}, {"validation_loss": np.array([9.0, 0.3])}),
        initial_penalty=about(1.67, 1.64, 1.70),
    )


def test_low_losses_pass_and_nothing_cannot_tell() -> None:
    passed(
        penalty_dominates,
        trials=TrialTable({}, {"validation_loss": np.array([0.3, 0.5])}),
        initial_penalty=about(1.67, 1.64, 1.70),
    )
    assert "not known" in not_applicable(penalty_dominates)


def test_a_skill_that_is_hardly_known_neither_harms_nor_clears() -> None:
    fields = {"penalty": curve([0.5, 0.4]), "train_loss": curve([0.3, 0.2])}
    wide = curve([0.1, 0.1], low=[0.0, 0.01], high=[0.5, 0.6])
    assert "between 0.01 and 0.60" in not_applicable(penalty_dominates, train_skill=wide, **fields)
    sure = curve([0.3, 0.3], low=[0.2, 0.2], high=[0.5, 0.6])
    assert "skill of 0.20" in passed(penalty_dominates, train_skill=sure, **fields)


def test_weights_that_may_be_in_force_leave_the_whole_loss_open() -> None:
    """Balanced ones alone lift the logged loss to ln 2."""
    known = {
        "initial_penalty": about(2.1, 2.0, 2.2),
        "train_floor": exactly(0.2),
        "train_loss_logged": curve([1.9, 0.8, 0.5]),
    }
    assert "base rate" in not_applicable(penalty_dominates, class_weight=(0.5, 10.0), **known)
    fired(penalty_dominates, class_weight=(0.5, 10.0), weights_in_force=False, **known)
