"""Tables of talos 1 and 2 and of :class:`steelyard.keras.scan.Scan`, and talos' ``ExperimentLog``.

A table has a row per round: ``round_epochs``, the metrics of the last epoch, the parameters; there is no
curve. ``ExperimentLog`` writes curves, rounded to four digits: ``id, epoch`` and metrics, no parameters.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

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
_Value: TypeAlias = float | int | str | None
_MOST_RUNS = 1_000
_MOST_VALUES = 10_000
_FACTS = Facts(framework="talos", origins=MappingProxyType({"framework": "the column round_epochs"}))


def sniff(head: bytes, path: Path) -> bool:
    """A table with a column ``round_epochs``, or one that begins with ``id`` and ``epoch``."""
    names = [name.strip() for name in table.header(head)]
    if [name.lower() for name in names[:2]] == ["id", "epoch"]:
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
    if _EPOCHS not in kept:
        raise DataError(f"{path} is no table of talos: it has no column {_EPOCHS}")
    metrics = _metrics(path, names, kept)
    parameters = [name for name in kept if name != _EPOCHS and name not in metrics and not _is_spread(name)]
    numbers = {name: array("d") for name in kept if name not in parameters}
    values: dict[str, list[_Value]] = {name: [] for name in parameters}
    known: dict[str, _Value] = {}
    ragged = 0
    for cells in table.rows(path):
        if not _is_row(cells, names):
            ragged += len(cells) != len(names)
            continue
        for name, column in numbers.items():
            number = table.number(cells[kept[name]])
            column.append(np.nan if number is None else number)
        for name, column_of_values in values.items():
            column_of_values.append(_value(cells[kept[name]], known))
    if not len(numbers[_EPOCHS]):
        raise DataError(
            f"{path} has no whole row below its header", help="talos writes a row after each round"
        )
    if not metrics:
        found = ", ".join(map(shown, [*kept][:10]))
        raise DataError(f"{path} has the column {_EPOCHS} and no metric; found {found}")
    columns = {name: np.frombuffer(column, np.float64) for name, column in numbers.items()}
    trials = TrialTable(
        parameters={shown(name): column for name, column in values.items()},
        metrics={"_".join(split_and_metric(name)): columns[name] for name in metrics},
        spread={
            "_".join(split_and_metric(name)): columns[f"{name}_seeds"]
            for name in metrics
            if f"{name}_seeds" in columns
        },
        epochs=columns[_EPOCHS],
    )
    notes = ["values are those of the last epoch of each round, not of its best; there are no curves"]
    if ragged:
        notes.append(f"{ragged} rows are left out: they do not have the {len(names)} cells of the header")
    return Log(str(path), "talos", facts=_FACTS, trials=trials, notes=tuple(notes))


def _is_row(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether there is a cell for each name, and it is not the header, which may be repeated."""
    if len(cells) != len(names):
        return False
    return cells[0].strip() != names[0] or any(
        cell.strip() != name for cell, name in zip(cells, names, strict=True)
    )


def _metrics(path: Path, names: Sequence[str], kept: Mapping[str, int]) -> list[str]:
    """The columns of numbers that are measured: those known as metrics, and those with a like on validation
    rows. ``lr`` is a parameter here, and so is ``losses`` with the names of loss functions in it."""
    candidates: dict[str, int] = {}
    for name, at in kept.items():
        split, metric = split_and_metric(name)
        paired = f"val_{name}" in kept or (split == "validation" and split_and_own_name(name)[1] in kept)
        if name != _EPOCHS and not _is_spread(name) and metric != "learning_rate":
            candidates |= {name: at} if paired or known_metric(name) else {}
    numeric: set[str] = set()
    for cells in table.rows(path):
        if _is_row(cells, names):
            numeric |= {name for name, at in candidates.items() if table.number(cells[at]) is not None}
        if len(numeric) == len(candidates):
            break
    return [name for name in candidates if name in numeric]


def _is_spread(name: str) -> bool:
    return name.endswith(_SPREADS)


def _value(cell: str, known: dict[str, _Value]) -> _Value:
    """A parameter: a number, a text, or None for nothing; one object for cells that say the same."""
    if cell in known:
        return known[cell]
    number = table.number(cell)
    value: _Value = number
    if number is not None and number.is_integer() and abs(number) < 2**53 and "." not in cell:
        value = int(number)
    elif number is None and not table.missing(cell):
        value = shown(cell.strip())
    if len(known) < _MOST_VALUES:
        known[cell] = value
    return value


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
        measured = np.ones(len(at), np.bool_)
        columns = {
            metric: Column(np.frombuffer(curve, np.float64), measured)
            for metric, curve in zip(metrics, curves, strict=True)
        }
        facts = Facts(
            framework="keras", origins=MappingProxyType({"framework": "the ExperimentLog of talos"})
        )
        history, more = history_of(at, columns, quantities.keras, facts)
        logs.append(Log(f"{path}, round {shown(name)}", "talos", history, facts, notes=(*notes, *more)))
    return tuple(logs)
