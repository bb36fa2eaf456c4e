"""Keras on TensorFlow: ``model.fit``, compiled to a graph as it is by default."""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if threads := os.environ.get("OMP_NUM_THREADS"):
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = threads

import keras
import tensorflow

from benchmarks.workloads import Workload


def describe() -> str:
    return f"Keras {keras.__version__} + TensorFlow {tensorflow.__version__}, model.fit"


def network(workload: Workload) -> keras.Sequential:
    model = keras.Sequential([keras.Input((workload.columns,))])
    for units, rate in zip(workload.hidden, workload.dropout, strict=True):
        model.add(
            keras.layers.Dense(
                units,
                activation=workload.activation,
                kernel_initializer=workload.kernel_initializer,
                kernel_regularizer=keras.regularizers.L2(workload.l2) if workload.l2 else None,
            )
        )
        if rate:
            model.add(keras.layers.Dropout(rate))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer=keras.optimizers.Adam(workload.learning_rate), loss="binary_crossentropy")
    return model


def prepare(workload: Workload) -> Callable[[], int]:
    steps = workload.peer_steps
    x, y = workload.rows(min(steps * workload.batch_size, workload.train_rows))
    model = network(workload)

    def train() -> int:
        model.fit(x, y, batch_size=workload.batch_size, epochs=1, verbose=0)
        return steps

    return train
