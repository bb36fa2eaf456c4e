"""``evals_result`` of XGBoost, LightGBM and CatBoost as JSON: by data set, by metric, a value per round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.assembling import Column, column_of, history_of_uneven
from steelyard.diagnosis.readers.names import shown
from steelyard.errors import DataError
from steelyard.history import Quantity
from steelyard.log import Facts, Log

_METRICS = MappingProxyType(
    {
        "logloss": "loss",
        "binary_logloss": "loss",
        "cross_entropy": "loss",
        "error": "error",
        "binary_error": "error",
        "auc": "roc_auc",
        "aucpr": "average_precision",
        "prauc": "average_precision",
        "average_precision": "average_precision",
        "accuracy": "accuracy",
        "f1": "f1",
        "precision": "precision",
        "recall": "recall",
    }
)
"""Names as they are called in lower case, and what they are; ``error`` is 1 - accuracy."""
_OTHER_THRESHOLD = re.compile(r"(?:binary_)?error@(?!0?\.50*\Z)", re.IGNORECASE)
"""XGBoost's ``error@0.3`` is that of another threshold than 0.5, of which accuracy is."""
_NUMBERED = re.compile(r"(?:validation|valid|eval|test)_(\d{1,3})\Z")
_TRAIN = re.compile(r"d?(?:train|training|learn)\Z", re.IGNORECASE)
_TEST = re.compile(r"d?(?:test|testing|holdout)\Z", re.IGNORECASE)
_START = re.compile(
    rb'\A\s{0,20}\{\s{0,20}"(?!history")(?:[^"\\]{1,60})"\s{0,20}:\s{0,20}\{\s{0,20}"([^"\\]{1,60})"\s{0,20}:\s{0,20}\['
)


def sniff(head: bytes, path: Path) -> bool:
    """An object of objects of lists, the first of which has a metric of boosting."""
    found = _START.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        return False
    metric = found[1].decode("utf-8", "replace").lower()
    return _bare(metric) in _METRICS or metric in ("rmse", "mae", "mlogloss", "multi_logloss")


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file; its epochs are rounds."""
    content = jsonfile.load(path)
    sets = _sets(content)
    if not sets:
        raise DataError(f"{path} is no evals_result: it is no object of data sets with lists of numbers")
    splits, notes = _splits(list(sets))
    columns: dict[str, Column] = {}
    for name, metrics in sets.items():
        for metric, values in metrics.items():
            column = column_of(values)
            known = _METRICS.get(_bare(metric.lower()), shown(metric))
            if _OTHER_THRESHOLD.match(metric):
                known = shown(metric)
            if known == "error":
                known, column = "accuracy", Column(1.0 - column.values, column.measured)
                notes.append(f"{shown(metric)} of {shown(name)} is read as accuracy: 1 - error")
            columns.setdefault(f"{splits[name]}_{known}", column)
    facts = _facts(list(sets), {metric.lower() for metrics in sets.values() for metric in metrics})
    history, more = history_of_uneven(columns, quantity, facts)
    if history is None:
        raise DataError(f"{path} is an evals_result without a round")
    return (Log(str(path), "evals_result", history, facts, notes=(*notes, *more)),)


def _sets(content: Any) -> dict[str, dict[str, list[float | None]]]:
    sets: dict[str, dict[str, list[float | None]]] = {}
    for name, metrics in content.items() if isinstance(content, dict) else ():
        if not isinstance(metrics, dict):
            continue
        curves = {
            metric: [jsonfile.number(one) for one in values]
            for metric, values in metrics.items()
            if isinstance(values, list)
        }
        if any(one is not None for curve in curves.values() for one in curve):
            sets[name] = curves
    return sets


def _splits(names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The split of each data set, and what was assumed of those that are only numbered.

    Of several numbered sets the first is taken for the training rows, as ``eval_set`` is mostly given; one
    alone, or beside a set that is called training, for the validation rows.
    """
    splits: dict[str, str] = {}
    notes: list[str] = []
    train = [name for name in names if _TRAIN.match(name)]
    splits |= dict.fromkeys(train[:1], "train")
    others = [name for name in names if name not in splits]
    numbered = sorted((int(found[1]), name) for name in others if (found := _NUMBERED.match(name)))
    if not train and len(numbered) == len(others) > 1:
        first = numbered[0][1]
        splits[first] = "train"
        others.remove(first)
        notes.append(
            f"{first} is taken for the training rows and {numbered[1][1]} for the validation rows, as "
            "eval_set=[(X_train, y_train), (X_val, y_val)] gives them; the file does not say"
        )
    elif not train and len(others) > 1:
        notes.append(f"no set is called training; {shown(others[0])} is taken for the validation rows")
    tests = [name for name in others if _TEST.match(name)]
    chosen = next((name for name in others if name not in tests), next(iter(tests), None))
    for name in others:
        splits[name] = (
            "validation" if name == chosen else f"test_{shown(name)}" if name not in tests else "test"
        )
    return splits, notes


def _bare(metric: str) -> str:
    """``error@0.5`` is the error, CatBoost's ``auc:type=ranking`` the area."""
    return re.split(r"[@:]", metric, maxsplit=1)[0]


def _facts(sets: Sequence[str], metrics: set[str]) -> Facts:
    if "learn" in sets:
        framework = "catboost"
    elif metrics & {"binary_logloss", "binary_error"} or "training" in sets:
        framework = "lightgbm"
    else:
        framework = "xgboost"
    crossentropy = any(_METRICS.get(_bare(metric)) == "loss" for metric in metrics)
    return Facts(
        framework=framework,
        loss="binary_crossentropy" if crossentropy else None,
        origins=MappingProxyType({"framework": "names in the file", "loss": "names in the file"}),
    )


def quantity(split: str, metric: str, facts: Facts) -> Quantity:
    """Metrics are taken at the end of a round, without penalties; weights of rows are in them if the data set
    was given any, which the file does not say. ``scale_pos_weight`` is not in them."""
    return Quantity(weighted=None, penalized=False, dropout=False, epoch_mean=False)
