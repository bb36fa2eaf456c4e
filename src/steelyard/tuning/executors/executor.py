"""What an executor is: it trains batches somewhere, and gives them back in the order in which they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from steelyard.study import Point, Trial


@dataclass(frozen=True, eq=False)
class Batch:
    """Trials that are trained together: the batch's number in the study, those of its trials, and their
    points, in that order."""

    number: int
    numbers: tuple[int, ...]
    points: tuple[Point, ...]


class Executor(Protocol):
    """Trains batches.

    What it does with a batch depends on nothing but the batch, the table and the plan, so that all executors
    give the same results, bit for bit within one instruction set.
    """

    @property
    def capacity(self) -> int:
        """How many batches are worth having in hand at once, at least 1. It may change."""

    def submit(self, batch: Batch) -> None:
        """Takes a batch in hand."""

    def next_finished(self, patience: float) -> tuple[Batch, list[Trial]] | None:
        """The next batch that is done, with its trials in the order of the batch.

        None if none is done within ``patience`` seconds; an executor that trains in the caller's thread
        takes the time that it takes. Raises :class:`KeyboardInterrupt` if it was interrupted, and what is
        wrong if a batch cannot be trained.
        """

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results should know about how they were made, as sentences."""

    def close(self) -> None:
        """Lets go of all batches in hand, unfinished; needed in any case."""
