"""Callbacks and metrics in whole fits, as old notebooks have them."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from steelyard import keras as ours
from steelyard.keras import backend as K
from tests.keras.test_progress import plain
from tests.keras.twins import fit_both, table

ROWS = table()
VALIDATION = (ROWS.x_val, ROWS.y_val)
NUMBERS = re.compile(r"\d+\.\d+(e-\d+)?")


def network(k: Any, metrics: Any = ("accuracy",)) -> Any:
    model = k.Sequential(
        [k.Input((5,)), k.layers.Dense(8, activation="relu"), k.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(k.optimizers.Adam(0.01), "binary_crossentropy", metrics=list(metrics))
    return model


def test_what_is_printed_is_what_keras_prints(keras: ModuleType, tmp_path: Path) -> None:
    printed: list[str] = []

    def fit(model: Any) -> Any:
        package: Any = ours if isinstance(model, ours.Sequential) else keras
        c = package.callbacks
        callbacks = [
            c.LearningRateScheduler(lambda epoch: 0.02 / (1 + epoch), verbose=1),
            c.ReduceLROnPlateau(patience=1, factor=0.5, min_delta=1.0, verbose=1),
            c.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True, verbose=1),
            c.EarlyStopping(patience=4, min_delta=1.0, restore_best_weights=True, verbose=1),
        ]
        options = {"validation_data": VALIDATION, "shuffle": False, "epochs": 30, "verbose": 2}
        with contextlib.redirect_stdout(io.StringIO()) as out:
            history = model.fit(ROWS.x, ROWS.y, callbacks=callbacks, **options)
        printed.append(NUMBERS.sub("NUMBER", plain(out.getvalue())))
        return history

    fit_both(keras, network, fit)
    mine, theirs = printed
    assert "early stopping" in mine and "reducing" in mine and "improved" in mine
    mine, _, findings = mine.partition("Findings: ")
    assert mine == theirs
    assert "\n" not in findings.strip() and "history.diagnosis" in findings


def test_a_checkpoint_is_a_model_of_keras(keras: ModuleType, tmp_path: Path) -> None:
    saver = ours.callbacks.ModelCheckpoint(tmp_path / "new" / "{epoch:02d}-{val_loss:.2f}.keras")
    weights = ours.callbacks.ModelCheckpoint(tmp_path / "last.weights.h5", save_weights_only=True)
    model = network(ours)
    model.fit(ROWS.x, ROWS.y, epochs=2, validation_data=VALIDATION, callbacks=[saver, weights], verbose=0)
    expected = model.predict(ROWS.x, verbose=0)
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert len(names) == 2 and re.fullmatch(r"02-\d\.\d\d\.keras", names[1])
    theirs = keras.models.load_model(tmp_path / "new" / names[1])
    np.testing.assert_allclose(theirs.predict(ROWS.x.astype(np.float32), verbose=0), expected, atol=1e-5)
    again = keras.models.clone_model(theirs)
    again.load_weights(tmp_path / "last.weights.h5")
    np.testing.assert_allclose(again.predict(ROWS.x.astype(np.float32), verbose=0), expected, atol=1e-5)


def test_the_log_is_the_history(tmp_path: Path) -> None:
    history = network(ours).fit(
        ROWS.x,
        ROWS.y,
        epochs=3,
        validation_data=VALIDATION,
        callbacks=[ours.callbacks.CSVLogger(tmp_path / "log.csv")],
        verbose=0,
    )
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row.pop("epoch") for row in rows] == ["0", "1", "2"]
    for name in history.history:
        assert [float(row.pop(name)) for row in rows] == history.history[name]
    assert not any(rows)


def f1(y_true: Any, y_pred: Any) -> Any:
    """As old notebooks have it."""
    hits = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    precision = hits / (K.sum(K.round(K.clip(y_pred, 0, 1))) + K.epsilon())
    recall = hits / (K.sum(K.round(K.clip(y_true, 0, 1))) + K.epsilon())
    return 2 * precision * recall / (precision + recall + K.epsilon())


class OldNotebook(ours.callbacks.Callback):
    """What Keras 2 allowed: the validation rows, and the learning rate as a variable."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.scores: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        x, y = self.validation_data[0], self.validation_data[1]  # type: ignore[index]  # there is some
        self.scores.append(f1_score(y, self.model.predict(x, verbose=0)[:, 0] > 0.5))
        K.set_value(self.model.optimizer.lr, K.get_value(self.model.optimizer.lr) * 0.5)
        logs["lr"] = K.get_value(self.model.optimizer.lr)


def test_a_metric_function_and_a_callback_of_an_old_notebook() -> None:
    scores = OldNotebook()
    history = network(ours, [f1]).fit(
        ROWS.x, ROWS.y, epochs=4, validation_data=list(VALIDATION), callbacks=[scores], verbose=0
    )
    assert max(scores.scores) > 0.2
    np.testing.assert_allclose(history.history["val_f1"], scores.scores, atol=1e-5)
    assert history.history["lr"] == [0.005, 0.0025, 0.00125, 0.000625]
    np.testing.assert_allclose(history.run.history["train_learning_rate"], [0.01, 0.005, 0.0025, 0.00125])


@pytest.mark.parametrize("monitor", ["val_f1", "val_auc", "val_accuracy"])
def test_monitors_are_the_names_of_the_history(monitor: str) -> None:
    model = network(ours, ["accuracy", ours.metrics.f1, ours.metrics.AUC()])
    stopper = ours.callbacks.EarlyStopping(monitor, patience=3, restore_best_weights=True)
    history = model.fit(ROWS.x, ROWS.y, epochs=60, validation_data=VALIDATION, callbacks=[stopper], verbose=0)
    best = max(history.history[monitor])
    assert stopper.best == best
    assert history.history[monitor].index(best) == stopper.best_epoch
    found = model.evaluate(*VALIDATION, verbose=0, return_dict=True)
    assert found[monitor.removeprefix("val_")] == pytest.approx(best, abs=1e-6)
