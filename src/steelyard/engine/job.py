"""What the engine is asked to do, and what it reports while it does it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import Encoding
from steelyard.data.split import Split
from steelyard.recipe.recipe import Recipe
from steelyard.run import Progress, Weights


@dataclass(frozen=True, eq=False)
class Job:
    """One network to train.

    ``resampled`` are the rows the network learns from instead of ``split.train``, if the recipe resamples:
    int64, some repeated, left out or invented (:mod:`steelyard.resampling`). The plain training curves are
    measured on ``split.train`` all the same.
    ``initial_weights`` replaces the draw from ``seed``; the seed still decides the order of the
    batches and what dropout drops. With the ``progress`` and the last weights of an earlier run of the
    same recipe and seed, training goes on as if it had never stopped; only schedules begin anew.
    ``prior_offset`` is taken from the logits before plain metrics are measured: by how much weights or
    resampling have shifted the log-odds (see :mod:`steelyard.prior`). It changes no weight.
    ``running_metrics`` names metrics (of :data:`~steelyard.engine.lowering.METRICS`) to record also of the
    training rows as they are met, with dropout on and weights that move, which is what Keras shows for
    training: ``("accuracy",)`` adds ``train_running_accuracy``.
    """

    recipe: Recipe
    split: Split
    encoding: Encoding
    seed: int = 0
    resampled: NDArray[np.int64] | None = None
    initial_weights: Weights | None = None
    progress: Progress | None = None
    prior_offset: float = 0.0
    running_metrics: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EpochEnd:
    """Told after every epoch: job number, epoch (from 1) of the planned ``epochs``, the epoch's row of
    the history by series name, seconds since the job began.

    The methods copy the state of the job out of the engine; they work while ``on_epoch`` runs and
    raise RuntimeError afterwards.
    """

    job: int
    epoch: int
    epochs: int
    metrics: Mapping[str, float]
    seconds: float
    inside: Inside

    def weights(self) -> Weights:
        """The weights as they are now."""
        return self.inside.weights()

    def validation_logits(self) -> NDArray[np.float32]:
        """The logit of every validation row, in the order of the split."""
        return self.inside.validated()[0]

    def training_logits(self) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Logits as the training rows were met in this epoch, with dropout on and weights that moved, and
        the labels of the same rows; empty without ``running_metrics``."""
        logits, labels = self.inside.met()
        return logits, labels.astype(np.uint8)


class Inside(Protocol):
    """The extension's view of a job between two epochs."""

    def weights(self) -> Weights:
        """The weights."""

    def validated(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits and labels of the validation rows."""

    def met(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits and labels of the training rows as they were met."""


@dataclass(frozen=True)
class Decision:
    """What the watcher of an epoch wants: stop this job, let it rest until all others rest or have ended, or
    go on with another learning rate (which a schedule still multiplies) or with other weights."""

    stop: bool = False
    rest: bool = False
    learning_rate: float | None = None
    weights: Weights | None = None


OnEpoch = Callable[[EpochEnd], Decision | None]
"""Called between epochs, in the thread that called ``fit_population``, one call at a time; the job waits
for the answer while others go on."""

OnRest = Callable[[Sequence[int]], Collection[int]]
"""Called with the numbers of the jobs that rest, ascending, when no other job is left to train; returns those
to stop, which then count as pruned. The others go on as if they had never rested. In the thread that called
``fit_population``, like :data:`OnEpoch`; which jobs rest when does not depend on the number of threads."""
