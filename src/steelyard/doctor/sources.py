"""Whatever a training run left in Python's hands, as logs.

Records of Steelyard are taken as they are. Everything else has a form as a file (a history as JSON, a frame
as CSV, text as text) and is read as that file would be, so that each format is known in one place.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import read
from steelyard.diagnosis.run import log_of_study, recipe_facts, validation_way
from steelyard.errors import DataError
from steelyard.log import Facts, Log
from steelyard.run import Run
from steelyard.study.plan import Plan

_HELP = (
    "known are paths, what fit of Keras, scikit-learn, skorch, XGBoost or LightGBM leaves behind, dicts of "
    "lists, frames with a row per epoch, pasted text of more than one line, and Steelyard's own results"
)
_NUMBERED = ("epoch", "epochs", "step", "round", "round_epochs")
"""Columns by which the rows of a frame are known without its index."""


@dataclass(frozen=True)
class _File:
    """What an object would be as a file, and what to call it."""

    name: str
    text: str
    shown: str


def logs_of(
    history: Any, *, trust: bool = False, columns: Mapping[str, str] | None = None
) -> tuple[Log, ...]:
    """The logs in one thing, or in each of several.

    ``trust`` and ``columns`` are those of :func:`~steelyard.diagnosis.readers.reading.read`.
    :class:`~steelyard.errors.DataError` says what was found, and what is known.
    """
    if isinstance(history, Log):
        return (history,)
    if isinstance(history, os.PathLike) or (isinstance(history, str) and "\n" not in history):
        return read(_existing(history), trust=trust, columns=columns)
    ours = _ours(history)
    if ours is not None:
        return ours
    file = _file(history, columns)
    if file is not None:
        return _read(file, columns)
    if isinstance(history, Iterable) and not isinstance(history, Mapping | str | bytes):
        found = tuple(log for one in history for log in logs_of(one, trust=trust, columns=columns))
        if found:
            return found
        raise DataError("history: there is nothing in it to diagnose", help=_HELP)
    kind = type(history)
    raise DataError(f"history: {kind.__module__}.{kind.__qualname__} is no training log", help=_HELP)


def _existing(path: str | os.PathLike[str]) -> Path:
    found = Path(path)
    try:
        there = found.exists()
    except OSError:
        there = False  # too long for a name
    if not there:
        raise DataError(f"{str(path)[:200]} does not exist", help=_HELP)
    return found


def _ours(history: Any) -> tuple[Log, ...] | None:
    """Of Steelyard's own results, known by what they offer: a study, a saved run, what ``fit`` returned.

    Their classes are not asked for, because to load them takes longer than to judge a log.
    """
    if isinstance(history, Run):
        return (_of_run(history),)
    if isinstance(getattr(history, "plan", None), Plan):
        search = log_of_study(
            history.plan, history.trials, asked=history.target, source=f"study {history.name!r}"
        )
        return (search, *(() if history.winner is None else history.winner.result.logs))
    if isinstance(getattr(history, "folder", None), Path):
        return read(history.folder)
    for name in ("logs", "logs_"):
        logs = getattr(history, name, None)
        if isinstance(logs, tuple) and logs and all(isinstance(one, Log) for one in logs):
            return logs
    return None


def _of_run(run: Run) -> Log:
    """A run by itself, which knows rows by their number and not by their label."""
    facts = Facts(
        **recipe_facts(run.recipe, run.encoding.inputs),
        rows_train=len(run.split.train) if run.recipe.imbalance.resampling.name == "none" else None,
        rows_validation=len(run.split.validation) or None,
        validation_way=validation_way(run.split.method),
        validation_is_test=False,
        resampling=run.recipe.imbalance.resampling.name,
        resampled_before_split=False,
        seed=run.seed,
    )
    history = run.history if len(run.history) else None
    return Log(f"run with seed {run.seed}", "steelyard", history, facts, run.telemetry)


def _file(history: Any, columns: Mapping[str, str] | None) -> _File | None:
    if isinstance(history, Mapping) and columns is not None:
        return _File("frame.csv", _table(history, columns), "the dict")
    if isinstance(history, str):
        return _File("pasted.txt", history, "the text")
    if _is_frame(history):
        return _File("frame.csv", _csv(history), f"{type(history).__module__.partition('.')[0]} frame")
    if isinstance(history, Mapping):
        return _File("history.json", _json(history, "the dict"), "dict")
    if isinstance(history, Sequence) and history and all(isinstance(one, Mapping) for one in history):
        records = any(not isinstance(value, list | tuple) for one in history for value in one.values())
        return _File("history.json", _json(history, "the list"), "list") if records else None
    content = _left_behind(history)
    if content is None:
        return None
    name = type(history).__name__
    return _File("history.json", _json(content, name), _named(history))


def _left_behind(estimator: Any) -> Any:
    """What ``fit`` of a framework left in an object, as that framework's users write it to JSON."""
    inner = getattr(estimator, "history", None)
    if inner is not None and not isinstance(inner, Mapping | Sequence):
        return _left_behind(inner)  # the model of Keras, which holds its History
    if isinstance(inner, Mapping):
        epochs, params = getattr(estimator, "epoch", None), getattr(estimator, "params", None)
        return {
            "history": dict(inner),
            "epoch": list(epochs) if isinstance(epochs, Sequence) else None,
            "params": dict(params) if isinstance(params, Mapping) else None,
        }
    if inner is not None:
        return list(inner)
    losses = getattr(estimator, "loss_curve_", None)
    if isinstance(losses, list):
        params = estimator.get_params(deep=False) | {"hidden_layer_sizes": _sizes(estimator)}
        return {
            "loss_curve_": losses,
            "validation_scores_": getattr(estimator, "validation_scores_", None),
            "params": params,
        }
    results = getattr(estimator, "evals_result_", None) or getattr(estimator, "evals_result", None)
    results = results() if callable(results) else results
    return results if isinstance(results, Mapping) else None


def _sizes(estimator: Any) -> list[int]:
    sizes = estimator.hidden_layer_sizes
    return [sizes] if isinstance(sizes, int) else list(sizes)


def _named(history: Any) -> str:
    model = getattr(history, "model", None)
    name = getattr(model, "name", None)
    kind = type(history).__name__
    return f"{kind} of {name}" if isinstance(name, str) else kind


def _is_frame(history: Any) -> bool:
    return hasattr(history, "columns") and (hasattr(history, "to_csv") or hasattr(history, "write_csv"))


def _csv(frame: Any) -> str:
    """As the frame's own library writes it, with the epochs first: a column, or the numbers of the rows."""
    numbered = [name for name in frame.columns if name in _NUMBERED]
    frame = frame[[*numbered, *(name for name in frame.columns if name not in _NUMBERED)]]
    if hasattr(frame, "write_csv"):
        return str((frame if numbered else frame.with_row_index("epoch")).write_csv())
    return str(frame.to_csv(index=not numbered))


def _table(lists: Mapping[str, Any], columns: Mapping[str, str]) -> str:
    """Those lists of a dict that are named, as columns of a table."""
    chosen = [name for name in columns.values() if name in lists]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(chosen)
    writer.writerows(zip_longest(*(lists[name] for name in chosen), fillvalue=""))
    return text.getvalue()


def _json(content: Any, shown: str) -> str:
    try:
        return json.dumps(content, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"history: {shown} holds what is no number and no list of numbers: {error}") from None


def _plain(value: Any) -> Any:
    """An array, a tensor, or a number of another library, for JSON; anything else by what it is called."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "__float__"):
        number = float(value)
        return number if math.isfinite(number) or number != number else math.copysign(math.inf, number)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _read(file: _File, columns: Mapping[str, str] | None) -> tuple[Log, ...]:
    """Reads the file that an object would be, and calls it by the object's name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_text(file.text, encoding="utf-8", errors="replace")
        try:
            logs = read(path, columns=columns)
        except DataError as error:
            problems = (one.replace(str(path), file.shown) for one in error.problems)
            raise DataError(*problems, help=error.help) from None
    return tuple(
        replace(
            log,
            source=log.source.replace(str(path), file.shown),
            notes=tuple(note.replace(str(path), file.shown) for note in log.notes),
        )
        for log in logs
    )
