"""A training result as one plain document: what ``metrics.json`` holds and ``--json`` prints.

The summary in the terminal, the file in the run folder and the output for programs all draw on this
document, so they cannot disagree. It is JSON as the standard has it: NaN and infinity become null.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.special import expit, logit

from steelyard.calibration import CalibrationChoice, calibrator_to_dict
from steelyard.data import Column, Schema
from steelyard.data.calibrator import Temperature
from steelyard.log import Facts
from steelyard.metrics import STANDARD, Confusion, Estimate, evaluate
from steelyard.metrics import confusion as counted
from steelyard.readout import AS_TRAINED, chosen_by_rows, rows_that_chose
from steelyard.run import Readout, Run
from steelyard.thresholds import FBeta, LeastCost, Objective, ThresholdChoice, parse_objective
from steelyard.thresholds.choosing import measured
from steelyard.training import ChosenOn, PartScores, TrainingResult

FORMAT = 1
"""Raised when a reader of an older document would misunderstand a newer one."""

_SLOW = ("calibration_slope", "calibration_intercept")
"""Metrics that need a regression on every resample."""
_QUICK = tuple(name for name in STANDARD if name not in _SLOW)
_FEWER_RESAMPLES = 200
"""For the slow ones: the ends of an interval are then known to a fifth of its width."""


def facts(
    result: TrainingResult, warnings: Sequence[str] = (), earlier: Sequence[str] = ()
) -> dict[str, Any]:
    """The result in numbers, texts, lists and dictionaries only.

    ``scores``, ``networks[i].scores`` and each of ``baselines`` are keyed by part (``validation``,
    ``test``), then by the fields of :class:`~steelyard.metrics.Scores`. ``best_epoch`` is the middle
    one of the networks' best epochs (of an even number the earlier), ``epochs`` the number of epochs
    the longest of them trained. ``input_figures`` has minimum, maximum, mean, ... of each number as it enters
    the network, on some training rows. ``advice`` holds ``path=value`` texts as ``--set`` takes them.

    ``evaluation`` has more metrics of the model on the rows that judge it (test rows, or validation rows if
    there are none), by name, each with floor and 95 % interval; Ctrl-C leaves it out. ``decision`` says how
    logits become probabilities and labels, and what the labels are worth: ``decision.confusion`` is keyed by
    part, then by ``at_threshold`` and ``at_half``. ``bookkeeping`` says which rows chose what. ``earlier``
    are the names of the runs that were scored on the same test rows before (:func:`mark_of_test_rows`).
    Row weights, if the table has any, count in all of these.
    """
    best_epochs = sorted(run.best_epoch for run in result.runs)
    notes = list(result.notes)
    try:
        evaluation = _evaluation(result)
    except KeyboardInterrupt:  # the training is not lost for that
        evaluation = None
        notes.append("the intervals of the scores were interrupted and are left out")
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
        "input_figures": _input_figures(result.logs[0].facts),
        "batch_size": result.logs[0].facts.batch_size,
        "best_epoch": best_epochs[(len(best_epochs) - 1) // 2],
        "epochs": max(len(run.history) for run in result.runs),
        "networks": [
            _network(run, scores) for run, scores in zip(result.runs, result.network_scores, strict=True)
        ],
        "scores": _scores(result.scores),
        "baselines": {name: _scores(scores) for name, scores in result.baselines.items()},
        "evaluation": evaluation,
        "decision": _decision(result),
        "bookkeeping": _bookkeeping(result, earlier),
        "notes": notes,
        "warnings": list(warnings),
        "seconds": _number(result.seconds),
    }


def _input_figures(known: Facts) -> list[dict[str, Any]] | None:
    if known.features is None:
        return None
    return [
        {name: _number(one) if isinstance(one, float) else one for name, one in asdict(feature).items()}
        for feature in known.features
    ]


def mark_of_test_rows(result: TrainingResult) -> str:
    """By which test rows are known again, whatever columns were used: 16 digits; empty without test rows.

    It depends on the number of rows and positives of the table, and on which rows test and their labels.
    """
    if not len(result.split.test):
        return ""
    digest = hashlib.sha256(f"{result.rows} {result.positives}".encode())
    digest.update(np.ascontiguousarray(result.split.test, "<i8").tobytes())
    digest.update(result.targets["test"].tobytes())
    return digest.hexdigest()[:16]


def _evaluation(result: TrainingResult) -> dict[str, Any] | None:
    judges = [part for part in ("test", "validation") if part in result.targets]
    if not judges:
        return None
    readout = result.model.readout
    purpose = _purpose(readout)
    asked = [*_QUICK, *([str(purpose)] if isinstance(purpose, LeastCost | FBeta) else [])]
    y, p = result.targets[judges[0]], result.probabilities[judges[0]]
    w = None if result.weights is None else result.weights[judges[0]]
    quick = evaluate(y, p, w, metrics=asked, threshold=readout.threshold)
    slow = evaluate(y, p, w, metrics=_SLOW, resamples=_FEWER_RESAMPLES)
    estimates = {**quick.estimates, **slow.estimates}
    return {
        "part": judges[0],
        "threshold": _number(quick.threshold),
        "mean_probability": _number(quick.mean_probability),
        "metrics": {name: _estimate(found) for name, found in estimates.items()},
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    interval = estimate.interval
    return {
        "value": _number(estimate.value),
        "floor": _number(estimate.floor),
        "low": None if interval is None else _number(interval.low),
        "high": None if interval is None else _number(interval.high),
        "level": None if interval is None else interval.level,
        "method": None if interval is None else interval.method,
        "note": estimate.note,
    }


def _decision(result: TrainingResult) -> dict[str, Any]:
    readout = result.model.readout
    return {
        "offset": _number(readout.offset),
        "base_rate": _number(readout.base_rate),
        "base_rate_of": _whose_base_rate(readout, result.chosen_on),
        "trained_rate": _number(float(expit(logit(result.base_rate) + readout.offset))),
        "calibration": _calibration(result.calibration, result.recipe.decision.calibration),
        "threshold": _threshold(readout, result.threshold, result.recipe.decision.threshold),
        "confusion": {
            part: {
                "at_threshold": _counts(result, part, readout.threshold),
                "at_half": _counts(result, part, 0.5),
            }
            for part in result.targets
        },
    }


def _whose_base_rate(readout: Readout, chosen_on: ChosenOn) -> str | None:
    """The rows whose base rate the probabilities are for; None if it is not known."""
    if math.isnan(readout.base_rate):
        return None
    return "train" if readout.calibrator is None or isinstance(readout.calibrator, Temperature) else chosen_on


def _calibration(choice: CalibrationChoice | None, asked: str) -> dict[str, Any] | None:
    """None if there were no validation rows of both classes."""
    if choice is None:
        return None
    return {
        "asked": asked,
        "calibrator": None if choice.calibrator is None else calibrator_to_dict(choice.calibrator),
        "log_loss_before": _number(choice.log_loss_before),
        "log_loss_after": _number(choice.log_loss_after),
        "rows": choice.rows,
        "positives": choice.positives,
        "folds": choice.folds,
        "reason": choice.reason,
    }


def _threshold(readout: Readout, choice: ThresholdChoice | None, asked: str) -> dict[str, Any]:
    """``chosen`` is null unless rows chose the threshold."""
    return {
        "value": _number(readout.threshold),
        "asked": asked,
        "objective": readout.objective,
        "chosen": None
        if choice is None or not chosen_by_rows(readout)
        else {
            "measure": choice.measure,
            "value": _number(choice.value),
            "reached": choice.reached,
            "note": choice.note,
            "rows": choice.rows,
            "positives": choice.positives,
            "theoretical": _number(choice.theoretical),
        },
    }


def _counts(result: TrainingResult, part: str, threshold: float) -> dict[str, Any]:
    """The confusion matrix and what it amounts to; ``measure`` is that of the threshold's objective."""
    weights = None if result.weights is None else result.weights[part]
    c = counted.confusion(result.targets[part], result.probabilities[part], threshold, weights)
    purpose = _purpose(result.model.readout)
    return {
        "threshold": _number(threshold),
        **{name: int(n) if weights is None else round(float(n), 1) for name, n in asdict(c).items()},
        "precision": _number(float(counted.precision(c))),
        "recall": _number(float(counted.recall(c))),
        "f1": _number(float(counted.f_beta(c))),
        "measure": None if purpose is None else _measure(purpose, c),
    }


def _measure(purpose: Objective, c: Confusion) -> dict[str, Any]:
    name, value = measured(purpose, c)
    return {"name": name, "value": _number(float(value))}


def _purpose(readout: Readout) -> Objective | None:
    """What the threshold is for; None for the threshold that training itself implies."""
    return None if readout.objective == AS_TRAINED else parse_objective(readout.objective)


def _bookkeeping(result: TrainingResult, earlier: Sequence[str]) -> dict[str, Any]:
    """Which rows chose what, by part; null for what no rows chose."""
    mark = mark_of_test_rows(result)
    chose = rows_that_chose(result.recipe, result.model.readout, result.calibration, result.threshold)
    if result.chosen_on == "folds":
        chose = {what: "folds" if part == "validation" else part for what, part in chose.items()}
        chose["epoch"] = "folds"
    return {
        **chose,
        "test": {"mark": mark, "readings": 1 + len(earlier), "earlier": list(earlier)} if mark else None,
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
