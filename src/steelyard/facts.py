"""A training result as one plain document: what ``metrics.json`` holds and ``--json`` prints.

The summary in the terminal, the file in the run folder and the output for programs all draw on this
document, so they cannot disagree. It is JSON as the standard has it: NaN and infinity become null.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from steelyard.data import Column, Schema
from steelyard.run import Run
from steelyard.training import PartScores, TrainingResult

FORMAT = 1
"""Raised when a reader of an older document would misunderstand a newer one."""


def facts(result: TrainingResult, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """The result in numbers, texts, lists and dictionaries only.

    ``scores``, ``networks[i].scores`` and each of ``baselines`` are keyed by part (``validation``,
    ``test``), then by the fields of :class:`~steelyard.metrics.Scores`. ``best_epoch`` is the middle
    one of the networks' best epochs (of an even number the earlier), ``epochs`` the number of epochs
    the longest of them trained. ``advice`` holds ``path=value`` texts as ``--set`` takes them.
    """
    best_epochs = sorted(run.best_epoch for run in result.runs)
    return {
        "format": FORMAT,
        "status": result.status.value,
        "reason": result.reason,
        "advice": [str(change) for change in result.advice],
        "seed": result.seed,
        "data": {
            "source": result.source,
            "fingerprint": result.fingerprint,
            "rows": result.rows,
            "positives": result.positives,
            "base_rate": _number(result.positives / result.rows) if result.rows else None,
            **_schema(result.schema),
        },
        "split": {
            "method": result.split.method,
            "rows": {
                "train": len(result.split.train),
                "validation": len(result.split.validation),
                "test": len(result.split.test),
            },
        },
        "inputs": result.model.encoding.inputs,
        "best_epoch": best_epochs[(len(best_epochs) - 1) // 2],
        "epochs": max(len(run.history) for run in result.runs),
        "networks": [
            _network(run, scores) for run, scores in zip(result.runs, result.network_scores, strict=True)
        ],
        "scores": _scores(result.scores),
        "baselines": {name: _scores(scores) for name, scores in result.baselines.items()},
        "notes": list(result.notes),
        "warnings": list(warnings),
        "seconds": _number(result.seconds),
    }


def _schema(schema: Schema) -> dict[str, Any]:
    return {
        "target": asdict(schema.target),
        "time": schema.time,
        "group": schema.group,
        "columns": [_column(column) for column in schema.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": column.kind.value,
        "reason": column.reason,
        "levels": len(column.levels),
        "missing": column.missing,
    }


def _network(run: Run, scores: PartScores) -> dict[str, Any]:
    return {
        "seed": run.seed,
        "status": run.status.value,
        "reason": run.reason,
        "best_epoch": run.best_epoch,
        "epochs": len(run.history),
        "scores": _scores(scores),
    }


def _scores(scores: PartScores) -> dict[str, dict[str, Any]]:
    return {part: {name: _number(value) for name, value in asdict(s).items()} for part, s in scores.items()}


def _number(value: Any) -> Any:
    """Python's own number for numpy's; None for what JSON cannot say."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
