"""A model that only pretends to train, so that callbacks of Keras and ours can be driven alike."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class FakeOptimizer:
    learning_rate: float = 0.5


@dataclass
class FakeModel:
    """Its one weight is the number of epochs trained; files hold that number."""

    metrics: Sequence[Any] = ()
    optimizer: FakeOptimizer = field(default_factory=FakeOptimizer)
    weight: float = 0.0
    stop_training: bool = False
    history: Any = None

    def get_weights(self) -> list[NDArray[np.float32]]:
        return [np.array([self.weight], dtype=np.float32)]

    def set_weights(self, weights: list[NDArray[np.float32]], /) -> None:
        self.weight = float(weights[0][0])

    def save(self, filepath: str, /, overwrite: bool = True) -> None:
        assert overwrite
        Path(filepath).write_text(f"model {self.weight}")

    def save_weights(self, filepath: str, /, overwrite: bool = True) -> None:
        assert overwrite
        Path(filepath).write_text(f"weights {self.weight}")


@dataclass(frozen=True)
class Course:
    """What a fit came to."""

    epochs: int
    weight: float
    rates: list[float]
    logs: list[dict[str, Any]]
    printed: str
    warned: list[str]


def drive(
    callbacks: Sequence[Any],
    logs: Sequence[Mapping[str, Any]],
    *,
    metrics: Sequence[Any] = (),
    learning_rate: float = 0.5,
    verbose: int | str = 0,
    epochs: int | None = None,
) -> Course:
    """Calls the callbacks as fit does; epoch i ends with ``logs[i]``."""
    model = FakeModel(metrics, FakeOptimizer(learning_rate))
    params = {"verbose": verbose, "epochs": epochs or len(logs), "steps": 25}
    rates: list[float] = []
    seen: list[dict[str, Any]] = []
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        for callback in callbacks:
            callback.set_params(params)
            callback.set_model(model)
        for callback in callbacks:
            callback.on_train_begin({})
        for epoch, values in enumerate(logs):
            for callback in callbacks:
                callback.on_epoch_begin(epoch, {})
            rates.append(float(model.optimizer.learning_rate))
            model.weight = epoch + 1.0
            seen.append(dict(values))
            for callback in callbacks:
                callback.on_epoch_end(epoch, seen[-1])
            if model.stop_training:
                break
        for callback in callbacks:
            callback.on_train_end(seen[-1] if seen else {})
    return Course(len(seen), model.weight, rates, seen, out.getvalue(), [str(w.message) for w in caught])
