"""What can be seen while a search runs: bar and table in a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import click
import numpy as np
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from steelyard.cli.cv_summary import name_of
from steelyard.cli.points import folded, folded_point, short_names, shown
from steelyard.cli.search_tally import SearchTally, score
from steelyard.cli.text import duration, number
from steelyard.study import Trial
from steelyard.tuning.events import BatchDone, Event, Note, Stage, Waiting

LINES = 10
"""About as many lines are printed where there is no terminal."""

LEADERS = 8
"""Trials in the table."""


class LiveTable:
    """Shows a search on standard error; a context manager, and a watcher of the search."""

    def __init__(self, tally: SearchTally) -> None:
        self._tally = tally
        self._lock = threading.Lock()  # rich draws in a thread of its own
        self._told = tally.count
        self._live = self._in_terminal() if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Something happened in the search."""
        before = self._tally.note
        with self._lock:
            self._tally.take(event)
        if self._live is not None:
            return
        match event:
            case BatchDone():
                self._tell_progress()
            case Waiting() | Note() | Stage() if self._tally.note != before:
                click.echo(self._tally.note, err=True)

    def _tell_progress(self) -> None:
        finished = self._tally.count
        if finished - self._told >= self._tally.target / LINES or finished >= self._tally.target:
            self._told = finished
            click.echo(progress_line(self._tally), err=True)

    def _in_terminal(self) -> Live:
        return Live(
            get_renderable=self._draw,
            console=Console(stderr=True),
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
        )

    def _draw(self) -> RenderableType:
        with self._lock:
            return picture(self._tally)


def progress_line(tally: SearchTally) -> str:
    """How far a search is, in one line."""
    parts = [f"{tally.count:,} of {tally.target:,} trials", *_best(tally)]
    if (left := tally.seconds_left) is not None:
        parts.append(f"about {duration(left)} left")
    return "  ".join(parts)


def _best(tally: SearchTally) -> Iterator[str]:
    for trial in tally.leaders(1):
        metric = name_of(tally.plan.metrics[0])
        yield f"best {metric} {number(score(trial))} (trial {trial.number})"


def picture(tally: SearchTally) -> RenderableType:
    """Bar, best so far, time left, and the best trials as a table."""
    left = tally.seconds_left
    bar = Table.grid(padding=(0, 2))
    bar.add_row(
        ProgressBar(total=tally.target, completed=tally.done, width=30),
        Text(f"{tally.count:,} of {tally.target:,} trials"),
        Text("" if left is None else f"{duration(left)} left"),
        Text(tally.note, style="dim"),
    )
    leaders = tally.leaders(LEADERS)
    return Group(bar, _table(tally, leaders)) if leaders else bar


def _table(tally: SearchTally, leaders: list[Trial]) -> Table:
    paths = folded([parameter.path for parameter in tally.plan.space.parameters])
    names = short_names(paths)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("trial", justify="right")
    table.add_column(name_of(tally.plan.metrics[0]), justify="right", no_wrap=True)
    table.add_column("spread", justify="right")
    for path in paths:
        table.add_column(names[path], overflow="ellipsis", no_wrap=True)
    for place, trial in enumerate(leaders):
        point = folded_point(trial.point)
        values = (shown(point[path]) if path in point else "-" for path in paths)
        table.add_row(
            str(trial.number),
            number(score(trial)),
            _spread(tally, trial),
            *values,
            style="bold" if place == 0 else "",
        )
    return table


def _spread(tally: SearchTally, trial: Trial) -> str:
    """Of a trial's networks."""
    if len(trial.networks) < 2:
        return "-"
    name = tally.plan.metrics[0]
    return number(float(np.std([network.best[name] for network in trial.networks], ddof=1)))
