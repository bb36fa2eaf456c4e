"""MLflow's database: metrics with all their steps, params and tags of every run.

Source: ``mlflow/store/tracking/dbmodels/models.py``. ``latest_metrics`` holds the last values only.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers.mlflow_run import MlflowRun
from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.scalars import Scalars, most_names
from steelyard.diagnosis.readers.sqlite_file import Database, has_tables, opened, real, text, unseen, whole
from steelyard.errors import DataError

MOST_RUNS = 200
"""The newest are read; the others are noted."""
_MOST_SETTINGS = 1_000
_TABLES = frozenset({"runs", "metrics", "params"})
_INFINITE = 1.7976931348623157e308
"""What MLflow stores for infinity: the largest float."""


def is_store(head: bytes, path: Path) -> bool:
    """A database with MLflow's tables."""
    return has_tables(head, path, _TABLES)


def runs_of(path: Path) -> tuple[list[MlflowRun], tuple[str, ...]]:
    """The newest runs that were not deleted, the newest first, and notes."""
    most = most_names(path.stat().st_size)
    with opened(path) as database:
        runs, notes = _runs(path, database)
        curves = 0
        for key, value, at, run, step, is_nan in database.rows(
            "metrics", "key", "value", "timestamp", "run_uuid", "step", "is_nan"
        ):
            found = runs.get(run) if isinstance(run, str) else None
            name, number = text(key, 1000), _value(value, is_nan)
            if found is None or name is None or number is None:
                continue
            if name not in found.metrics:
                curves += 1
                if curves > most:
                    raise DataError(f"{path} has more than {most:,} curves, most of them of one value")
            found.metrics.add(name, whole(step) or 0, number, whole(at) or 0)
        for table in ("params", "tags"):
            for key, value, run in database.rows(table, "key", "value", "run_uuid"):
                found = runs.get(run) if isinstance(run, str) else None
                name, content = text(key, 1000), text(value)
                if found is not None and name is not None and content is not None:
                    settings = found.params if table == "params" else found.tags
                    if len(settings) < _MOST_SETTINGS:
                        settings[name] = content
    return list(runs.values()), (*notes, *unseen(path))


def _runs(path: Path, database: Database) -> tuple[dict[str, MlflowRun], tuple[str, ...]]:
    newest: list[tuple[int, str, str]] = []
    deleted = there = 0
    for identity, name, started, stage in database.rows(
        "runs", "run_uuid", "name", "start_time", "lifecycle_stage"
    ):
        if not isinstance(identity, str):
            continue
        if stage == "deleted":
            deleted += 1
            continue
        there += 1
        newest.append((whole(started) or 0, identity, text(name, 500) or identity))
        if len(newest) > 2 * MOST_RUNS:
            newest = sorted(newest, reverse=True)[:MOST_RUNS]
    newest = sorted(newest, reverse=True)[:MOST_RUNS]
    notes = []
    if there > len(newest):
        notes.append(f"{there - len(newest)} older runs are left out; the newest {MOST_RUNS} are read")
    if deleted:
        notes.append(f"{deleted} deleted runs are left out")
    runs = {identity: MlflowRun(f"{path}, run {shown(name)}", Scalars()) for _, identity, name in newest}
    return runs, tuple(notes)


def _value(value: Any, is_nan: Any) -> float | None:
    number = real(value)
    if is_nan == 1:
        return math.nan
    if number is not None and abs(number) >= _INFINITE:
        return math.copysign(math.inf, number)
    return number
