"""Curves of a history: names, the last run, digits, epochs that were not measured."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.deriving.curves import decimals_of
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.history import PLAIN, History, Quantity, Series
from steelyard.log import Facts, Log

UNKNOWN = Quantity()


def history(epochs: list[int], **curves: list[float]) -> History:
    """Curves by ``split_metric``."""
    series = [Series(*name.split("_", 1), np.array(values), UNKNOWN) for name, values in curves.items()]
    return History(np.array(epochs), tuple(series))


def log(found: History, **facts: object) -> Log:
    """A log that says little else."""
    return Log("a test", "csv", found, Facts(**facts))  # type: ignore[arg-type]


def test_epochs_that_begin_again_are_another_run() -> None:
    signals = signals_from(log(history([1, 2, 3, 1, 2], train_loss=[5, 4, 3, 2, 1])))
    assert signals.segments == ((0, 2), (3, 4))
    assert signals.train_loss_logged is not None
    assert signals.train_loss_logged.values.tolist() == [2, 1]
    assert signals.train_loss_logged.epochs.tolist() == [1, 2]


def test_epochs_without_a_measurement_are_left_out() -> None:
    nan = float("nan")
    signals = signals_from(
        log(history([1, 2, 3, 4], train_loss=[4, 3, 2, 1], validation_loss=[nan, 3, nan, 2]))
    )
    assert signals.validation_loss_logged is not None
    assert signals.validation_loss_logged.epochs.tolist() == [2, 4]


def test_a_loss_that_is_no_number_from_some_epoch_on_is_kept() -> None:
    nan = float("nan")
    signals = signals_from(
        log(history([1, 2, 3, 4], train_loss=[4, 3, nan, nan], validation_loss=[4, 3, nan, nan]))
    )
    assert signals.train_loss_logged is not None
    assert np.isnan(signals.train_loss_logged.values[2:]).all()
    assert signals.validation_loss_logged is not None
    assert len(signals.validation_loss_logged) == 2
    assert signals.best_epoch is not None
    assert signals.best_epoch.epoch == 2


def test_a_loss_that_never_was_a_number() -> None:
    nan = float("nan")
    signals = signals_from(log(history([1, 2], train_loss=[nan, nan], train_accuracy=[0.5, 0.5])))
    assert signals.train_loss_logged is not None
    assert np.isnan(signals.train_loss_logged.values).all()


@pytest.mark.parametrize(
    ("losses", "measured", "epochs"),
    [
        ([4, 3, np.nan, np.nan], [True] * 4, [1, 2, 3, 4]),
        ([np.nan] * 4, [True] * 4, [1, 2, 3, 4]),
        ([4, 3, np.nan, np.nan], [True, True, False, False], [1, 2]),
        ([np.nan, 3, np.nan, 2], [True] * 4, [2, 4]),
        ([np.inf] * 4, None, [1, 2, 3, 4]),
    ],
)
def test_a_validation_loss_that_was_measured_and_is_no_number_is_kept(
    losses: list[float], measured: list[bool] | None, epochs: list[int]
) -> None:
    """Which the log alone can tell from one that was not measured, and only from some epoch on."""
    known = None if measured is None else np.array(measured)
    series = (
        Series("train", "loss", np.array([4.0, 3.0, 2.0, 1.0]), UNKNOWN),
        Series("validation", "loss", np.array(losses), UNKNOWN, known),
    )
    found = signals_from(log(History(np.arange(1, 5), series))).validation_loss_logged
    assert found is not None
    assert found.epochs.tolist() == epochs


def test_the_learning_rate_is_the_highest_of_a_schedule() -> None:
    """The first of one that warms up is next to nothing."""
    rates = [0.0, 0.01, 0.02, 0.001]
    found = history([1, 2, 3, 4], train_loss=[4, 3, 2, 1], train_learning_rate=rates)
    assert signals_from(log(found)).learning_rate == 0.02
    assert learning_rate_of(log(found)).facts.learning_rate == 0.02
    assert learning_rate_of(log(found)).facts.origins["learning_rate"] == "the log, epoch 3"
    assert signals_from(log(found, learning_rate=0.5)).learning_rate == 0.5


def test_gaps_of_a_curve_logged_now_and_then_are_no_divergence() -> None:
    nan = float("nan")
    found = history([1, 2, 3, 4], train_loss=[nan, 3, nan, nan], validation_loss=[4, 3, 3, 3])
    signals = signals_from(log(found))
    assert signals.train_loss_logged is not None
    assert signals.train_loss_logged.values.tolist() == [3]


def test_metrics_without_their_like() -> None:
    found = history(
        [1],
        train_loss=[1],
        validation_loss=[1],
        train_f1=[0.1],
        validation_auc=[0.7],
        train_learning_rate=[0.1],
    )
    assert signals_from(log(found)).names_unpaired == ("train_f1", "validation_auc")
    assert signals_from(log(history([1], train_loss=[1], train_f1=[1]))).names_unpaired == ()


def test_what_was_measured_once_at_the_end_needs_no_like() -> None:
    found = history([1, 2], train_loss=[2, 1], validation_loss=[2, 1])
    once = Series("validation", "recall", np.array([np.nan, 0.5]), UNKNOWN, measured=np.array([False, True]))
    signals = signals_from(log(History(found.epochs, (*found.series, once))))
    assert signals.names_unpaired == ()
    assert signals.validation_recall is not None


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([0.9712, 0.98], 4),
        ([0.98, 0.95], 2),
        ([0.0, 0.00051234, 0.971], 3),
        ([0.95998615922892039], None),
    ],
)
def test_digits(values: list[float], decimals: int | None) -> None:
    assert decimals_of((Series("train", "accuracy", np.array(values), PLAIN),)) == decimals


def test_other_losses_have_no_plain_one() -> None:
    signals = signals_from(
        log(history([1, 2], train_loss=[0.2, 0.1], validation_loss=[0.2, 0.1]), loss="mse")
    )
    assert signals.train_loss is None
    assert signals.validation_loss is None
    assert signals.validation_loss_logged is not None
    assert signals.best_epoch is not None


def test_a_cross_entropy_logged_beside_the_loss_gives_the_penalty() -> None:
    found = history([1, 2], validation_loss=[0.9, 0.6], validation_binary_crossentropy=[0.3, 0.2])
    signals = signals_from(log(found))
    assert signals.penalty is not None
    assert signals.penalty.values == pytest.approx([0.6, 0.4])
    assert signals.validation_loss is not None
    assert signals.validation_loss.values.tolist() == [0.3, 0.2]


def test_a_search_has_no_curves() -> None:
    signals = signals_from(Log("a test", "talos"))
    assert signals.segments is None
    assert signals.names_unpaired is None
    assert signals.best_epoch is None
