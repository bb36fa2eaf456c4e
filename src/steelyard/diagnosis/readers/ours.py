"""The folder of a run of ``steelyard train``: a log for each of its networks.

Predictions (``predictions.parquet``) are not read here, for that takes polars: a door reads them from the
folder that the log names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers import jsonfile, table
from steelyard.diagnosis.readers.names import shown, split_and_own_name
from steelyard.diagnosis.readers.ours_facts import facts_of_folder
from steelyard.diagnosis.readers.ours_signs import HISTORY, MANIFEST, METRICS, is_run
from steelyard.diagnosis.readers.rows import epochs_of, row_columns
from steelyard.diagnosis.run import with_lost_epoch
from steelyard.errors import DataError
from steelyard.history import PLAIN, History, LayerTelemetry, Quantity, Series, Telemetry
from steelyard.log import Facts, Log
from steelyard.run import RunStatus

_TELEMETRY = "telemetry.csv"
_KERAS_COLUMNS = frozenset({"epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss", "seed"})
"""Columns of ``history.csv`` that repeat others in Keras' terms, and those that are no curves."""
_OBJECTIVE = Quantity(weighted=None, penalized=True, dropout=True, epoch_mean=True)
_PENALTY = Quantity(weighted=None, penalized=True, dropout=None, epoch_mean=False)
_LAYER_COLUMNS = ("weight_norm", "gradient_norm", "update_ratio", "dead_share", "saturated_share")
_LOGIT = "logit"
_MOST = 2**53


def read(path: Path) -> tuple[Log, ...]:
    """A log for each network, in the order of their seeds in the file.

    ``history.csv`` alone is read with the folder it lies in, if that is one of a run.
    """
    if path.is_dir():
        return tuple(_networks(path, path / HISTORY))
    folder = path.parent if path.name == HISTORY and is_run(b"", path.parent) else None
    return tuple(_networks(folder, path))


def _networks(folder: Path | None, file: Path) -> Iterator[Log]:
    found = table.read(file)
    if "seed" not in found.columns or found.rows == 0:
        raise DataError(f"{file} has no rows of a network and its seed")
    seeds = _filled(found.columns["seed"], found.rows)
    meanings = {} if folder is None else _meanings(folder)
    wanted = {name: one for name, one in found.columns.items() if name not in _KERAS_COLUMNS}
    epochs, notes = epochs_of(found.columns["epoch"], found.rows) if "epoch" in found.columns else (None, ())
    columns = row_columns(file, wanted, found.rows)
    facts = Facts(framework="steelyard") if folder is None else facts_of_folder(folder)
    telemetry = {} if folder is None else _telemetry(folder / _TELEMETRY)
    diverged = set() if folder is None else _diverged(folder)
    every = np.unique(seeds)
    if len(every) > 1000:
        raise DataError(f"{file} holds {len(every):,} seeds")
    for seed in every:
        rows = np.flatnonzero(seeds == seed)
        series: dict[tuple[str, str], Series] = {}
        for name, column in columns.items():
            if not np.isnan(values := column.values[rows]).all():
                meaning = _split(name, meanings)
                series.setdefault(meaning, Series(*meaning, values, _quantity(name, meanings)))
        own = np.arange(1, len(rows) + 1) if epochs is None else epochs[rows]
        history = History(own, tuple(series.values())) if series else None
        if history is not None and seed in diverged:
            history = with_lost_epoch(history)
        source = str(file.parent if folder is None else folder)
        yield Log(
            source if len(every) == 1 else f"{source}, seed {seed:.0f}",
            "steelyard",
            history,
            replace(facts, seed=int(seed) if 0 <= seed < _MOST else None),
            telemetry.get(float(seed)),
            notes=(*found.notes, *notes),
            folder=folder,
        )


def _filled(column: table.Numbers, rows: int) -> NDArray[np.float64]:
    values = np.full(rows, -1.0)
    values[slice(None) if column.rows is None else column.rows] = column.values
    values[np.isnan(values)] = -1.0
    return values


def _diverged(folder: Path) -> set[float]:
    """The seeds of networks that diverged."""
    content = jsonfile.load(folder / METRICS)
    networks = content.get("networks") if isinstance(content, dict) else None
    found = (one for one in networks if isinstance(one, dict)) if isinstance(networks, list) else ()
    return {
        seed
        for one in found
        if one.get("status") == RunStatus.DIVERGED.value
        and (seed := jsonfile.number(one.get("seed"))) is not None
    }


def _meanings(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What the manifest says of each series."""
    content = jsonfile.load(folder / MANIFEST)
    series = content.get("series") if isinstance(content, dict) else None
    found = series.items() if isinstance(series, dict) else ()
    return {name: one for name, one in found if isinstance(one, dict)}


def _split(name: str, meanings: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    told = meanings.get(name, {})
    split, metric = told.get("split"), told.get("metric")
    if isinstance(split, str) and isinstance(metric, str):
        return split, metric
    return split_and_own_name(name)


def _quantity(name: str, meanings: Mapping[str, Mapping[str, Any]]) -> Quantity:
    told = meanings.get(name)
    if told is None:
        return {"train_objective": _OBJECTIVE, "train_penalty": _PENALTY}.get(name, PLAIN)
    known = (told.get(one) for one in ("weighted", "penalized", "dropout", "epoch_mean"))
    return Quantity(*(one if isinstance(one, bool) else None for one in known))


def _telemetry(path: Path) -> dict[float, Telemetry]:
    """By seed; empty if the file is missing or not as Steelyard writes it."""
    if not path.is_file():
        return {}
    lines = table.rows(path)
    names = next(lines, [])
    if not {"seed", "epoch", "layer", *_LAYER_COLUMNS, "mean", "std"} <= set(names):
        return {}
    at = {name: place for place, name in enumerate(names)}
    found: dict[float, dict[str, list[tuple[float, ...]]]] = {}
    for cells in lines:
        if len(cells) != len(names):
            continue
        seed, epoch = table.number(cells[at["seed"]]), table.number(cells[at["epoch"]])
        if seed is None or epoch is None or not abs(epoch) < _MOST:
            continue
        layer = cells[at["layer"]]
        wanted = ("mean", "std") if layer == _LOGIT else _LAYER_COLUMNS
        numbers = (table.number(cells[at[name]]) for name in wanted)
        row = (epoch + 1.0, *(np.nan if one is None else one for one in numbers))
        found.setdefault(seed, {}).setdefault(layer, []).append(row)
    return {seed: told for seed, layers in found.items() if (told := _of_layers(layers)) is not None}


def _of_layers(layers: dict[str, list[tuple[float, ...]]]) -> Telemetry | None:
    logits = np.array(layers.pop(_LOGIT, []), np.float64).reshape(-1, 3)
    tables = {name: np.array(rows, np.float64) for name, rows in layers.items()}
    whole = {name: one for name, one in tables.items() if np.array_equal(one[:, 0], logits[:, 0])}
    if not len(logits):
        return None
    return Telemetry(
        logits[:, 0].astype(np.int64),
        tuple(LayerTelemetry(shown(name), *one[:, 1:].T) for name, one in whole.items()),
        logits[:, 1],
        logits[:, 2],
    )
