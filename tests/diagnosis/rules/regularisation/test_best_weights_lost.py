"""REG406."""

from __future__ import annotations

from steelyard.diagnosis.rules.regularisation.best_weights_lost import best_weights_lost
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

RISES = curve([0.3, 0.2, 0.22, 0.24, 0.26])


def test_the_last_weights_instead_of_the_best() -> None:
    finding = fired(
        best_weights_lost,
        stopping=Stopping("val_loss", patience=3, restore_best=False),
        validation_loss_logged=RISES,
        validation_noise=0.005,
    )
    assert "is 0.26 in epoch 5, 30% above its 0.2 in epoch 2" in finding.message
    assert str(finding.changes[0]) == "training.restore_best_weights=true"


def test_kept_or_within_noise_passes() -> None:
    passed(best_weights_lost, stopping=Stopping("val_loss", 3, None, True), validation_loss_logged=RISES)
    noisy = Stopping("val_loss", 3, None, False)
    assert "noise" in passed(
        best_weights_lost, stopping=noisy, validation_loss_logged=RISES, validation_noise=0.1
    )


def test_a_short_patience_on_a_curve_that_wiggles() -> None:
    finding = fired(
        best_weights_lost,
        stopping=Stopping("val_loss", patience=1, restore_best=True),
        validation_loss_logged=curve([0.3, 0.31, 0.25, 0.26]),
    )
    assert "waits only 1 epoch, " in finding.message
    assert finding.severity is Severity.SMELL
    passed(
        best_weights_lost,
        stopping=Stopping("val_loss", patience=1, restore_best=True),
        validation_loss_logged=curve([0.3, 0.28, 0.25, 0.26]),
    )


def test_a_checkpoint_cannot_tell() -> None:
    assert "not known" in not_applicable(
        best_weights_lost, stopping=Stopping("val_loss"), validation_loss_logged=RISES
    )
    assert "early stopping" in not_applicable(best_weights_lost, validation_loss_logged=RISES)


def test_a_lowest_loss_of_zero_is_no_share() -> None:
    found = fired(
        best_weights_lost,
        validation_loss_logged=curve([0.2, 0.0, 0.1]),
        stopping=Stopping("val_loss", 10, None, False),
    )
    assert "0.1 in epoch 3, after a 0 in epoch 2" in found.message


def test_older_versions_of_keras_2_keep_the_last_weights_of_a_run_that_went_to_its_end() -> None:
    known = {"stopping": Stopping("val_loss", 10, None, True), "validation_loss_logged": RISES}
    finding = fired(best_weights_lost, framework="keras 2", planned_epochs=5, **known)
    assert "All 5 epochs were trained" in finding.message
    assert "is 0.26 in epoch 5, 0.2 in epoch 2" in finding.message
    assert finding.confidence is Confidence.POSSIBLE and finding.settle
    passed(best_weights_lost, framework="keras 3", planned_epochs=5, **known)
    passed(best_weights_lost, framework="keras 2", planned_epochs=50, **known)
    # It was early stopping after all, in the last epoch.
    patient = {**known, "stopping": Stopping("val_loss", 3, None, True)}
    passed(best_weights_lost, framework="keras 2", planned_epochs=5, **patient)


def test_a_run_that_ended_within_noise() -> None:
    short = {
        "stopping": Stopping("val_loss", 1, None, True),
        "validation_loss_logged": curve([0.3, 0.25, 0.251]),
        "validation_noise": 0.01,
    }
    finding = fired(best_weights_lost, planned_epochs=50, **short)
    assert "ended the run in epoch 3 of 50, after 1 epoch without a lower" in finding.message
    assert "0.001 above the lowest (0.25), which is within noise" in finding.message
    assert finding.severity is Severity.SMELL
    passed(best_weights_lost, planned_epochs=3, **short)
    passed(best_weights_lost, planned_epochs=50, **{**short, "validation_noise": 1e-4})
    patient = {**short, "stopping": Stopping("val_loss", 10, None, True)}
    passed(best_weights_lost, planned_epochs=50, **patient)


def test_the_curve_of_the_loss_says_nothing_of_a_score_that_is_watched() -> None:
    wiggles = curve([0.3, 0.31, 0.25, 0.26])
    watched = Stopping("val_auc", patience=1, restore_best=True)
    assert "best by val_auc" in passed(best_weights_lost, stopping=watched, validation_loss_logged=wiggles)


def test_two_unlucky_epochs() -> None:
    finding = fired(
        best_weights_lost,
        stopping=Stopping("val_loss", patience=2, restore_best=True),
        validation_loss_logged=curve([0.3, 0.31, 0.25, 0.26]),
    )
    assert "waits only 2 epochs" in finding.message and "2 unlucky epochs can end" in finding.message
