"""Tables of talos 1 and 2 and of :class:`steelyard.keras.scan.Scan`, and talos' ``ExperimentLog``.

A table has a row per round: ``round_epochs``, the metrics of the last epoch, the parameters; there is no
curve. ``ExperimentLog`` writes curves, rounded to four digits: ``id, epoch`` and metrics, no parameters.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from steelyard.diagnosis.readers import quantities, table
from steelyard.diagnosis.readers.assembling import Column, history_of
from steelyard.diagnosis.readers.names import known_metric, shown, split_and_metric, split_and_own_name
from steelyard.errors import DataError
from steelyard.log import Facts, Log, TrialTable

_EPOCHS = "round_epochs"
_NEITHER = frozenset({"start", "end", "duration", "unnamed: 0", "id", "experiment_id", "state", ""})
"""Columns that are neither metrics nor parameters."""
_SPREADS = ("_folds", "_seeds", "_best")
_MOST_RUNS = 1_000
_MOST_VALUES = 100_000
_FACTS = Facts(framework="talos", origins=MappingProxyType({"framework": "the column round_epochs"}))


def sniff(head: bytes, path: Path) -> bool:
    """A table with a column ``round_epochs``, or one that begins with ``id`` and ``epoch``."""
    names = [name.strip().lower() for name in table.header(head)]
    if names[:2] == ["id", "epoch"]:
        return any(map(known_metric, names[2:]))
    return _EPOCHS in names and len(names) > 1


def read(path: Path) -> tuple[Log, ...]:
    """The table as one log, or a log for each round of an ``ExperimentLog``."""
    names = [name.strip() for name in next(table.rows(path), [])]
    if [name.lower() for name in names[:2]] == ["id", "epoch"]:
        return _rounds(path, names)
    return (_search(path, names),)


def _search(path: Path, names: Sequence[str]) -> Log:
    kept = {name: at for at, name in enumerate(names) if name.lower() not in _NEITHER}
    columns: dict[str, list[str]] = {name: [] for name in kept}
    texts: dict[str, str] = {}
    ragged = 0
    for number, cells in enumerate(table.rows(path)):
        if number == 0 or cells == list(names):
            continue
        if len(cells) != len(names):
            ragged += 1
            continue
        for name, at in kept.items():
            cell = cells[at].strip()
            if len(texts) < _MOST_VALUES:
                cell = texts.setdefault(cell, cell)  # one text for all cells that say the same
            columns[name].append(cell)
    count = len(columns.get(_EPOCHS, ()))
    if not count:
        raise DataError(
            f"{path} has no whole row below its header", help="talos writes a row after each round"
        )
    metrics = _metrics(columns)
    parameters = {
        name: _values(cells)
        for name, cells in columns.items()
        if name != _EPOCHS and name not in metrics and not name.endswith(_SPREADS)
    }
    if not metrics:
        raise DataError(
            f"{path} has the column {_EPOCHS} and no metric; found {', '.join(map(shown, [*kept][:10]))}"
        )
    found = {"_".join(split_and_metric(name)): _numbers(columns[name]) for name in metrics}
    trials = TrialTable(
        parameters={shown(name): values for name, values in parameters.items()},
        metrics=found,
        spread={
            "_".join(split_and_metric(name)): _numbers(columns[f"{name}_seeds"])
            for name in metrics
            if f"{name}_seeds" in columns
        },
        epochs=_numbers(columns[_EPOCHS]),
    )
    notes = ["values are those of the last epoch of each round, not of its best; there are no curves"]
    if ragged:
        notes.append(f"{ragged} rows are left out: they do not have the {len(names)} cells of the header")
    return Log(str(path), "talos", facts=_FACTS, trials=trials, notes=tuple(notes))


def _metrics(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns of numbers that are measured: those known as metrics, and those with a like on validation
    rows. ``lr`` is a parameter here, and so is ``losses`` with the names of loss functions in it."""
    metrics = []
    for name, cells in columns.items():
        split, metric = split_and_metric(name)
        paired = f"val_{name}" in columns or (
            split == "validation" and split_and_own_name(name)[1] in columns
        )
        if name == _EPOCHS or name.endswith(_SPREADS) or metric == "learning_rate":
            continue
        if (paired or known_metric(name)) and any(table.number(cell) is not None for cell in cells):
            metrics.append(name)
    return metrics


def _numbers(cells: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    numbers = map(table.number, cells)
    return np.fromiter((np.nan if one is None else one for one in numbers), np.float64, len(cells))


def _values(cells: Sequence[str]) -> list[float | int | str | None]:
    """Numbers as numbers, if all are; else texts."""
    distinct: dict[str, float | int | str | None] = {}
    for cell in cells:
        if cell not in distinct:
            number = table.number(cell)
            whole = number is not None and number.is_integer() and abs(number) < 2**53 and "." not in cell
            distinct[cell] = int(number) if whole and number is not None else number
    if any(value is None and not table.missing(cell) for cell, value in distinct.items()):
        distinct = {cell: None if not cell else shown(cell) for cell in distinct}
    return [distinct[cell] for cell in cells]


def _rounds(path: Path, names: Sequence[str]) -> tuple[Log, ...]:
    """A log for each ``id``, in order."""
    runs: dict[str, tuple[array[int], list[array[float]]]] = {}
    metrics = names[2:]
    left_out = 0
    for number, cells in enumerate(table.rows(path)):
        epoch = table.number(cells[1]) if number and len(cells) == len(names) else None
        if epoch is None or not epoch.is_integer() or abs(epoch) >= 2**53:
            left_out += number > 0
            continue
        if cells[0] not in runs and len(runs) >= _MOST_RUNS:
            left_out += 1
            continue
        epochs, curves = runs.setdefault(cells[0], (array("q"), [array("d") for _ in metrics]))
        epochs.append(int(epoch))
        for curve, cell in zip(curves, cells[2:], strict=True):
            value = table.number(cell)
            curve.append(np.nan if value is None else value)
    if not runs:
        raise DataError(f"{path} has no whole row below its header")
    notes = ["values are rounded to four digits"]
    if left_out:
        notes.append(f"{left_out} rows are left out: without an epoch, or of more than {_MOST_RUNS} rounds")
    logs = []
    for name, (epochs, curves) in runs.items():
        at = np.array(epochs)
        at = at + 1 if at.min() == 0 else at
        columns = {
            metric: Column(np.array(curve), np.ones(len(at), np.bool_))
            for metric, curve in zip(metrics, curves, strict=True)
        }
        facts = Facts(
            framework="keras", origins=MappingProxyType({"framework": "the ExperimentLog of talos"})
        )
        history, more = history_of(at, columns, quantities.keras, facts)
        logs.append(Log(f"{path}, round {shown(name)}", "talos", history, facts, notes=(*notes, *more)))
    return tuple(logs)
