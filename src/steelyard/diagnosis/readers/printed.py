"""What a training loop of one's own prints, and what other libraries print while they train.

    Epoch [1/20], Train Loss: 0.6512, Val Loss: 0.6120, Val Acc: 91.00%
    epoch 001: | Loss: 0.69312 | Acc: 51.200
    Iteration 1, loss = 0.35401234
    [0]	train-logloss:0.54	eval-logloss:0.55

A line that names an epoch begins it; the numbers of known metrics on it and on the lines up to the next one
are its own. A name without a split has that of the metric before it on the line, or of the line.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers import boosting, console, quantities, sklearn
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.names import known_metric, split_and_metric
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_CHUNK = 2**16
_LONGEST = 1_000
"""Characters of a line that are looked at."""
_MOST_RUNS = 500
_FEWEST = 2
"""Epochs with a metric that a text must have to be taken for a log."""
_NUMBER = r"-?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?|nan|NaN|inf"
_EPOCH = re.compile(
    r"(?:^|(?<=[\s\[(|]))(?:epochs?|iteration|iter|round)\b[\s:#=.\[(]{0,4}(\d{1,7})"
    r"(?:\s{0,2}(?:/|of)\s{0,2}(\d{1,7}))?",
    re.I,
)
_ROUND = re.compile(r"\[(\d{1,7})\](?=\s)")
"""As XGBoost and LightGBM count."""
_AMONG_THE_FIRST = 60
"""Characters of a line within which an epoch is named: a clock may stand before it."""
_PAIR = re.compile(
    rf"(?P<name>[A-Za-z][\w.'/-]{{0,40}}(?: [A-Za-z][\w.'/-]{{0,20}}){{0,3}}?)"
    rf"(?:\s{{0,3}}[:=]\s{{0,3}}|\s{{1,3}})(?P<value>{_NUMBER})(?:\s?/\s?(?P<of>\d{{1,12}}))?(?![\w/])"
)
_SPLIT = re.compile(r"\W{0,4}(train|training|val|valid|validation|test|eval|evaluation|dev)\b", re.I)
_WORDS = re.compile(r"\b(?:average|avg|mean|total|running|epoch|final|overall|set)\b[. ]{0,2}", re.I)
_CODE = re.compile(rb"^\s{0,8}(?:import \w|from \w{1,40}[\w.]{0,80} import |def \w{1,60}\(|print\()", re.M)
_SHARES = frozenset({"accuracy", "precision", "recall", "f1", "roc_auc", "balanced_accuracy", "specificity"})

_Key = tuple[str, str]
"""Split and metric."""


@dataclass
class _Run:
    """One run as it is read: by split and metric, by epoch, what was printed."""

    planned: int | None = None
    last: int = -1
    values: defaultdict[_Key, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(dict))
    rows: dict[str, int] = field(default_factory=dict)
    """Behind the stroke of ``Accuracy: 9839/10000``, by split."""
    framework: str | None = None


def sniff(head: bytes, path: Path) -> bool:
    """At least two epochs with metrics that are known, and no program around them."""
    if b"\0" in head or _CODE.search(head) is not None or console.holds_output(head):
        return False  # what Keras prints is another reader's, or that of a post
    lines = head.decode("utf-8", "replace").splitlines()
    return any(_is_a_log(run) for run in _runs(lines))


def read(path: Path) -> tuple[Log, ...]:
    """A log for each training: one begins where epochs begin again."""
    logs = logs_in(_lines(path), str(path))
    if not logs:
        raise DataError(f"{path} shows no two epochs with a loss or another known metric")
    return logs


def logs_in(lines: Iterable[str], source: str) -> tuple[Log, ...]:
    """The logs in lines of text; () if these show no two epochs with a metric that is known."""
    logs = []
    for number, run in enumerate(_runs(lines), start=1):
        if number > _MOST_RUNS:
            raise DataError(f"{source} holds more than {_MOST_RUNS} trainings", help="give a part of it")
        if _is_a_log(run):
            logs.append(_log_of(f"{source}, training {number}", run))
    return tuple(logs)


def _runs(lines: Iterable[str]) -> Iterator[_Run]:
    run = _Run()
    for line in lines:
        text = line[:_LONGEST]
        mark = _EPOCH.search(text, 0, _AMONG_THE_FIRST)
        boosted = None if mark is not None else _ROUND.match(text)
        found = mark or boosted
        if found is not None:
            epoch = int(found[1])
            if epoch < run.last:
                yield run
                run = _Run()
            run.last = epoch
            run.framework = run.framework or _framework(text, boosted is not None)
            if mark is not None and mark[2]:
                run.planned = int(mark[2])
        if run.last >= 0:
            _take(run, text if found is None else text[found.end() :])
    yield run


def _framework(line: str, boosted: bool) -> str | None:
    if boosted:
        return "lightgbm" if "'s " in line else "xgboost"
    return "sklearn" if re.match(r"Iteration \d+, loss = ", line) else None


def _take(run: _Run, text: str) -> None:
    """The metrics of one line, for the epoch that was begun."""
    named = _SPLIT.match(text)
    split = None if named is None else split_and_metric(f"{named[1].lower()}_loss")[0]
    for pair in _PAIR.finditer(text):
        name = _WORDS.sub("", pair["name"].replace("'s", "")).strip()
        if run.framework == "sklearn" and name.lower() == "validation score":
            name = "val_accuracy"
        if not known_metric(name):
            continue
        own, metric = split_and_metric(name)
        if _says_a_split(name, metric):
            split = own
        value = float(pair["value"])
        if pair["of"] is not None and metric == "accuracy" and int(pair["of"]) > 0:
            value /= int(pair["of"])
            run.rows[split or own] = int(pair["of"])
        run.values[split or own, metric].setdefault(run.last, []).append(value)


def _says_a_split(name: str, metric: str) -> bool:
    """Whether the split is part of a name, and not only that of a name without one."""
    return split_and_metric(f"val_{name}") != ("validation", metric)


def _is_a_log(run: _Run) -> bool:
    return len({epoch for by_epoch in run.values.values() for epoch in by_epoch}) >= _FEWEST


def _log_of(source: str, run: _Run) -> Log:
    notes: list[str] = []
    values = _with_test_as_validation(run, notes)
    from_zero = any(0 in by_epoch for by_epoch in values.values())
    points = {}
    for (split, metric), by_epoch in values.items():
        epochs = np.array([*by_epoch], np.int64) + from_zero
        numbers = np.array([_of_epoch(split, every) for every in by_epoch.values()])
        most = float(np.max(numbers, initial=0.0, where=np.isfinite(numbers)))
        if metric in _SHARES and 1.5 < most <= 100.0:
            numbers = numbers / 100.0
            notes.append(f"{split} {metric} is taken to be in percent")
        points[f"{_BEFORE[split]}{metric}"] = Points(epochs, numbers)
    times = max(len(every) for by_epoch in values.values() for every in by_epoch.values())
    if times > 1:
        notes.append(f"up to {times} values were printed in an epoch: of training rows their mean is taken")
    facts = _facts(run)
    history, more = history_of_points(
        points, _MANNERS.get(run.framework or "", quantities.end_of_epoch), facts
    )
    return Log(source, "printed", history, facts, notes=(*notes, *more))


def _with_test_as_validation(run: _Run, notes: list[str]) -> Mapping[_Key, dict[int, list[float]]]:
    """What is measured on test rows epoch by epoch, where nothing else validates, does."""
    if any(split == "validation" for split, _ in run.values) or all(
        split != "test" for split, _ in run.values
    ):
        return run.values
    notes.append("test rows are measured epoch by epoch: they validate")
    return {
        ("validation" if split == "test" else split, metric): by_epoch
        for (split, metric), by_epoch in run.values.items()
    }


def _of_epoch(split: str, values: list[float]) -> float:
    """Of training rows batches are printed; other rows are measured once, and what is last counts."""
    return sum(values) / len(values) if split == "train" and len(values) > 1 else values[-1]


def _facts(run: _Run) -> Facts:
    tested = all(split != "validation" for split, _ in run.values)
    known: dict[str, Any] = {
        "framework": run.framework,
        "planned_epochs": run.planned,
        "rows_train": run.rows.get("train"),
        "rows_validation": run.rows.get("test" if tested else "validation"),
        "validation_is_test": True if tested and any(split == "test" for split, _ in run.values) else None,
    }
    origins = {name: "what was printed" for name, value in known.items() if value is not None}
    return Facts(**known, origins=MappingProxyType(origins))


def _lines(path: Path) -> Iterator[str]:
    """Lines, of which only the beginning is kept."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            *whole, rest = re.split(r"[\r\n]", rest + decoder.decode(chunk))
            yield from whole
            rest = rest[:_LONGEST]
    yield rest


_BEFORE = MappingProxyType({"train": "", "validation": "val_", "test": "test_"})
_MANNERS = MappingProxyType(
    {"sklearn": sklearn.quantity, "xgboost": boosting.quantity, "lightgbm": boosting.quantity}
)
