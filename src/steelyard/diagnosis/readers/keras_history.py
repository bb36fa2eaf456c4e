"""``History.history`` of Keras as JSON: a dict of lists, a pandas table, or the whole History as a dict.

A curve that was not measured in every epoch (``validation_freq``) is a shorter list, and nothing says which
epochs its values belong to: :func:`~steelyard.diagnosis.readers.assembling.history_of_uneven` notes what it
assumes. A dict of the same form with a ``train_loss`` comes from a loop of somebody's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers import jsonfile, quantities
from steelyard.diagnosis.readers.assembling import Column, column_of, history_of, history_of_uneven
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.diagnosis.readers.keras_names import framework_of
from steelyard.diagnosis.readers.names import known_metric, shown, split_and_metric
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_CURVE = re.compile(rb'"([\w/ .:-]{1,80})"\s{0,20}:\s{0,20}[\[{]')
_RECORD = re.compile(rb'\A\s{0,20}\[\s{0,20}\{\s{0,20}"([\w/ .:-]{1,80})"\s{0,20}:\s{0,20}[-\d."N]')
_RECORDED_EPOCHS = ("epoch", "epochs")
_ABSENT = object()


def sniff(head: bytes, path: Path) -> bool:
    """JSON in which a list or object is named like a curve, or a list of objects that start with one."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"{":
        names = {found.decode() for found in _CURVE.findall(head)}
        losses = {"loss", "train_loss", "val_loss"} & names
        return bool(losses) or any(name.startswith("val_") and known_metric(name) for name in names)
    if start == b"[" and (found := _RECORD.match(head)) is not None:
        return known_metric(found[1].decode()) or found[1].decode() in _RECORDED_EPOCHS
    return False


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file."""
    return (log_of(jsonfile.load(path), str(path)),)


def log_of(content: Any, source: str) -> Log:
    """The log that a history is, as Python has it after it was loaded.

    :class:`~steelyard.errors.DataError` if it is none.
    """
    outer: Mapping[str, Any] = content if isinstance(content, dict) else {}
    inner = outer.get("history", content)
    if isinstance(inner, list):
        inner = _by_name(inner)
    if not isinstance(inner, dict):
        raise DataError(
            f"{source} holds a {type(content).__name__} that is no history",
            help='a history is {"loss": [0.5, 0.4], "val_loss": [0.6, 0.5]}',
        )
    recorded = [inner.pop(name) for name in _RECORDED_EPOCHS if name in inner]
    curves, notes = _curves(inner)
    if not any(len(curve.values) for curve in curves.values()):
        raise DataError(
            f"{source} holds no curve: no list of numbers", help="json.dump(history.history, file)"
        )
    facts = _facts(outer.get("params"), curves)
    manner = quantities.unknown if facts.framework is None else quantities.keras
    lengths = {len(curve.values) for curve in curves.values()}
    if recorded:
        epochs = _epochs(recorded[0], max(lengths))
    else:
        epochs = _epochs(outer.get("epoch"), max(lengths), from_zero=True)
    if epochs is not None and len(lengths) == 1:
        history, more = history_of(epochs, curves, manner, facts)
    else:
        history, more = history_of_uneven(curves, manner, facts)
    form = "history" if facts.framework is None else "keras history"
    return learning_rate_of(Log(source, form, history, facts, notes=(*notes, *more)))


def _by_name(records: Sequence[Any]) -> dict[str, list[Any]]:
    """A list of one object per epoch, as lists by name. {} if most objects lack most names."""
    objects = [one for one in records if isinstance(one, dict)]
    names = dict.fromkeys(name for one in objects for name in one)
    if len(names) * len(objects) > 100 + 4 * sum(len(one) for one in objects):
        return {}
    return {name: [one.get(name, _ABSENT) for one in objects] for name in names}


def _curves(content: dict[Any, Any]) -> tuple[dict[str, Column], list[str]]:
    """The curves in a dict, which is emptied so that no number is held twice."""
    curves: dict[str, Column] = {}
    notes: list[str] = []
    for key in list(content):
        name, value = str(key), content.pop(key)
        if isinstance(value, dict):
            value = list(value.values())
        if not isinstance(value, list | tuple | np.ndarray):
            continue
        lost = math.nan if split_and_metric(name)[0] == "train" else None
        numbers = [_number(one, lost) for one in value]
        if any(one is _ABSENT and was is not _ABSENT for one, was in zip(numbers, value, strict=True)):
            notes.append(f"{shown(name)} is left out: it is no list of numbers")
        else:
            curves[name] = column_of([None if one is _ABSENT else one for one in numbers])
    return curves, notes


def _number(value: Any, lost: float | None) -> Any:
    """A number; ``lost`` for null, by which pandas and JavaScript write NaN (values on training rows are
    taken in every epoch, so there it was one); ``_ABSENT`` for anything else."""
    if value is None:
        return lost
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    number = jsonfile.number(value)
    return _ABSENT if number is None else number


def _epochs(given: Any, length: int, from_zero: bool = False) -> NDArray[np.int64] | None:
    """Epochs from 1 where the log names one for each value, in ascending order. ``from_zero``: they are
    counted from 0 even if the first is another, as ``History.epoch`` of Keras is with ``initial_epoch``."""
    if isinstance(given, dict):
        given = list(given.values())
    if not isinstance(given, list) or len(given) != length or not length:
        return None
    if not all(isinstance(one, int | float) and abs(one) < 2**53 for one in given):
        return None
    epochs = np.array([int(one) for one in given], np.int64)
    epochs = epochs + (1 if from_zero or epochs.min() == 0 else 0)
    return epochs if epochs.min() > 0 and bool((np.diff(epochs) > 0).all()) else None


def _facts(params: Any, curves: Mapping[str, Any]) -> Facts:
    origins: dict[str, str] = {}
    framework: str | None = None
    if "train_loss" not in curves:  # Keras calls it ``loss``; a loop of one's own may call it anything
        framework, origins["framework"] = framework_of(curves)
    known: dict[str, int] = {}
    # ``samples`` and ``batch_size`` were in it before Keras 2.3.
    for fact, key in (("planned_epochs", "epochs"), ("batch_size", "batch_size"), ("rows_train", "samples")):
        value = params.get(key) if isinstance(params, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53:
            known[fact] = value
            origins[fact] = f"History.params[{key!r}]"
    return Facts(
        framework=framework,
        planned_epochs=known.get("planned_epochs"),
        batch_size=known.get("batch_size"),
        rows_train=known.get("rows_train"),
        origins=origins,
    )
