"""``trainer_state.json`` of Hugging Face's Trainer: ``log_history``, a list of what was logged.

Entries with ``loss`` are means over the steps since the last one, those with ``eval_*`` are evaluations; both
have the share of epochs that is done. The last one, with ``train_runtime``, is a summary: its ``train_loss``
is the mean over the whole training and no point of the curve.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers import jsonfile, quantities
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.by_step import one_per_epoch
from steelyard.diagnosis.readers.clocks import epochs_of_clock
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.diagnosis.readers.hyperparameters import whole
from steelyard.diagnosis.readers.names import split_and_metric
from steelyard.errors import DataError
from steelyard.log import Facts, Log, Stopping

_KEY = re.compile(rb'"(?:log_history|num_train_epochs|best_model_checkpoint|logging_steps|global_step)"')
_NO_CURVES = re.compile(r"epoch|step|total_flos|(?:eval|train|test)_(?:runtime|\w{0,40}_per_second|steps?)\Z")
_SUMMARY = "train_runtime"


def sniff(head: bytes, path: Path) -> bool:
    """An object with several names of the Trainer's state."""
    return head.lstrip()[:1] == b"{" and len(set(_KEY.findall(head))) >= 2


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file."""
    content = jsonfile.load(path)
    entries = content.get("log_history") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise DataError(f'{path} is no state of a Trainer: it has no list "log_history"')
    logged = [one for one in entries if isinstance(one, dict)]
    notes: list[str] = []
    summaries = sum(_SUMMARY in one for one in logged)
    if summaries:
        notes.append(
            "the summary at the end is left out: its train_loss is the mean over all of the training"
        )
        logged = [one for one in logged if _SUMMARY not in one]
    points, more = _by_epoch(logged)
    facts = _facts(content, logged)
    history, last = history_of_points(points, quantities.end_of_epoch, facts)
    if history is None:
        raise DataError(f"{path} holds no value with an epoch in its log_history")
    return (learning_rate_of(Log(str(path), "hugging face", history, facts, notes=(*notes, *more, *last))),)


def _by_epoch(logged: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Points], list[str]]:
    clock = np.array([_or_nan(jsonfile.number(one.get("epoch"))) for one in logged])
    epochs = epochs_of_clock(clock, done=True)
    curves: dict[str, tuple[list[int], list[float]]] = {}
    before = 0
    for entry, epoch in zip(logged, epochs, strict=True):
        if not epoch:
            before += 1
            continue
        for name, value in entry.items():
            number = jsonfile.number(value)
            if number is not None and not _NO_CURVES.fullmatch(name):
                steps, values = curves.setdefault(name, ([], []))
                steps.append(int(epoch))
                values.append(number)
    notes = [f"{before} entries before the first epoch are left out"] if before else []
    points: dict[str, Points] = {}
    for name, (steps, values) in curves.items():
        points[name], note = one_per_epoch(name, Points(np.array(steps, np.int64), np.array(values)))
        notes += [note] if note else []
    return points, notes


def _or_nan(number: float | None) -> float:
    return float("nan") if number is None else number


def _facts(content: Mapping[str, Any], logged: Sequence[Mapping[str, Any]]) -> Facts:
    known: dict[str, Any] = {
        "planned_epochs": whole(content.get("num_train_epochs")),
        "batch_size": whole(content.get("train_batch_size")),
        "stopping": _stopping(content, logged),
    }
    known = {name: value for name, value in known.items() if value is not None}
    origins = dict.fromkeys(known, "trainer_state.json") | {"framework": "the form of the log"}
    return Facts(framework="hugging face", **known, origins=MappingProxyType(origins))


def _stopping(content: Mapping[str, Any], logged: Sequence[Mapping[str, Any]]) -> Stopping | None:
    """What ``EarlyStoppingCallback`` keeps of itself, if it can be told what it watches: the metric whose
    lowest or highest value is ``best_metric``, which the Trainer keeps."""
    callbacks = content.get("stateful_callbacks")
    found = callbacks.get("EarlyStoppingCallback") if isinstance(callbacks, dict) else None
    arguments = found.get("args") if isinstance(found, dict) else None
    patience = whole(arguments.get("early_stopping_patience")) if isinstance(arguments, dict) else None
    best = jsonfile.number(content.get("best_metric"))
    if patience is None or best is None:
        return None
    names = dict.fromkeys(name for one in logged for name in one if name.startswith("eval_"))
    for name in names:
        values = [number for one in logged if (number := jsonfile.number(one.get(name))) is not None]
        if not _NO_CURVES.fullmatch(name) and values and best in (min(values), max(values)):
            mode = "min" if best == min(values) else "max"
            return Stopping("_".join(split_and_metric(name)), patience, mode)
    return None
