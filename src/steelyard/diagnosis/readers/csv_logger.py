"""Keras' ``CSVLogger``, and a history that pandas wrote as CSV: a row per epoch.

Source: ``keras/src/callbacks/csv_logger.py``. The epoch counts from 0; what was not measured in an epoch
(``validation_freq``) is ``NA``, a loss that is no number ``nan``. With ``append=True`` the epoch begins again
in the same file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from steelyard.diagnosis.readers import assembling, quantities, table
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.diagnosis.readers.keras_names import framework_of
from steelyard.diagnosis.readers.names import known_metric, shown, split_and_own_name
from steelyard.diagnosis.readers.rows import epochs_of, row_columns
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_EPOCHS = ("epoch", "epochs", "", "unnamed: 0")
"""What names the epoch, the surest first: ``""`` is the index that pandas writes, and the last is what it
calls that when it reads it."""


def sniff(head: bytes, path: Path) -> bool:
    """Columns of metrics and one of epochs (named ``epoch``, or the index of pandas); or nothing but metrics,
    the loss among them."""
    names = [name.strip() for name in table.header(head)]
    if len(names) < 2 or (len(names) > 1 and head.lstrip()[:1] in (b"{", b"[", b"<")):
        return False
    metrics = [name for name in names if known_metric(name)]
    if names[0].lower() in _EPOCHS:
        return bool(metrics)
    return "loss" in names and len(metrics) == len(names)


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file; epochs that begin again stay where they are."""
    found = table.read(path)
    if found.rows == 0:
        raise DataError(f"{path} has a header and no whole row", help="a row is written after each epoch")
    columns = dict(found.columns)
    found_epochs = sorted((name for name in columns if name.lower() in _EPOCHS), key=_surest)
    notes = list(found.notes)
    epochs = np.arange(1, found.rows + 1, dtype=np.int64)
    named = [columns.pop(name) for name in found_epochs]
    if named:
        epochs, more = epochs_of(named[0], found.rows)
        notes += more
    words = [name for name, one in columns.items() if one.words and len(one.values) <= one.words]
    if words:
        notes.append(f"columns of words are left out: {', '.join(map(shown, words[:10]))}")
    if {"train_loss", "valid_loss"} <= {*columns}:
        columns = {_of_validation(name): one for name, one in columns.items()}
    framework, origin = framework_of(columns)
    facts = Facts(framework=framework, origins={"framework": origin})
    history, more = assembling.history_of(
        epochs, row_columns(path, columns, found.rows), quantities.keras, facts
    )
    if history is None:
        raise DataError(f"no column of {path} holds numbers", help="--column val_loss=NAME names the columns")
    if len(history) > 1 and bool((np.diff(epochs) <= 0).any()):
        restarts = int((np.diff(epochs) <= 0).sum())
        notes.append(f"epochs begin again {restarts} times: the file holds {restarts + 1} trainings")
    return (learning_rate_of(Log(str(path), "csv logger", history, facts, notes=(*notes, *more))),)


def _of_validation(name: str) -> str:
    """fastai names the split of both losses; its metrics are of validation rows, which it does not say."""
    bare = known_metric(name) and split_and_own_name(name)[1] == name and name.lower() not in ("lr", "loss")
    return f"val_{name}" if bare else name


def _surest(name: str) -> int:
    return _EPOCHS.index(name.lower())
