"""The peers' side of ``make seeds``: one measurement in a process of its own, told as one line of JSON.

    python -m benchmarks.peers.seeds scan FOLDER        # talos + Keras: the notebook's grid search
    python -m benchmarks.peers.seeds epoch FOLDER       # Keras: one epoch of the question

FOLDER holds the rows, ``x.npy`` and ``y.npy``. The code is that of the two documents in the spelling that
talos 2 and Keras 3 accept: ``learning_rate=`` for ``lr=``, an ``Input`` for ``input_dim=``, class weights
as a dictionary, Keras' own precision, recall and F1. Nothing is printed while it runs, which favours the
peers.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow
from keras import layers
from numpy.typing import NDArray


def minimodel(
    x_train: NDArray[np.float32],
    y_train: NDArray[np.uint8],
    x_val: NDArray[np.float32],
    y_val: NDArray[np.uint8],
    params: dict[str, Any],
) -> tuple[Any, Any]:
    """The notebook's model function."""
    model = keras.Sequential([keras.Input((125,))])
    for units in (80, 40, 10):
        model.add(
            layers.Dense(
                units,
                kernel_regularizer=keras.regularizers.L2(0.01),
                kernel_initializer=keras.initializers.GlorotNormal(seed=42),
                bias_initializer="zeros",
                activation="relu",
            )
        )
    model.add(layers.Dense(1, activation="sigmoid"))
    optimizer = keras.optimizers.Adam(learning_rate=params["learningrate"])
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    story = model.fit(
        x=x_train,
        y=y_train,
        validation_data=(x_val, y_val),
        epochs=10,
        batch_size=params["batchsize"],
        verbose=0,
    )
    return story, model


def scan(x: NDArray[np.uint8], y: NDArray[np.uint8]) -> dict[str, Any]:
    """Seconds of the whole scan, from the call to the table."""
    import talos

    params = {"learningrate": [0.00001, 0.00003, 0.00005, 0.00007, 0.0001], "batchsize": [24, 48]}
    start = time.perf_counter()
    done = talos.Scan(x, y, params, minimodel, "seeds", disable_progress_bar=True)
    return {
        "seconds": time.perf_counter() - start,
        "trials": len(done.data),
        "description": f"talos {talos.__version__}, {_versions()}",
    }


def epoch(x: NDArray[np.float64], y: NDArray[np.uint8]) -> dict[str, Any]:
    """Seconds of ``fit`` over one epoch, validation included, once the graphs have been traced."""
    model = keras.Sequential([keras.Input((x.shape[1],))])
    for rate in (0.5, *(0.2,) * 10):
        model.add(layers.Dense(7, activation="linear"))
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(1, activation="sigmoid"))
    metrics = [
        "accuracy",
        keras.metrics.Precision(),
        keras.metrics.Recall(),
        keras.metrics.F1Score(threshold=0.5),
    ]
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=metrics)
    split = int(len(x) * 0.2)
    positive = y[:-split].mean()
    weights = {0: 0.5 / (1.0 - positive), 1: 0.5 / positive}

    def fit(rows: int, validation_rows: int) -> None:
        model.fit(
            x[:rows],
            y[:rows, np.newaxis],
            epochs=1,
            batch_size=128,
            verbose=0,
            class_weight=weights,
            validation_data=(x[-validation_rows:], y[-validation_rows:, np.newaxis]),
            shuffle=True,
        )

    fit(1_000, 1_000)
    start = time.perf_counter()
    fit(len(x) - split, split)
    return {"seconds": time.perf_counter() - start, "description": _versions()}


def _versions() -> str:
    return f"Keras {keras.__version__} + TensorFlow {tensorflow.__version__}"


def main(what: str, folder: Path) -> None:
    """Measures and answers."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr, not into the answer
    os.chdir(folder)  # talos makes a folder for each experiment
    measure = {"scan": scan, "epoch": epoch}[what]
    print(json.dumps(measure(np.load("x.npy"), np.load("y.npy"))), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
