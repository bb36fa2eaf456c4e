"""REG401."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.rules.regularisation.overfitting import overfitting
from steelyard.finding import Confidence, Severity, Status
from steelyard.log import Stopping
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.networks import dense, dropout
from tests.diagnosis.signals import curve

EPOCHS = np.arange(20)
FALLS = 0.10 + 0.2 * np.exp(-EPOCHS / 4)
RISES = 0.20 + 0.1 * np.exp(-EPOCHS) + 0.004 * EPOCHS
FALLS_TOO = 0.20 + 0.1 * np.exp(-EPOCHS / 4)

# The first five digits of the question's validation losses.
OF_THE_QUESTION = np.fromstring(
    """
    0.16371 0.14828 0.15147 0.15376 0.15552 0.14860 0.15102 0.15322 0.14990 0.15162
    0.15003 0.15380 0.14922 0.15658 0.15067 0.15156 0.15549 0.15476 0.14813 0.15559
    0.15183 0.15668 0.15229 0.14875 0.15917 0.15214 0.15507 0.15012 0.14852 0.15894
    0.16226 0.15147 0.15034 0.16915 0.16296 0.14961 0.15753 0.15047 0.15539 0.14837
    0.15382 0.15090 0.15193 0.15947 0.15604 0.15424 0.16437 0.15270 0.15385 0.15380
    """,
    sep=" ",
)


def test_a_rise_while_the_training_loss_falls_fires_with_its_arithmetic() -> None:
    finding = fired(
        overfitting, validation_loss=curve(RISES), train_loss=curve(FALLS), validation_noise=0.001
    )
    lowest = min(float(np.median(RISES[max(0, at - 2) : at + 3])) for at in range(20))
    assert finding.evidence["lowest"] == pytest.approx(lowest)
    assert finding.evidence["rise_percent"] == pytest.approx(100 * (np.median(RISES[-3:]) / lowest - 1))
    assert "by 23%" in finding.message
    assert "overfitting after epoch" in finding.message
    assert finding.confidence is Confidence.LIKELY
    assert finding.severity is Severity.WARNING
    assert finding.epochs[-1] == 20


def test_without_the_number_of_rows_it_is_possible() -> None:
    finding = fired(overfitting, validation_loss=curve(RISES), train_loss_logged=curve(FALLS))
    assert finding.confidence is Confidence.POSSIBLE
    assert "noise" in finding.settle


def test_a_bare_log_doubts_the_penalty() -> None:
    finding = fired(
        overfitting,
        validation_loss=curve(RISES, penalized=None),
        train_loss=curve(FALLS),
        validation_noise=0.001,
    )
    assert "a penalty, if there is one" in finding.settle


def test_a_gap_without_a_rise_is_no_fault() -> None:
    assert "no overfitting" in passed(
        overfitting, validation_loss=curve(FALLS_TOO), train_loss=curve(FALLS / 2)
    )


def test_a_single_bad_epoch_is_no_fault() -> None:
    spiky = FALLS_TOO.copy()
    spiky[-1] *= 1.3
    passed(overfitting, validation_loss=curve(spiky), train_loss=curve(FALLS))


def test_the_question_is_not_overfitting_in_the_ordinary_sense() -> None:
    falling = curve(0.1022 + 0.011 * np.exp(-np.arange(50) / 3))
    reason = passed(
        overfitting, validation_loss=curve(OF_THE_QUESTION), train_loss=falling, validation_noise=0.0005
    )
    assert "no overfitting in the ordinary sense" in reason
    assert "wiggles by" in reason


def test_a_rise_within_the_noise_of_few_positives_passes() -> None:
    assert "noise" in passed(
        overfitting, validation_loss=curve(RISES), train_loss=curve(FALLS), validation_noise=0.05
    )


def test_training_that_goes_astray_is_something_else() -> None:
    assert "goes astray" in passed(
        overfitting, validation_loss=curve(RISES), train_loss=curve(RISES), validation_noise=0.001
    )


def test_kept_best_weights_do_no_harm_unless_the_rise_is_severe() -> None:
    keeps = Stopping("val_loss", patience=12, restore_best=True)
    assert "weights kept" in passed(
        overfitting,
        validation_loss=curve(RISES),
        train_loss=curve(FALLS),
        validation_noise=0.001,
        stopping=keeps,
    )
    finding = fired(
        overfitting,
        validation_loss=curve(RISES + 0.02 * EPOCHS),
        train_loss=curve(FALLS),
        validation_noise=0.001,
        stopping=keeps,
    )
    assert finding.severity is Severity.SMELL


def test_a_penalty_that_is_not_known_leaves_it_to_the_gap() -> None:
    wide = curve(RISES, low=RISES - 0.15, high=RISES, penalized=True, how="penalty between 0 and 0.15")
    fields = {"validation_loss": wide, "train_loss": curve(FALLS), "validation_noise": 0.001}
    assert "penalty between 0 and 0.15" in not_applicable(overfitting, **fields)
    finding = fired(overfitting, loss_gap=curve(RISES - FALLS), **fields)
    assert finding.confidence is Confidence.POSSIBLE
    assert "penalty inside" in finding.settle


def test_a_falling_logged_loss_may_hide_a_rise_behind_the_penalty() -> None:
    wide = curve(FALLS_TOO, low=FALLS_TOO - 0.1, high=FALLS_TOO, penalized=True)
    assert "may within its bounds" in not_applicable(
        overfitting, validation_loss=wide, train_loss=curve(FALLS)
    )
    passed(overfitting, validation_loss=wide, train_loss=curve(FALLS), loss_gap=curve(np.full(20, 0.05)))


def test_missing_facts() -> None:
    assert "3 epochs" in not_applicable(overfitting, validation_loss=curve([0.1, 0.2, 0.3]))
    assert "no training loss" in not_applicable(overfitting, validation_loss=curve(RISES))
    assert "validation loss" in not_applicable(overfitting)


@given(
    st.lists(st.floats(0.01, 10.0), min_size=5, max_size=40),
    st.floats(0.1, 10.0),
)
def test_no_scale_changes_the_verdict(losses: list[float], scale: float) -> None:
    train = curve(np.linspace(1.0, 0.5, len(losses)))
    one = ask(overfitting, validation_loss=curve(losses), train_loss=train)
    other = ask(overfitting, validation_loss=curve(np.array(losses) * scale), train_loss=train)
    near_a_limit = one.finding is not None and abs(float(one.finding.evidence["rise_percent"]) - 5.0) < 1e-6
    assert one.status is other.status or near_a_limit


@given(st.lists(st.floats(0.01, 10.0), min_size=5, max_size=40))
def test_a_loss_that_never_rises_never_fires(losses: list[float]) -> None:
    falling = curve(sorted(losses, reverse=True))
    assert ask(overfitting, validation_loss=falling, train_loss=falling).status is Status.PASSED


def test_a_loss_of_zero_as_logged_cannot_tell() -> None:
    """Rounded to 0.0000: what comes after it is infinitely many times as much, and means nothing."""
    assert "0 as logged" in not_applicable(
        overfitting,
        validation_loss=curve([0.1, 0.0, 0.0, 0.0, 0.0001]),
        train_loss=curve([0.2, 0.1, 0.05, 0.02, 0.01]),
    )


RISEN = {"validation_loss": curve(RISES), "train_loss": curve(FALLS), "validation_noise": 0.001}


def test_weights_that_something_else_kept_are_not_those_of_the_lowest_loss() -> None:
    by_score = Stopping("val_recall", patience=12, restore_best=True)
    assert "best val_recall" in not_applicable(overfitting, stopping=by_score, **RISEN)
    by_training = Stopping("loss", patience=12, restore_best=True)
    assert fired(overfitting, stopping=by_training, **RISEN).severity is Severity.WARNING
    upside_down = Stopping("val_loss", patience=12, mode="max", restore_best=True)
    assert fired(overfitting, stopping=upside_down, **RISEN).severity is Severity.WARNING


def test_a_training_loss_that_is_only_known_within_bounds_cannot_tell() -> None:
    """The penalty in it was not logged, so it may be anything below what was logged, which falls."""
    bounded = curve(np.full(20, 0.2), low=np.zeros(20), high=FALLS, how="less a penalty")
    known = {**RISEN, "train_loss": bounded}
    assert "less a penalty" in not_applicable(overfitting, train_loss_logged=curve(FALLS), **known)
    assert "goes astray" in passed(overfitting, train_loss_logged=curve(RISES), **known)


def test_dropout_and_penalty_are_not_made_weaker() -> None:
    strong = (replace(dense(64, inputs=9), l2=0.01), dropout(0.5), dense(1, "sigmoid", 64))
    changes = fired(overfitting, layers=strong, **RISEN).changes
    assert [change.path for change in changes] == ["training.restore_best_weights"]
    plain = (dense(64, inputs=9), dense(1, "sigmoid", 64))
    assert len(fired(overfitting, layers=plain, **RISEN).changes) == 3
