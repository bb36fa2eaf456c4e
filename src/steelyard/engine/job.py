"""What the engine is asked to do, and what it reports while it does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from steelyard.data.encoding import Encoding
from steelyard.data.split import Split
from steelyard.recipe.recipe import Recipe
from steelyard.run import Weights


@dataclass(frozen=True, eq=False)
class Job:
    """One network to train.

    ``initial_weights`` replaces the draw from ``seed``; the seed still decides the order of the
    batches and what dropout drops.
    """

    recipe: Recipe
    split: Split
    encoding: Encoding
    seed: int = 0
    initial_weights: Weights | None = None


@dataclass(frozen=True, eq=False)
class EpochEnd:
    """Told after every epoch: job number, epoch (from 1) of the planned ``epochs``, the epoch's row of
    the history by series name, seconds since the job began."""

    job: int
    epoch: int
    epochs: int
    metrics: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class Decision:
    """What the watcher of an epoch wants: stop this job, or go on with another learning rate
    (which a schedule still multiplies)."""

    stop: bool = False
    learning_rate: float | None = None


OnEpoch = Callable[[EpochEnd], Decision | None]
"""Called between epochs, from the thread that trains the job; the job waits for the answer."""
