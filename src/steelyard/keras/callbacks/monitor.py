"""Watching one number of the logs: which direction is better, and whether a value is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from steelyard.errors import did_you_mean
from steelyard.keras.codes import refuse, warn
from steelyard.keras.hooks import Logs
from steelyard.keras.metrics import Metric

Mode = Literal["auto", "min", "max"]

_OTHER_NAMES = {"acc": "accuracy", "accuracy": "acc", "lr": "learning_rate", "auc": "AUC", "AUC": "auc"}
"""What the same metric was called in Keras 2, or is called when it is given otherwise."""


class Monitor:
    """The rule by which a callback judges the value of ``name``; ``owner`` is the callback's name.

    With mode "auto" the direction is that of the model's metric of this name, ``val_`` aside; for
    ``loss`` less is better. Source: keras/src/callbacks/monitor_callback.py.
    """

    def __init__(self, owner: str, name: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("auto", "min", "max"):
            warn(
                "K125",
                f"{owner}(mode={mode!r}): unknown, taken for 'auto'; the others are 'min' and 'max'",
            )
            mode = "auto"
        self.owner = owner
        self.name = name
        self.mode = mode
        self.min_delta = abs(min_delta)
        self._sign: int | None = {"min": -1, "max": 1}.get(mode)
        self._has_warned = False

    def begin(self, metrics: Sequence[Metric]) -> None:
        """At the beginning of a fit: decides the direction (K222 if it cannot), and may warn again.

        ``metrics`` are those of the model."""
        self._has_warned = False
        if self._sign is not None:
            return
        metric = self.name.removeprefix("val_")
        directions = {m.name: m.direction for m in metrics} | {"loss": "down"}
        direction = directions.get(metric)
        if direction is None:
            known = [name for name, known in directions.items() if known]
            raise refuse(
                "K222",
                f"{self.owner}(monitor={self.name!r}): it cannot be told whether more or less of it is better"
                f"{_suggestion(self.name, [*known, *(f'val_{name}' for name in known)])}; "
                f"known are {', '.join(known)}, and each with 'val_'",
            )
        self._sign = 1 if direction == "up" else -1

    def value(self, logs: Logs | None, consequence: str) -> float | None:
        """The number, or None with a warning (K121, once per fit) that says what comes of it."""
        value = (logs or {}).get(self.name)
        if value is None and not self._has_warned:
            self._has_warned = True
            names = list(logs or {})
            warn(
                "K121",
                f"{self.owner} monitors {self.name!r}, which is not recorded{_suggestion(self.name, names)}; "
                f"recorded are {', '.join(names)}. {consequence}",
            )
        return value

    def improves(self, value: float, reference: float | None) -> bool:
        """Whether ``value`` is better than ``reference`` by more than ``min_delta``; than None always."""
        if reference is None:
            return True
        assert self._sign is not None, "begin comes first"
        if self._sign > 0:
            return value - self.min_delta > reference
        return value + self.min_delta < reference


def _suggestion(name: str, known: Collection[str]) -> str:
    metric = name.removeprefix("val_")
    other = name.removesuffix(metric) + _OTHER_NAMES.get(metric, metric)
    return f" (did you mean {other!r}?)" if other in known else did_you_mean(name, known)
