"""Histories and telemetry as CSV, and back.

``history.csv`` begins with the columns of Keras' CSVLogger, so that whatever reads those reads ours.
They have Keras' meaning: ``epoch`` counts from 0, ``loss`` is the loss as optimised, ``val_loss`` the
plain loss plus the penalty. (``accuracy`` is measured at the end of the epoch, which Keras does not
do.) Then come our series under their own names, then the seed. ``telemetry.csv`` has one row per seed,
epoch and layer; the row of layer ``logit`` holds mean and standard deviation of the logits.
Numbers are written with all their digits: what is read back is what was recorded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.history import History, LayerTelemetry, Quantity, Series, Telemetry

KERAS_COLUMNS = ("epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss")
LAYER_COLUMNS = ("weight_norm", "gradient_norm", "update_ratio", "dead_share", "saturated_share")
LOGIT = "logit"

Curve = NDArray[np.float64]
SeriesTable = Mapping[str, Mapping[str, Any]]
"""What each series is, by its name: ``split``, ``metric`` and the fields of :class:`Quantity`."""


def describe_series(histories: Sequence[History]) -> dict[str, dict[str, Any]]:
    """What the columns of ``history.csv`` mean; the CSV itself cannot say it."""
    return {
        series.name: {"split": series.split, "metric": series.metric, **asdict(series.quantity)}
        for history in histories
        for series in history.series
    }


def history_to_csv(histories: Sequence[History], seeds: Sequence[int]) -> str:
    """One row per seed and epoch; a series that one of the histories lacks is NaN there."""
    names = list(describe_series(histories))
    rows = []
    for history, seed in zip(histories, seeds, strict=True):
        columns = [*_keras_columns(history), *(_curve(history, name) for name in names)]
        for position, epoch in enumerate(history.epochs):
            rows.append([int(epoch) - 1, *(float(column[position]) for column in columns), seed])
    return _to_csv([*KERAS_COLUMNS, *names, "seed"], rows)


def history_from_csv(text: str, seeds: Sequence[int], series: SeriesTable) -> list[History]:
    """The histories of the given seeds; ValueError or KeyError if the text is not what was written."""
    rows = _rows_by_seed(text, seeds)
    return [
        History(
            epochs=np.array([int(row["epoch"]) + 1 for row in rows[seed]], np.int64),
            series=tuple(
                Series(
                    split=meaning["split"],
                    metric=meaning["metric"],
                    values=_column(rows[seed], name),
                    quantity=Quantity(**{key: meaning[key] for key in asdict(Quantity())}),
                )
                for name, meaning in series.items()
            ),
        )
        for seed in seeds
    ]


def telemetry_to_csv(telemetries: Sequence[Telemetry], seeds: Sequence[int]) -> str:
    """One row per seed, epoch and layer, and one for the logits."""
    rows: list[list[object]] = []
    for telemetry, seed in zip(telemetries, seeds, strict=True):
        for position, epoch in enumerate(telemetry.epochs):
            key = [seed, int(epoch) - 1]
            for layer in telemetry.layers:
                values = [float(getattr(layer, name)[position]) for name in LAYER_COLUMNS]
                rows.append([*key, layer.layer, *values, "", ""])
            logits = [float(telemetry.logit_mean[position]), float(telemetry.logit_std[position])]
            rows.append([*key, LOGIT, *[""] * len(LAYER_COLUMNS), *logits])
    return _to_csv(["seed", "epoch", "layer", *LAYER_COLUMNS, "mean", "std"], rows)


def telemetry_from_csv(text: str, seeds: Sequence[int]) -> list[Telemetry]:
    """The telemetry of the given seeds; ValueError or KeyError if the text is not what was written."""
    by_seed = _rows_by_seed(text, seeds)
    return [_telemetry(by_seed[seed]) for seed in seeds]


def _telemetry(rows: Sequence[Mapping[str, str]]) -> Telemetry:
    by_layer: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        by_layer.setdefault(row["layer"], []).append(row)
    logits = by_layer.pop(LOGIT, [])
    return Telemetry(
        epochs=np.array([int(row["epoch"]) + 1 for row in logits], np.int64),
        layers=tuple(
            LayerTelemetry(layer, **{name: _column(found, name) for name in LAYER_COLUMNS})
            for layer, found in by_layer.items()
        ),
        logit_mean=_column(logits, "mean"),
        logit_std=_column(logits, "std"),
    )


def _keras_columns(history: History) -> list[Curve]:
    """All of KERAS_COLUMNS but the epoch."""
    penalty = _curve(history, "train_penalty") if "train_penalty" in history else np.zeros(len(history))
    return [
        _curve(history, "train_accuracy"),
        _curve(history, "train_learning_rate"),
        _curve(history, "train_objective"),
        _curve(history, "validation_accuracy"),
        _curve(history, "validation_loss") + penalty,
    ]


def _curve(history: History, name: str) -> Curve:
    return history[name] if name in history else np.full(len(history), np.nan)


def _to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _rows_by_seed(text: str, seeds: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    rows: dict[int, list[dict[str, str]]] = {seed: [] for seed in seeds}
    for row in csv.DictReader(io.StringIO(text), strict=True):
        rows[int(row["seed"])].append(row)
    return rows


def _column(rows: Sequence[Mapping[str, str]], name: str) -> Curve:
    return np.array([float(row[name]) for row in rows], np.float64)
