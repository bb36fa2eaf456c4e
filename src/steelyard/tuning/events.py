"""What a search tells while it goes on, as plain records.

A watcher is called in the thread that searches, one event at a time::

    def watch(event):
        match event:
            case BatchDone(trials=trials, progress=progress):
                print(f"{progress.finished} of {progress.target}")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from steelyard.study import Trial
from steelyard.tuning.evaluation import Step
from steelyard.tuning.executors import Batch
from steelyard.tuning.storage import Progress


@dataclass(frozen=True)
class Stage:
    """What goes on besides the trials, in a few words: "measuring a step", "training the winner"."""

    words: str


@dataclass(frozen=True, eq=False)
class BatchBegun:
    """A batch is this process's to train."""

    batch: Batch


@dataclass(frozen=True, eq=False)
class BatchDone:
    """A batch was trained here, and is in the database: or another worker has it (``kept`` is False), which
    had taken it over while this process did not show that it was alive.

    ``progress`` counts the trials of all workers.
    """

    batch: Batch
    trials: tuple[Trial, ...]
    kept: bool
    progress: Progress


@dataclass(frozen=True, eq=False)
class Waiting:
    """All batches that are left are in the hands of other workers. Told now and then until they are done, or
    one of the workers is no more and its batch is taken over."""

    progress: Progress


@dataclass(frozen=True)
class Note:
    """Something a reader of the results should know, as a sentence."""

    text: str


Event = Stage | BatchBegun | Step | BatchDone | Waiting | Note
"""A :class:`~steelyard.tuning.evaluation.Step` is the end of an epoch of one network. There are none of
batches that other processes train, as with Ray."""

Watcher = Callable[[Event], None]
