"""Weights & Biases, offline: ``run-ID.wandb``, which the library itself does not read back.

Records are protocol buffers: ``Record{2 history, 5 config, 17 run}``, ``HistoryRecord{1 item}``,
``Item{1 key, 2 nested_key*, 16 value_json}``, ``RunRecord{4 config, 8 display_name}``,
``ConfigRecord{1 update}``. Source: ``wandb/proto/wandb_internal.proto``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.by_step import epochs_of_steps, one_per_epoch
from steelyard.diagnosis.readers.clocks import epochs_of_clock
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.diagnosis.readers.hyperparameters import facts_of
from steelyard.diagnosis.readers.leveldb_log import records
from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.protobuf import Malformed, fields
from steelyard.diagnosis.readers.scalars import most_names
from steelyard.diagnosis.readers.tfrecord import Torn
from steelyard.errors import DataError
from steelyard.log import Log

_SIGNATURE = b":W&B\xe1\xbe\x00"
_CLOCKS = ("epoch", "epoch/epoch", "train/epoch", "trainer/epoch")
_LONGEST_NAME, _LONGEST_SETTING = 200, 4096
_MOST_SETTINGS = 500


class _Curve:
    """A curve as it is read: its values, and for each the number of the record."""

    def __init__(self) -> None:
        self.rows, self.values = array("q"), array("d")

    def add(self, row: int, value: float) -> None:
        self.rows.append(row)
        self.values.append(value)


class _Run:
    """What the file holds."""

    def __init__(self, most: int) -> None:
        self.most = most
        """Curves that there may be."""
        self.curves: dict[str, _Curve] = {}
        self.steps = array("q")
        self.config: dict[str, str] = {}
        self.name = ""
        self.notes: list[str] = []


def sniff(head: bytes, path: Path) -> bool:
    """The signature of its file."""
    return head.startswith(_SIGNATURE)


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file."""
    run = _run_of(path)
    points, notes = _by_epoch(run)
    facts = facts_of(run.config, "config of W&B")
    of_keras = any(name.startswith(("epoch/val_", "epoch/epoch")) for name in run.curves)
    history, more = history_of_points(points, quantities.keras if of_keras else quantities.unknown, facts)
    if history is None:
        raise DataError(
            f"{path} holds {len(run.steps)} records of history and no curve",
            help="it may have been copied before the run had written anything",
        )
    source = f"{path}, run {shown(run.name)}" if run.name else str(path)
    log = Log(source, "wandb", history, facts, notes=(*run.notes, *notes, *more))
    return (learning_rate_of(log),)


def _run_of(path: Path) -> _Run:
    run = _Run(most_names(path.stat().st_size))
    damaged = 0
    for record in records(path, len(_SIGNATURE)):
        if isinstance(record, Torn):
            run.notes.append(f"read up to byte {record.at:,}: {record.why} (normal while a run goes on)")
            break
        try:
            for field, content in fields(memoryview(record)):
                if isinstance(content, memoryview):
                    _take(path, run, field, content)
        except Malformed:
            damaged += 1
    if damaged:
        run.notes.append(f"{damaged} records are no records of W&B and are left out")
    return run


def _take(path: Path, run: _Run, field: int, content: memoryview) -> None:
    if field == 2:
        row = len(run.steps)
        run.steps.append(row)  # at once: a record that is damaged further on may have given values
        for name, value in _items(content, 1):
            number = _number(value)
            if number is None:
                continue
            if name == "_step":
                run.steps[row] = int(number) if abs(number) < 2**53 else row
            elif not name.startswith("_"):
                if name not in run.curves and len(run.curves) >= run.most:
                    raise DataError(f"{path} holds more than {run.most:,} curves, most of them of one value")
                run.curves.setdefault(name, _Curve()).add(row, number)
    elif field == 5:
        _configure(run, content)
    elif field == 17:
        for inner, part in fields(content):
            if inner == 4 and isinstance(part, memoryview):
                _configure(run, part)
            elif inner == 8 and isinstance(part, memoryview):
                run.name = str(part[:_LONGEST_NAME], "utf-8", "replace")


def _configure(run: _Run, content: memoryview) -> None:
    for name, value in _items(content, 1):
        if len(run.config) < _MOST_SETTINGS and len(value) <= _LONGEST_SETTING:
            run.config[name] = str(value, "utf-8", "replace").strip('"')


def _items(message: memoryview, wanted: int) -> Iterator[tuple[str, memoryview]]:
    """Keys and JSON values of the items in a message; the parts of a nested key are joined by dots."""
    for field, item in fields(message):
        if field != wanted or not isinstance(item, memoryview):
            continue
        keys: list[str] = []
        value: memoryview | None = None
        for inner, part in fields(item):
            if not isinstance(part, memoryview):
                continue
            if inner in (1, 2) and len(part) <= _LONGEST_NAME and len(keys) < 8:
                keys.append(str(part, "utf-8", "replace"))
            elif inner == 16:
                value = part
        if keys and value is not None:
            yield ".".join(one for one in keys if one), value


def _number(value: memoryview) -> float | None:
    """A JSON number; W&B writes ``"NaN"`` and ``"Infinity"`` in quotes."""
    if len(value) > 40:
        return None
    try:
        return float(bytes(value).strip(b'"'))
    except ValueError:
        return None


def _by_epoch(run: _Run) -> tuple[dict[str, Points], list[str]]:
    clock_name = next((name for name in _CLOCKS if name in run.curves), None)
    clock = run.curves[clock_name] if clock_name is not None else None
    batches = [name for name in run.curves if name.startswith("batch/")]
    chosen = {name: one for name, one in run.curves.items() if name not in _CLOCKS and name not in batches}
    notes = [f"{len(batches)} curves by batch are left out"] if batches else []
    if not chosen:
        return {}, notes
    rows = {name: np.array(one.rows) for name, one in chosen.items()}
    if clock is not None:
        when, more = _by_clock(np.array(clock.rows), np.array(clock.values), rows)
    else:
        steps = np.array(run.steps)
        when, note = epochs_of_steps({name: steps[one] for name, one in rows.items()})
        more = [note] if note else []
    notes += more
    points: dict[str, Points] = {}
    for name, one in chosen.items():
        known = when[name] > 0
        curve = Points(when[name][known], np.array(one.values)[known])
        points[name.removeprefix("epoch/")], note = one_per_epoch(name, curve)
        notes += [note] if note else []
    return points, notes


def _by_clock(
    at: np.ndarray, readings: np.ndarray, rows: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The epochs of the records in ``rows``, 0 where there is none.

    A record belongs to the epoch it names. Where a curve is never logged together with an epoch, the last one
    named before counts; a record without, of a curve whose others have one, belongs to none (a final
    evaluation).
    """
    epochs = epochs_of_clock(readings)
    when: dict[str, np.ndarray] = {}
    notes: list[str] = []
    for name, own in rows.items():
        before = np.clip(np.searchsorted(at, own, side="right") - 1, 0, None)
        together = at[before] == own
        when[name] = np.where(together, epochs[before], 0) if together.any() else epochs[before]
        outside = int((~together).sum()) if together.any() else 0
        if outside:
            notes.append(f"{outside} values of {shown(name)} are left out: their records name no epoch")
    return when, notes
