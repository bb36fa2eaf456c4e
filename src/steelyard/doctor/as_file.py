"""What a training left in memory, as the file it would be, which is then read as any file of that format."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import read
from steelyard.diagnosis.readers.registry import head_of, reader_of
from steelyard.diagnosis.wording import listed
from steelyard.errors import DataError
from steelyard.log import Log

CURVES = (
    'a curve is a list or column with a number for each epoch: {"loss": [...], "val_loss": [...]}; if yours '
    'has another name, say which it is: columns={"val_loss": "error on holdout"}'
)
SEARCHES = (
    "searches are read of Steelyard, Optuna, KerasTuner and Talos; of scikit-learn give the curves of single "
    "fits, or what its winner predicts"
)
_NUMBERED = ("epoch", "epochs", "step", "round", "round_epochs")
"""Columns by which the rows of a frame are known without its index."""


@dataclass(frozen=True)
class AsFile:
    """What an object would be as a file, and what to call it."""

    name: str
    text: str
    shown: str
    entries: tuple[str, ...] | None = None
    """Of a dict or a frame, whose entries may be curves."""


def file_of(history: Any, columns: Mapping[str, str] | None) -> AsFile | None:
    """What ``history`` would be as a file; None if it is nothing that is known here.

    ``columns`` are those of :func:`~steelyard.diagnosis.readers.reading.read`.
    """
    if isinstance(history, Mapping) and columns is not None:
        return AsFile("frame.csv", _table(history, columns), "the dict")
    if isinstance(history, str):
        return AsFile("pasted.txt", history, "the text")
    if _is_frame(history):
        kind = f"{type(history).__module__.partition('.')[0]} frame"
        return AsFile("frame.csv", _csv(history), kind, tuple(map(str, history.columns)))
    if isinstance(history, Mapping):
        return AsFile("history.json", _json(history, "the dict"), "dict", tuple(map(str, history)))
    if isinstance(history, Sequence) and history and all(isinstance(one, Mapping) for one in history):
        records = any(not isinstance(value, list | tuple) for one in history for value in one.values())
        return AsFile("history.json", _json(history, "the list"), "list") if records else None
    content = _left_behind(history)
    if content is None:
        return None
    name = type(history).__name__
    return AsFile("history.json", _json(content, name), _named(history))


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


def logs_in(file: AsFile, columns: Mapping[str, str] | None) -> tuple[Log, ...]:
    """Reads the file that an object would be, and calls it by the object's name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_text(file.text, encoding="utf-8", errors="replace")
        if columns is None and file.entries is not None:
            _refuse_without_curves(file, file.entries, path)
        try:
            logs = read(path, columns=columns)
        except DataError as error:
            problems = (one.replace(str(path), file.shown) for one in error.problems)
            raise DataError(*problems, help=error.help if file.entries is None else CURVES) from None
    return tuple(
        replace(
            log,
            source=log.source.replace(str(path), file.shown),
            notes=tuple(note.replace(str(path), file.shown) for note in log.notes),
        )
        for log in logs
    )


def _refuse_without_curves(file: AsFile, entries: Sequence[str], path: Path) -> None:
    """A dict or a frame in which no reader sees a log; it would be read as a post, in which there is none."""
    reader = reader_of(path, head_of(path))
    if reader is not None and reader.name != "post":
        return
    if any(name.startswith("mean_test_") for name in entries):
        raise DataError(f"{file.shown} is the table of a search of scikit-learn", help=SEARCHES)
    found = f"found {listed([repr(name) for name in entries])}" if entries else "it is empty"
    raise DataError(
        f"{file.shown} holds no curve: no list of numbers under a name that is known; {found}", help=CURVES
    )
