"""Our callbacks and Keras' are driven with the same logs: same stops, weights, rates, files and messages."""

from __future__ import annotations

import inspect
import math
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.keras import callbacks, metrics
from tests.keras.fakes import Course, drive

# Keras compares in float32, we in float64: eighths are exact in both. Few values, so that many are equal,
# and rows enough for patience, cooldown and the lowest rate to matter.
eighths = st.sampled_from([0.0, 0.125, 0.25, 0.375, 0.5])
values = eighths | st.sampled_from([0.25, math.nan, math.inf, -math.inf])
logs_of_a_fit = st.lists(
    st.fixed_dictionaries({"loss": eighths, "val_loss": values, "val_accuracy": eighths}),
    min_size=4,
    max_size=12,
)
steps = st.sampled_from([0.0, 0.0625, 0.125])
monitors = st.sampled_from(["loss", "val_loss", "val_accuracy"])
modes = st.sampled_from(["auto", "min", "max"])


def both(keras: ModuleType, name: str, logs: Any, *arguments: Any, **options: Any) -> tuple[Course, Course]:
    from keras.src.trainers.compile_utils import MetricsList

    accuracy = [keras.metrics.BinaryAccuracy(name="accuracy")]
    theirs = drive(
        [getattr(keras.callbacks, name)(*arguments, **options)], logs, metrics=[MetricsList(accuracy)]
    )
    ours = drive(
        [getattr(callbacks, name)(*arguments, **options)],
        logs,
        metrics=[metrics.BinaryAccuracy(name="accuracy")],
    )
    return theirs, ours


def assert_same(theirs: Course, ours: Course) -> None:
    assert ours.epochs == theirs.epochs
    assert ours.weight == theirs.weight
    np.testing.assert_allclose(ours.rates, theirs.rates, rtol=1e-6)
    assert [list(row) for row in ours.logs] == [list(row) for row in theirs.logs]
    for our_row, their_row in zip(ours.logs, theirs.logs, strict=True):
        np.testing.assert_allclose(list(our_row.values()), list(their_row.values()), rtol=1e-6)


@settings(max_examples=200)
@given(
    logs=logs_of_a_fit,
    monitor=monitors,
    mode=modes,
    min_delta=steps,
    patience=st.integers(0, 3),
    baseline=st.none() | eighths,
    restore=st.booleans(),
    start=st.integers(0, 3),
)
def test_early_stopping(
    keras: ModuleType,
    logs: Any,
    monitor: str,
    mode: str,
    min_delta: float,
    patience: int,
    baseline: float | None,
    restore: bool,
    start: int,
) -> None:
    theirs, ours = both(
        keras,
        "EarlyStopping",
        logs,
        monitor,
        min_delta=min_delta,
        patience=patience,
        verbose=1,
        mode=mode,
        baseline=baseline,
        restore_best_weights=restore,
        start_from_epoch=start,
    )
    assert_same(theirs, ours)
    assert ours.printed == theirs.printed


@settings(max_examples=200)
@given(
    logs=logs_of_a_fit,
    monitor=monitors,
    mode=modes,
    factor=st.sampled_from([0.1, 0.5]),
    patience=st.integers(0, 2),
    min_delta=steps,
    cooldown=st.integers(0, 2),
    min_lr=st.sampled_from([0.0, 0.125, 0.5]),
)
def test_reduce_lr_on_plateau(
    keras: ModuleType,
    logs: Any,
    monitor: str,
    mode: str,
    factor: float,
    patience: int,
    min_delta: float,
    cooldown: int,
    min_lr: float,
) -> None:
    theirs, ours = both(
        keras,
        "ReduceLROnPlateau",
        logs,
        monitor,
        factor,
        patience,
        1,
        mode,
        min_delta,
        cooldown,
        min_lr,
    )
    assert_same(theirs, ours)
    if factor == 0.5:  # exact in float32, in which Keras keeps the rate
        assert ours.printed == theirs.printed


@given(
    logs=logs_of_a_fit,
    monitor=monitors,
    mode=modes,
    best_only=st.booleans(),
    weights_only=st.booleans(),
    threshold=st.none() | eighths,
    pattern=st.sampled_from(["best", "{epoch:02d}", "deep/{epoch}/{val_loss:.2f}"]),
)
def test_model_checkpoint(
    keras: ModuleType,
    logs: Any,
    monitor: str,
    mode: str,
    best_only: bool,
    weights_only: bool,
    threshold: float | None,
    pattern: str,
) -> None:
    name = pattern + (".weights.h5" if weights_only else ".keras")
    runs = []
    for package, measured in (
        (keras.callbacks, keras.metrics.BinaryAccuracy(name="accuracy")),
        (callbacks, metrics.BinaryAccuracy(name="accuracy")),
    ):
        from keras.src.trainers.compile_utils import MetricsList

        with tempfile.TemporaryDirectory() as folder:
            course = drive(
                [
                    package.ModelCheckpoint(
                        Path(folder) / name,
                        monitor,
                        verbose=1,
                        save_best_only=best_only,
                        save_weights_only=weights_only,
                        mode=mode,
                        initial_value_threshold=threshold,
                    )
                ],
                logs,
                metrics=[MetricsList([measured])] if package is keras.callbacks else [measured],
            )
            files = {
                str(p.relative_to(folder)): p.read_text() for p in Path(folder).rglob("*") if p.is_file()
            }
            runs.append((course.printed.replace(folder, ""), files))
    assert runs[0] == runs[1]


rows = st.lists(
    st.dictionaries(
        st.sampled_from(["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]),
        st.floats() | st.sampled_from(["text", 'a "quoted", one', [1.0, 2.0], np.array([0.5, 1.5])]),
        min_size=1,
    ),
    max_size=5,
)


@given(
    fits=st.lists(rows, min_size=1, max_size=3),
    separator=st.sampled_from([",", ";", "\t"]),
    append=st.booleans(),
    before=st.none() | st.sampled_from(["", "epoch,loss,val_loss\r\n0,1.0,NA\r\n"]),
    anew=st.booleans(),
)
def test_csv_logger(
    keras: ModuleType, fits: Any, separator: str, append: bool, before: str | None, anew: bool
) -> None:
    written = []
    for package in (keras.callbacks, callbacks):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log.csv"
            if before is not None:
                path.write_bytes(before.encode())
            logger = package.CSVLogger(path, separator, append)
            for logs in fits:
                if anew:
                    logger = package.CSVLogger(path, separator, append)
                drive([logger], logs)
            written.append(path.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param(lambda epoch: 0.5 / (1 + epoch), id="of the epoch"),
        pytest.param(lambda epoch, lr: lr * 0.5 if epoch else lr, id="of both"),
        pytest.param(lambda epoch, lr=0.25: float(lr), id="with a default"),
        pytest.param(lambda epoch: np.float32(0.125), id="float32"),
        pytest.param({0: 0.25, 2: 0.125}.get, id="a table"),
    ],
)
def test_learning_rate_scheduler(keras: ModuleType, schedule: Any) -> None:
    theirs, ours = both(keras, "LearningRateScheduler", [{"loss": 1.0}] * 4, schedule, verbose=1)
    assert_same(theirs, ours)
    assert ours.printed == theirs.printed


@given(logs=logs_of_a_fit)
def test_history(keras: ModuleType, logs: Any) -> None:
    theirs, ours = keras.callbacks.History(), callbacks.History()
    drive([theirs], logs)
    drive([ours], logs)
    assert ours.epoch == theirs.epoch
    assert ours.history.keys() == theirs.history.keys()
    for name, curve in ours.history.items():
        np.testing.assert_array_equal(curve, theirs.history[name])
    assert ours.params == theirs.params
    assert ours.model.history is ours


@pytest.mark.parametrize(
    "name",
    [
        "CSVLogger",
        "EarlyStopping",
        "LambdaCallback",
        "LearningRateScheduler",
        "ModelCheckpoint",
        "ReduceLROnPlateau",
        "TerminateOnNaN",
    ],
)
def test_signatures_begin_as_those_of_keras(keras: ModuleType, name: str) -> None:
    theirs = inspect.signature(getattr(keras.callbacks, name)).parameters.values()
    ours = inspect.signature(getattr(callbacks, name)).parameters.values()
    named = [(p.name, p.default) for p in theirs if p.kind is not p.VAR_KEYWORD]
    assert [(p.name, p.default) for p in ours][: len(named)] == named
