"""What callbacks refuse or warn of: each message has a code, names what it found and says what to do."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from steelyard.errors import OutputError, RecipeError, SteelyardWarning
from steelyard.keras import callbacks
from steelyard.keras.metrics import AUC, BinaryAccuracy, compile_metrics
from tests.keras.fakes import drive

LOGS = [{"accuracy": 0.5, "loss": 1.0, "val_accuracy": 0.5, "val_loss": 1.0}] * 3


@pytest.mark.parametrize("make", [callbacks.EarlyStopping, callbacks.ReduceLROnPlateau])
def test_a_missing_monitor_is_told_once_per_fit_with_what_there_is(make: Any) -> None:
    watcher = make("val_acc", mode="max")
    for _ in range(2):
        course = drive([watcher], LOGS)
        (message,) = course.warned
        assert message.startswith("K121: ")
        assert "'val_acc'" in message
        assert "(did you mean 'val_accuracy'?)" in message
        assert "accuracy, loss, val_accuracy, val_loss" in message
        assert course.epochs == 3


def test_a_checkpoint_without_its_monitor_saves_every_epoch(tmp_path: Path) -> None:
    saver = callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True)
    course = drive([saver], [{"loss": 1.0}] * 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.keras", "2.keras", "3.keras"]
    assert len(course.warned) == 1 and course.warned[0].startswith("K121: ModelCheckpoint")


def test_the_default_monitor_needs_validation_rows() -> None:
    course = drive([callbacks.EarlyStopping()], [{"loss": 1.0}] * 3)
    assert course.epochs == 3
    assert course.warned[0].startswith("K121: ")


@pytest.mark.parametrize(
    "make", [callbacks.EarlyStopping, callbacks.ReduceLROnPlateau, callbacks.ModelCheckpoint]
)
def test_a_direction_that_is_not_known_is_refused_before_the_first_epoch(make: Any, tmp_path: Path) -> None:
    def mine(y_true: Any, y_pred: Any) -> float:
        return 0.0

    arguments: dict[str, Any] = {"monitor": "val_mine"}
    if make is callbacks.ModelCheckpoint:
        arguments |= {"filepath": tmp_path / "a.keras", "save_best_only": True}
    with pytest.raises(RecipeError, match=r"^K222: .*'val_mine'.*(?s:.)*mode='max' or mode='min'"):
        drive([make(**arguments)], LOGS, metrics=compile_metrics(["accuracy", mine]))


def test_an_old_name_is_suggested() -> None:
    with pytest.raises(RecipeError, match="did you mean 'val_accuracy'"):
        drive([callbacks.EarlyStopping("val_acc")], LOGS, metrics=compile_metrics(["accuracy", AUC()]))


def test_auto_goes_by_the_metric() -> None:
    rising = [{"val_auc": value} for value in (0.5, 0.6, 0.7, 0.6, 0.5)]
    course = drive([callbacks.EarlyStopping("val_auc")], rising, metrics=compile_metrics([AUC()]))
    assert course.epochs == 4


def test_an_unknown_mode_is_taken_for_auto() -> None:
    with pytest.warns(SteelyardWarning, match=r"^K125: EarlyStopping\(mode='maximum'\)"):
        watcher = callbacks.EarlyStopping("accuracy", mode="maximum")
    logs = [{"accuracy": value} for value in (0.5, 0.6, 0.4)]
    assert drive([watcher], logs, metrics=[BinaryAccuracy("accuracy")]).epochs == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: callbacks.ModelCheckpoint("a.keras", save_freq=100), "save_freq=100"),
        (lambda: callbacks.ModelCheckpoint("folder"), r"\.keras or \.h5 or \.hdf5; found 'folder'"),
        (lambda: callbacks.ModelCheckpoint("a.keras", save_weights_only=True), r"\.weights\.h5 or"),
    ],
)
def test_arguments_that_cannot_be_used(make: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^K228: .*{message}"):
        make()


def test_a_factor_must_reduce() -> None:
    with pytest.raises(RecipeError, match=r"^K210: ReduceLROnPlateau: factor is 1.0"):
        callbacks.ReduceLROnPlateau(factor=1.0)


def test_a_name_that_cannot_be_filled_in(tmp_path: Path) -> None:
    saver = callbacks.ModelCheckpoint(tmp_path / "{val_acc:.2f}.keras")
    with pytest.raises(RecipeError, match=r"^K228: .*did you mean 'val_accuracy'.*epoch, accuracy, loss"):
        drive([saver], LOGS)


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        drive([callbacks.ModelCheckpoint(tmp_path / "a" / "b.keras")], LOGS)


def test_a_log_that_cannot_be_written_fails_before_the_first_epoch(tmp_path: Path) -> None:
    watcher = callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: pytest.fail("too late"))
    with pytest.raises(OutputError, match=r"CSVLogger: '.*missing.log\.csv' cannot be written: No such file"):
        drive([callbacks.CSVLogger(tmp_path / "missing" / "log.csv"), watcher], LOGS)


def test_rows_of_a_log_are_on_disk_before_the_next_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    lines: list[int] = []
    count = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: lines.append(len(path.read_bytes().splitlines()))
    )
    drive([callbacks.CSVLogger(path), count], LOGS)
    assert lines == [2, 3, 4]


def test_a_schedule_must_return_a_float() -> None:
    with pytest.raises(RecipeError, match=r"^K228: LearningRateScheduler.* epoch 0 it returned None"):
        drive([callbacks.LearningRateScheduler(lambda epoch: None)], LOGS)


def test_an_error_inside_a_schedule_is_not_hidden() -> None:
    def schedule(epoch: int, rate: float) -> float:
        return rate + "1"

    with pytest.raises(TypeError, match="unsupported operand"):
        drive([callbacks.LearningRateScheduler(schedule)], LOGS)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_terminate_on_nan(loss: float) -> None:
    logs = [{"loss": 1.0}, {"loss": loss}, {"loss": 1.0}]
    course = drive([callbacks.TerminateOnNaN()], logs)
    assert course.epochs == 2
    assert course.printed == "Epoch 2: Invalid loss, terminating training\n"
    with pytest.raises(RuntimeError, match="epoch 2"):
        drive([callbacks.TerminateOnNaN(raise_error=True)], logs)


def test_lambda_callback_calls_what_it_is_given() -> None:
    called: list[Any] = []
    callback = callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: called.append(("begin", epoch)),
        on_epoch_end=lambda epoch, logs: called.append((epoch, logs)),
        on_train_begin=lambda logs: called.append("first"),
        on_train_end=lambda logs: called.append("last"),
    )
    drive([callback], [{"loss": 1.0}])
    assert called == ["first", ("begin", 0), (0, {"loss": 1.0}), "last"]


@pytest.mark.parametrize(
    "hook", ["on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"]
)
def test_lambda_callback_refuses_batch_hooks(hook: str) -> None:
    with pytest.raises(RecipeError, match=rf"^K221: LambdaCallback\({hook}\).*without returning to Python"):
        callbacks.LambdaCallback(**{hook: print})


def test_old_arguments() -> None:
    halver = callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, epsilon=0.5)
    assert drive([halver], [{"loss": 1.0}, {"loss": 0.75}, {"loss": 0.75}]).rates == [0.5, 0.5, 0.25]


def test_period(tmp_path: Path) -> None:
    drive([callbacks.ModelCheckpoint(tmp_path / "{epoch}.h5", period=2)], [{"loss": 1.0}] * 5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.h5", "4.h5"]


@pytest.mark.parametrize("name", ["TensorBoard", "BackupAndRestore", "RemoteMonitor"])
def test_callbacks_of_keras_that_are_not_here_say_why(name: str) -> None:
    with pytest.raises(RecipeError, match=f"^K227: {name} is not supported: "):
        getattr(importlib.import_module("steelyard.keras.callbacks"), name)
    assert not hasattr(callbacks, "Tensorboard")
