"""A table and model functions for scans that are studies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.keras import Scan
from steelyard.keras.callbacks import EarlyStopping
from steelyard.keras.layers import Dense, Dropout
from steelyard.keras.models import Sequential
from steelyard.keras.optimizers import Adam

EPOCHS = 4
GRID: dict[str, Any] = {"rate": [0.001, 0.01, 0.1], "units": [4, 8]}


def table(rows: int = 300) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 4))
    return x, (x[:, 0] - x[:, 1] + random.normal(size=rows) > 1.5).astype(int)


def network(params: dict[str, Any]) -> Sequential:
    model = Sequential()
    model.add(Dense(params["units"], activation="relu", input_dim=4))
    model.add(Dropout(0.2))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer=Adam(lr=params["rate"]), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def plain(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    model = network(params)
    history = model.fit(x_train, y_train, validation_data=[x_val, y_val], epochs=EPOCHS, batch_size=32)
    return history, model


def stopping(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    """Stops early, by a callback that must be called after each epoch."""
    model = network(params)
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_val, y_val),
        epochs=12,
        callbacks=[EarlyStopping(monitor="val_loss", patience=1)],
    )
    return history, model


def impatient(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    """Looks at what it trained."""
    history, model = plain(x_train, y_train, x_val, y_val, params)
    assert len(history.history["loss"]) == EPOCHS
    return history, model


def scan(model: Any = plain, params: Any = None, **arguments: Any) -> Scan:
    settings = {"seed": 5, "disable_progress_bar": True, **arguments}
    return Scan(*table(), GRID if params is None else params, model, **settings)
