"""OPT306."""

from __future__ import annotations

from typing import Any

from steelyard.diagnosis.rules.optimisation.worse_than_logistic import worse_than_logistic
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense, dropout
from tests.diagnosis.signals import curve

KNOWN: dict[str, Any] = {"logistic_loss": 0.170, "validation_noise": 0.004}


def test_a_loss_five_errors_above_fires() -> None:
    finding = fired(worse_than_logistic, validation_loss=curve([0.25, 0.19, 0.2]), **KNOWN)
    assert (
        "is 0.19; a logistic regression on the same rows has 0.17, which is better by 5.0" in finding.message
    )


def test_within_noise_passes() -> None:
    passed(worse_than_logistic, validation_loss=curve([0.25, 0.177]), **KNOWN)


def test_bounds_that_reach_it_cannot_tell() -> None:
    wide = curve([0.25, 0.19], low=[0.15, 0.15], high=[0.25, 0.19], how="penalty subtracted")
    assert "between 0.15 and 0.19" in not_applicable(worse_than_logistic, validation_loss=wide, **KNOWN)


def test_one_that_is_far_better_on_training_rows_overfits_instead() -> None:
    reason = passed(
        worse_than_logistic,
        validation_loss=curve([0.25, 0.19]),
        train_skill=curve([0.2, 0.5]),
        validation_skill=curve([0.0, 0.05]),
        **KNOWN,
    )
    assert "not underfitting" in reason


def test_weights_in_force_cannot_tell() -> None:
    assert "ROC AUC" in not_applicable(
        worse_than_logistic, validation_loss=curve([0.6]), weights_in_force=True, **KNOWN
    )
    assert "logistic" in not_applicable(worse_than_logistic, validation_loss=curve([0.6]))


def test_a_network_that_a_calibrator_follows_cannot_tell() -> None:
    known = {"validation_loss": curve([0.6]), **KNOWN}
    assert "calibrated (beta)" in not_applicable(worse_than_logistic, calibration="beta", **known)
    fired(worse_than_logistic, calibration="none", **known)


def test_weights_that_may_be_in_force_and_resampling_cannot_tell() -> None:
    known = {"validation_loss": curve([0.6]), **KNOWN}
    assert "class weights" in not_applicable(worse_than_logistic, class_weight=(1.0, 20.0), **known)
    fired(worse_than_logistic, class_weight=(1.0, 20.0), weights_in_force=False, **known)
    assert "(smote)" in not_applicable(worse_than_logistic, resampling="smote", **known)
    fired(worse_than_logistic, resampling="none", **known)


def test_only_what_the_network_lacks_is_changed() -> None:
    known = {"validation_loss": curve([0.6]), **KNOWN}

    def changed(*layers: LayerFact) -> list[str]:
        return [change.path for change in fired(worse_than_logistic, layers=layers, **known).changes]

    wide, narrow, last = dense(256, inputs=9), dense(4, inputs=9), dense(1, "sigmoid", 4)
    assert changed(narrow, dropout(0.5), last) == ["network.dropout", "network.hidden_units"]
    assert changed(narrow, last) == ["network.hidden_units"]
    assert changed(wide, dropout(0.5), last) == ["network.dropout"]


def test_without_noise_no_number_of_errors_is_told() -> None:
    finding = fired(
        worse_than_logistic, validation_loss=curve([0.6]), logistic_loss=0.17, validation_noise=0.0
    )
    assert finding.message.endswith("has 0.17, which is better.")
