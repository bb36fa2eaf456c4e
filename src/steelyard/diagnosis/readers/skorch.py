"""skorch's ``history.json``: a list of one object per epoch, with the batches of each inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.diagnosis.readers import jsonfile, quantities
from steelyard.diagnosis.readers.assembling import column_of, history_of
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_START = re.compile(rb'\A\s{0,20}\[\s{0,20}\{\s{0,20}"batches"\s{0,20}:\s{0,20}\[')
_NO_CURVES = frozenset({"batches", "epoch", "dur", "train_batch_count", "valid_batch_count"})


def sniff(head: bytes, path: Path) -> bool:
    """A list of objects that begin with their batches."""
    return _START.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file. Its epochs count from 1 and go on where ``partial_fit`` went on."""
    content = jsonfile.load(path)
    if not isinstance(content, list) or not content or not all(isinstance(one, dict) for one in content):
        raise DataError(f"{path} is no history of skorch: it is no list of an object for each epoch")
    records: list[dict[str, Any]] = content
    names = dict.fromkeys(name for one in records for name in one if _is_curve(name))
    if len(names) * len(records) > 1000 + 4 * sum(len(one) for one in records):
        raise DataError(
            f"{path} has {len(names):,} names in {len(records):,} epochs; they are hardly the same twice"
        )
    columns = {_name(name): column_of([jsonfile.number(one.get(name)) for one in records]) for name in names}
    facts = _facts(records)
    history, notes = history_of(_epochs(records), columns, quantities.end_of_epoch, facts)
    if history is None:
        raise DataError(f"{path} holds no number for any epoch")
    return (learning_rate_of(Log(str(path), "skorch", history, facts, notes=notes)),)


def _is_curve(name: str) -> bool:
    return name not in _NO_CURVES and not name.endswith("_best")


def _name(name: str) -> str:
    """``event_lr``, as its scheduler writes it, is the learning rate."""
    return name.removeprefix("event_")


def _epochs(records: Sequence[Mapping[str, Any]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    given = [one.get("epoch") for one in records]
    if all(isinstance(one, int) and abs(one) < 2**53 for one in given):
        return np.array(given, np.int64)
    return np.arange(1, len(records) + 1, dtype=np.int64)


def _facts(records: Sequence[Mapping[str, Any]]) -> Facts:
    """Rows and batches, which the sizes of the first epoch's batches tell."""
    train = list(_sizes(records[0], "train_batch_size"))
    validation = list(_sizes(records[0], "valid_batch_size"))
    origins = {"framework": "the form of the log"}
    for fact, known in (("batch_size", train), ("rows_train", train), ("rows_validation", validation)):
        if known:
            origins[fact] = "the sizes of the batches of the first epoch"
    return Facts(
        framework="skorch",
        batch_size=max(train, default=None),
        rows_train=sum(train) or None,
        rows_validation=sum(validation) or None,
        origins=origins,
    )


def _sizes(record: Mapping[str, Any], name: str) -> Iterator[int]:
    batches = record.get("batches")
    for batch in batches if isinstance(batches, list) else ():
        size = batch.get(name) if isinstance(batch, dict) else None
        if isinstance(size, int) and not isinstance(size, bool) and 0 < size < 2**40:
            yield size
