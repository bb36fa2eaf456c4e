"""What can be seen while networks train: a bar in a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from steelyard.engine import EpochEnd

LINES = 10
"""About as many lines are printed where there is no terminal, those of the first network."""


class Progress:
    """Shows stages and epochs on standard error; a context manager.

    Epochs of several networks count together. The time left is what it would take without early
    stopping. For a ``crowd``, many more networks than are trained at a time, networks are counted instead.
    """

    def __init__(self, networks: int, epochs: int, *, crowd: bool = False) -> None:
        self._networks = networks
        self._crowd = crowd
        self._begun = 0
        self._bar = self._terminal_bar() if sys.stderr.isatty() else None
        total = networks if crowd else networks * epochs
        self._task = None if self._bar is None else self._bar.add_task("", total=total, visible=False)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, words: str) -> None:
        """What goes on now."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=words, visible=True)

    def epoch(self, end: EpochEnd) -> None:
        """An epoch of some network has ended."""
        if self._crowd:
            self._count(end)
            return
        words = describe(end, self._networks)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=words, advance=1)
        elif end.job == 0 and (end.epoch == 1 or end.epoch % max(1, end.epochs // LINES) == 0):
            click.echo(words, err=True)

    def _count(self, end: EpochEnd) -> None:
        """Networks are told when their first epoch has ended: then an earlier one has made room for them."""
        if end.epoch > 1:
            return
        self._begun += 1
        words = f"network {self._begun:,} of {self._networks:,}"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=words, completed=self._begun - 1, visible=True)
        elif self._begun % max(1, self._networks // LINES) == 0:
            click.echo(words, err=True)

    @staticmethod
    def _terminal_bar() -> Bar:
        return Bar(
            SpinnerColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.description}"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )


def describe(end: EpochEnd, networks: int) -> str:
    """One line about an epoch.

    >>> describe(EpochEnd(0, 7, 60, {"train_loss": 0.21, "validation_loss": 0.23}, 0.1, None), 1)
    'epoch 7/60  loss: train 0.2100, validation 0.2300'
    """
    network = f"network {end.job + 1}/{networks}  " if networks > 1 else ""
    losses = [
        f"{part} {loss:.4f}"
        for part in ("train", "validation")
        if (loss := _known(end.metrics, f"{part}_loss"))
    ]
    precision = _known(end.metrics, "validation_average_precision")
    words = f"{network}epoch {end.epoch}/{end.epochs}  loss: {', '.join(losses)}"
    return words if precision is None else f"{words}  validation AP {precision:.3f}"


def _known(metrics: Mapping[str, float], name: str) -> float | None:
    value = metrics.get(name)
    return None if value is None or value != value else value
