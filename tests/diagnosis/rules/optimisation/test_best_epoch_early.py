"""OPT304."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rules.optimisation.best_epoch_early import best_epoch_early
from steelyard.finding import Severity
from steelyard.log import Stopping
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import BestEpoch, curve

LONG = curve([0.3] * 50)


def test_fifty_epochs_of_which_two_were_needed() -> None:
    best = BestEpoch(epoch=2, first=2, last=2, by="validation loss")
    finding = fired(best_epoch_early, validation_loss_logged=LONG, best_epoch=best)
    assert "as good in epoch 2 as it ever gets: of 50 epochs, the 48 after it" in finding.message
    assert finding.epochs == tuple(range(3, 51))
    assert finding.severity is Severity.SMELL


def test_a_late_best_that_noise_cannot_tell_from_an_early_one_fires_too() -> None:
    best = BestEpoch(epoch=30, first=4, last=50, by="validation loss")
    finding = fired(best_epoch_early, validation_loss_logged=LONG, best_epoch=best)
    assert "lowest: epoch 30" in finding.message


def test_getting_better_until_late_passes() -> None:
    best = BestEpoch(epoch=30, first=20, last=50, by="validation loss")
    assert "epoch 20" in passed(best_epoch_early, validation_loss_logged=LONG, best_epoch=best)


def test_a_run_that_early_stopping_ended_passes() -> None:
    best = BestEpoch(epoch=2, first=2, last=4, by="validation loss")
    reason = passed(
        best_epoch_early,
        validation_loss_logged=curve([0.3] * 14),
        best_epoch=best,
        stopping=Stopping("val_loss", patience=12),
    )
    assert "12 epochs after the best" in reason
    passed(
        best_epoch_early,
        validation_loss_logged=LONG,
        best_epoch=best,
        stopping=Stopping("val_auc", patience=12),
        planned_epochs=60,
    )


def test_few_epochs_cannot_tell() -> None:
    best = BestEpoch(epoch=1, first=1, last=1, by="validation loss")
    assert "5 epochs" in not_applicable(
        best_epoch_early, validation_loss_logged=curve([0.3] * 5), best_epoch=best
    )
    assert "best epoch" in not_applicable(best_epoch_early, validation_loss_logged=LONG)


def test_a_slow_fall_that_the_noise_of_few_rows_hides_passes() -> None:
    """The rows are the same in every epoch: what falls in order falls, whatever other rows would say."""
    epochs = np.arange(1, 51)
    falls = np.where(epochs <= 8, 0.4 - 0.0125 * epochs, 0.3 - 0.0004 * (epochs - 8))
    best = BestEpoch(epoch=50, first=8, last=50, by="validation loss")
    reason = passed(best_epoch_early, validation_loss_logged=curve(falls), best_epoch=best)
    assert "goes on falling slowly after epoch 8, by 5.6% in all" in reason
    flat = np.where(epochs <= 8, falls, 0.3 + 1e-3 * np.sin(epochs))
    fired(best_epoch_early, validation_loss_logged=curve(flat), best_epoch=best)


def test_a_run_that_early_stopping_did_not_end_is_judged() -> None:
    best = BestEpoch(epoch=45, first=4, last=50, by="validation loss")
    fields = {"validation_loss_logged": LONG, "best_epoch": best}
    stopping = Stopping("val_loss", patience=12)
    fired(best_epoch_early, stopping=stopping, planned_epochs=50, **fields)
    fired(best_epoch_early, stopping=stopping, **fields)
    other = Stopping("val_auc", patience=12)
    assert "watched val_auc" in not_applicable(best_epoch_early, stopping=other, **fields)
