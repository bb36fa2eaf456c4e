"""The program of a question on Cross Validated, with only its import lines changed.

https://stats.stackexchange.com/q/307784, "What changes should I make to this NN to get a better loss/epoch
curve?" Every call of :func:`train` is as the question has it, but that scikit-learn wants ``classes=`` and
``y=`` by name today. The table is generated (:func:`steelyard.datasets.drifting_ratios`); the question does
not say what is in ``callbacks_list``.

    python tests/acceptance/question.py                 # 6,993,833 rows, 50 epochs
    python tests/acceptance/question.py --share 0.01    # one row in a hundred

The program writes its checkpoint and its log into ``--folder``; ``--results`` names a file for what came out,
as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from steelyard.datasets import drifting_ratios
from steelyard.datasets.ratios import ROWS
from steelyard.keras.callbacks import Callback, CSVLogger, ModelCheckpoint
from steelyard.keras.layers import Dense, Dropout
from steelyard.keras.metrics import f1, precision, recall
from steelyard.keras.models import Sequential


def train(X_train: pd.DataFrame, y_train: pd.Series, callbacks_list: list[Callback]) -> Any:
    """The question's code, from its first line to its last."""
    model = Sequential()
    # layer 1
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.5))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(7, input_dim=X_train.shape[1], activation="linear"))
    model.add(Dropout(0.2))
    model.add(Dense(1, activation="sigmoid"))

    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy", precision, recall, f1])

    from sklearn.utils import class_weight

    split_location = int(X_train.shape[0] * 0.2)
    X_val = X_train.iloc[-split_location:, :]
    y_val = y_train[-split_location:]
    X_train = X_train.iloc[:-split_location, :]
    y_train = y_train[:-split_location]
    class_weight = class_weight.compute_class_weight("balanced", classes=np.unique(y_train), y=y_train)
    hist = model.fit(
        X_train.values,
        y_train.values,
        epochs=50,
        batch_size=128,
        verbose=1,
        class_weight=class_weight,
        validation_data=(X_val.values, y_val.values),
        callbacks=callbacks_list,
        shuffle=True,
    )
    return hist


class Clock(Callback):
    """Seconds of each epoch, validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.seconds.append(time.perf_counter() - self._started)


def main() -> None:
    """Makes the table, trains, prints the history as the question shows it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="share of the 6,993,833 rows (default 1)")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the callbacks write (default .)")
    parser.add_argument("--results", type=Path, help="a JSON file for the history and the times")
    arguments = parser.parse_args()

    x, y = drifting_ratios(round(ROWS * arguments.share))
    columns = [f"x{number}" for number in range(1, 10)]
    X_train, y_train = pd.DataFrame(x, columns=columns, copy=False), pd.Series(y, name="label", copy=False)
    clock = Clock()
    callbacks_list = [
        ModelCheckpoint(arguments.folder / "question.keras", monitor="val_loss", save_best_only=True),
        CSVLogger(arguments.folder / "question.csv"),
        clock,
    ]
    hist = train(X_train, y_train, callbacks_list)
    print(hist.history)
    if arguments.results:
        results = {
            "rows": list(X_train.shape),
            "history": hist.history,
            "params": hist.params,
            "seconds": clock.seconds,
        }
        arguments.results.write_text(json.dumps(results))


if __name__ == "__main__":
    main()
