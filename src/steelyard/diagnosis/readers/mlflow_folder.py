"""MLflow's file store: ``mlruns/EXPERIMENT/RUN/`` with a file per metric, param and tag.

A line of a metric is ``timestamp value step``; the step was missing in the first versions. A key with ``/``
is a file in a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from steelyard.diagnosis.readers.mlflow_run import MlflowRun
from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.scalars import Scalars
from steelyard.errors import DataError

_MOST_FILES = 2_000
_DEEPEST = 4
_LONGEST_LINE = 1_000
_LONGEST_PARAM = 8_192
_MOST = 2**53


def is_run(path: Path) -> bool:
    """Whether a folder is that of one run."""
    return (path / "meta.yaml").is_file() and (path / "metrics").is_dir()


def run_of(path: Path) -> MlflowRun:
    """What the folder of a run holds. Lines of a metric that are not sound are an error: nothing else writes
    there."""
    metrics = Scalars()
    for name, file in _files(path / "metrics"):
        _read_metric(file, name, metrics)
    settings = {
        folder: {
            name: _beginning(file).decode("utf-8", "replace").strip() for name, file in _files(path / folder)
        }
        for folder in ("params", "tags")
    }
    name = settings["tags"].get("mlflow.runName", path.name)
    return MlflowRun(f"{path}, run {shown(name)}", metrics, settings["params"], settings["tags"])


def _read_metric(path: Path, name: str, metrics: Scalars) -> None:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            cells = line.split()
            try:
                at, value = int(cells[0]), float(cells[1])
                step = int(cells[2]) if len(cells) > 2 else 0
            except (ValueError, IndexError):
                raise DataError(
                    f"{path}, line {number}: found {line[:60]!r}, where MLflow writes 'timestamp value step'"
                ) from None
            if abs(at) < _MOST and abs(step) < _MOST:
                metrics.add(name, step, value, at)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LONGEST_PARAM)


def _files(folder: Path, prefix: str = "", depth: int = _DEEPEST) -> Iterator[tuple[str, Path]]:
    """The files of a folder by their keys, those in folders below included; links are not followed."""
    if not folder.is_dir() or folder.is_symlink():
        return
    with os.scandir(folder) as found:
        entries = [entry for _, entry in zip(range(_MOST_FILES), found, strict=False)]
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            if depth:
                yield from _files(Path(entry.path), f"{prefix}{entry.name}/", depth - 1)
        elif entry.is_file(follow_symlinks=False):
            yield prefix + entry.name, Path(entry.path)
