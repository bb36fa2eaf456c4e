"""``python -m benchmarks.overhead``: what a search costs besides training, per trial and by part.

One call of ``steelyard.tune`` with many short trials on a small table. Training is the time inside the
engine, from the call of ``fit_population`` to its return, with the metrics that are followed between epochs.
Everything else is overhead: preparing rows, asking for points, writing and reading the database, and whatever
is left. Writes ``benchmarks/overhead.md``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import polars as pl

import steelyard
from benchmarks import machine
from steelyard import jobs
from steelyard.data import Table
from steelyard.recipe import Change, Recipe, apply
from steelyard.tuning import search
from steelyard.tuning.executors import local
from steelyard.tuning.storage import StudyStore

RESULTS = Path(__file__).with_name("overhead.md")
LIMIT = 5.0
"""Milliseconds of overhead a trial may have."""
SAMPLERS = ("random", "tpe")
SPACE = {
    "optimizer.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "network.hidden_units": [[8], [16], [16, 8]],
    "training.batch_size": [64, 128, 256],
}
TRAINING, PREPARING, ASKING = "training", "preparing rows, scoring", "asking for points"
PARTS: tuple[tuple[object, str, str], ...] = (
    (jobs, "fit_population", TRAINING),
    (local, "evaluate", PREPARING),
    (search, "design", ASKING),
    (search.Proposer, "propose", ASKING),
    (StudyStore, "claim", "storage: claiming batches"),
    (StudyStore, "put_points", "storage: writing points"),
    (StudyStore, "commit", "storage: writing results"),
    (StudyStore, "known", "storage: reading what is known"),
    (StudyStore, "progress", "storage: counting"),
    (StudyStore, "trials", "storage: reading all at the end"),
)

INTRODUCTION = """\
# Overhead of a search

{facts}

Written by `python -m benchmarks.overhead`: {trials:,} trials of {folds} folds × {seeds} seeds in one process
on {storage}, {rows:,} rows, {epochs} epochs each. Milliseconds per trial; training is inside the engine,
everything else is overhead, of which {limit:g} ms a trial are allowed. The load average was {before} at the
start.
"""


class Stopwatch:
    """Seconds by part; time inside a part that is inside another one counts for the inner one alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """The function, with its time told."""

        def measured(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            self._inside.append(0.0)
            try:
                return function(*arguments, **named)
            finally:
                taken = time.perf_counter() - began
                self.seconds[part] += taken - self._inside.pop()
                if self._inside:
                    self._inside[-1] += taken

        return measured

    @contextmanager
    def watching(self) -> Iterator[None]:
        """All parts are measured as long as it lasts."""
        with ExitStack() as stack:
            for owner, name, part in PARTS:
                stack.enter_context(mock.patch.object(owner, name, self.timed(getattr(owner, name), part)))
            yield


def small_table(rows: int) -> Table:
    """Ten numbers, of which two matter; one row in ten is positive."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 10))
    logit = x[:, 0] - x[:, 1] - 2.5
    target = random.random(rows) < 1 / (1 + np.exp(-logit))
    return steelyard.table_from(pl.DataFrame({f"x{n}": x[:, n] for n in range(10)}), target)


def measure(sampler: str, arguments: argparse.Namespace, storage: str) -> dict[str, float]:
    """Milliseconds per trial by part."""
    table = small_table(arguments.rows)
    recipe = apply(Recipe(), Change("training.epochs", arguments.epochs))
    watch = Stopwatch()
    began = time.perf_counter()
    with watch.watching():
        steelyard.tune(
            table,
            SPACE,
            recipe=recipe,
            sampler=sampler,
            trials=arguments.trials,
            folds=arguments.folds,
            seeds=arguments.seeds,
            storage=storage,
            study=f"{sampler} {time.time_ns()}",
            refit=False,
        )
    wall = time.perf_counter() - began
    parts = {part: watch.seconds[part] for part in dict.fromkeys(part for _, _, part in PARTS)}
    parts["everything else"] = wall - sum(parts.values())
    return {part: 1000 * seconds / arguments.trials for part, seconds in parts.items()}


def as_table(found: dict[str, dict[str, float]]) -> str:
    """One column per sampler."""
    lines = [f"| ms per trial | {' | '.join(found)} |", f"|---|{'--:|' * len(found)}"]
    for part in next(iter(found.values())):
        lines.append(f"| {part} | {' | '.join(f'{parts[part]:.2f}' for parts in found.values())} |")
    overhead = [sum(parts.values()) - parts[TRAINING] for parts in found.values()]
    lines.append(f"| **overhead** | {' | '.join(f'**{value:.2f}**' for value in overhead)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--sampler", choices=SAMPLERS, action="append", help="then nothing is written")
    parser.add_argument("--storage", help="URL of a PostgreSQL; a new file of SQLite by default")
    arguments = parser.parse_args()
    before = machine.load()
    with tempfile.TemporaryDirectory() as folder:
        storage = arguments.storage or str(Path(folder) / "studies.db")
        found = {name: measure(name, arguments, storage) for name in arguments.sampler or SAMPLERS}
    text = INTRODUCTION.format(
        facts="\n".join(f"- {fact}" for fact in machine.describe()),
        trials=arguments.trials,
        folds=arguments.folds,
        seeds=arguments.seeds,
        rows=arguments.rows,
        epochs=arguments.epochs,
        storage="PostgreSQL" if arguments.storage else "SQLite",
        limit=LIMIT,
        before=before,
    )
    text += "\n" + as_table(found) + "\n"
    print(text)
    if arguments.sampler is None and arguments.storage is None:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
