"""A training that goes on, epoch by epoch, as a log so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from steelyard.diagnosis.readers.assembling import column_of, history_of
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.diagnosis.readers.quantities import Manner
from steelyard.log import Facts, Log


@dataclass(eq=False)
class Watched:
    """What was recorded of one call of ``fit``: ``values[i]`` are those of ``epochs[i]``, by the names that
    the framework gives them; what was not measured in an epoch is not in it."""

    source: str
    format: str
    manner: Manner
    facts: Facts
    notes: tuple[str, ...] = ()
    epochs: list[int] = field(default_factory=list)
    values: list[dict[str, float]] = field(default_factory=list)

    def add(self, epoch: int, values: Mapping[str, Any]) -> None:
        """The end of an epoch (from 1); values that are no single number are left out."""
        numbers = ((str(name), _number(value)) for name, value in values.items())
        self.epochs.append(epoch)
        self.values.append({name: number for name, number in numbers if number is not None})

    def log(self) -> Log:
        """The log so far."""
        names = dict.fromkeys(name for one in self.values for name in one)
        columns = {name: column_of([one.get(name) for one in self.values]) for name in names}
        history, notes = history_of(np.array(self.epochs, np.int64), columns, self.manner, self.facts)
        return learning_rate_of(
            Log(self.source, self.format, history, self.facts, notes=(*self.notes, *notes))
        )


def without_doubles(names: Iterable[str]) -> set[str]:
    """The names by which Lightning shows the value of an epoch: of a metric that is logged by step and by
    epoch, the plain one of three.

    >>> sorted(without_doubles(["train_loss", "train_loss_step", "train_loss_epoch", "val_f1_epoch"]))
    ['train_loss', 'val_f1_epoch']
    """
    there = set(names)
    return {
        name
        for name in there
        if not name.endswith("_step") and not (name.endswith("_epoch") and name[: -len("_epoch")] in there)
    }


def _number(value: Any) -> float | None:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        found = np.asarray(value, np.float64).reshape(-1)
    except (TypeError, ValueError):
        return None
    return float(found[0]) if len(found) == 1 else None
