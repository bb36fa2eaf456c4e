"""What a person says of a run in Python: facts by name, class weights, rows, predictions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.features import features_of, flags
from steelyard.diagnosis.readers.enriching import merged
from steelyard.errors import DataError, did_you_mean
from steelyard.log import Facts, Predictions

Rows: TypeAlias = tuple[Any, Any]
"""Inputs (rows, columns), or None, and labels 0 and 1 (rows,): what ``fit`` was given."""

_NAMES = tuple(one.name for one in fields(Facts) if one.name != "origins")
_COUNTS = ("rows_train", "rows_validation", "positives_train", "positives_validation", "batch_size", "seeds")
_SHARES = ("base_rate", "validation_share", "reported_auc", "entities_shared")
_WAYS = ("tail", "random", "stratified", "group", "time", "given")
_LARGEST = 2**53
_TWO_CLASSES = "what is judged tells two classes apart; of more, take one against the others"


def facts_given(
    facts: Facts | Mapping[str, Any] | None = None,
    *,
    train: Rows | None = None,
    validation: Rows | None = None,
    class_weight: Any = None,
) -> Facts:
    """All that is said, as facts.

    ``facts``: the fields of :class:`~steelyard.log.Facts` by name. ``train`` and ``validation``: the arrays
    that were given to ``fit``; labels are counted, inputs are measured. ``class_weight``: the very object
    that was given to ``fit``, because frameworks take some kinds without using them; ``"none"`` if none was.

    :class:`~steelyard.errors.DataError` tells of everything that cannot be.
    """
    if isinstance(facts, Facts):
        told = [facts]
    else:
        said = dict(facts or {})
        class_weight = said.pop("class_weight", class_weight)
        told = [_facts(said)]
    if class_weight is not None:
        told.append(_class_weight(class_weight))
    for split, rows in (("train", train), ("validation", validation)):
        if rows is not None:
            told.append(_of_rows(split, rows))
    found = Facts()
    for one in told:
        found = merged(found, one)
    _refuse_impossible(found)
    return found


def parts_of(
    train: Rows | None, validation: Rows | None, validation_split: float | None
) -> tuple[Rows | None, Rows | None, Mapping[str, Any]]:
    """Training rows, validation rows, and the facts that follow, where ``fit`` may have split ``train``.

    Keras takes the last rows: of n it trains on the first ``floor(n (1 - validation_split))``.
    :class:`~steelyard.errors.DataError` if there is nothing to split, or nothing would be left.
    """
    if validation_split is None:
        return train, validation, {}
    if train is None or validation is not None:
        raise DataError(
            "validation_split: splits the rows of train=, so validation= has no place beside it",
            help="give train=(x, y) with all rows that fit was given, or both parts without validation_split",
        )
    rows = len(labels_of(train[1], "train"))
    if not _number(validation_split) or not 0.0 < validation_split < 1.0:
        raise DataError(f"validation_split: must lie between 0 and 1; found {validation_split!r}")
    cut = math.floor(rows * (1.0 - validation_split))
    if not 0 < cut < rows:
        raise DataError(f"validation_split: of {rows:,} rows {validation_split:g} leaves a part without rows")
    first, last = (
        (_rows_of(train[0], part), _rows_of(train[1], part)) for part in (slice(cut), slice(cut, None))
    )
    return first, last, {"validation_way": "tail", "validation_share": validation_split}


def _rows_of(x: Any, part: slice) -> Any:
    """Some rows of an array, a frame, a list, or of each of several inputs."""
    if x is None:
        return None
    if isinstance(x, Mapping):
        return {name: one[part] for name, one in x.items()}
    several = _several(x)
    return [one[part] for one in several] if several is x else x[part]


def labels_of(labels: Any, place: str) -> NDArray[np.uint8]:
    """Labels 0 and 1 as uint8 (rows,).

    :class:`~steelyard.errors.DataError` if they are anything else.
    """
    try:
        found = np.asarray(labels, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{place}: labels must be 0 and 1", help="encode them first: y == 'yes'") from None
    if found.ndim == 2 and found.shape[1] > 1:
        raise DataError(
            f"{place}: labels must be one column of 0 and 1; found {found.shape[1]} columns",
            help=f"{_TWO_CLASSES}: y[:, 1] of a column for each class",
        )
    found = found.reshape(-1)
    if not len(found) or not np.isin(found, (0.0, 1.0)).all():
        others = [value for value in np.unique(found) if value not in (0.0, 1.0)][:3]
        what = f"found {', '.join(f'{value:g}' for value in others)}" if others else "there are none"
        raise DataError(f"{place}: labels must be 0 and 1; {what}", help=f"{_TWO_CLASSES}: y == 2")
    return found.astype(np.uint8)


def predictions_of(pair: Any, place: str = "predictions") -> Predictions:
    """Labels and what a network said of the same rows; see :func:`probabilities_of`. ``place`` is the name of
    the argument."""
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise DataError(
            f"{place}: must be two arrays, labels and probabilities",
            help=f"{place}=(y, model.predict(x))",
        )
    target = labels_of(pair[0], place)
    probability = probabilities_of(pair[1], place)
    if len(target) != len(probability):
        raise DataError(f"{place}: {len(target):,} labels, but {len(probability):,} probabilities")
    return Predictions(target, probability)


def probabilities_of(output: Any, place: str = "predictions") -> NDArray[np.float64]:
    """The probability of the positive class, float64 (rows,), from the output of a network.

    Of two columns the second is taken. :class:`~steelyard.errors.DataError` where it is no probability.
    """
    try:
        found = np.asarray(output, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{place}: probabilities must be numbers") from None
    if found.ndim == 2 and found.shape[1] == 2:
        found = found[:, 1]
    if found.ndim > 2 or (found.ndim == 2 and found.shape[1] != 1):
        raise DataError(
            f"{place}: probabilities have the shape {found.shape}; allowed are (rows,), (rows, 1) and, "
            "for both classes, (rows, 2)"
        )
    found = found.reshape(-1)
    if (lost := int((~np.isfinite(found)).sum())) > 0:
        raise DataError(f"{place}: {lost:,} of {len(found):,} probabilities are no finite number")
    if not ((found >= 0.0) & (found <= 1.0)).all():
        low, high = (f"{end:.4g}" for end in (np.min(found), np.max(found)))
        raise DataError(
            f"{place}: probabilities must lie between 0 and 1; found {low} to {high}",
            help="of logits take the sigmoid first: 1 / (1 + exp(-logits))",
        )
    return found


def _facts(given: Mapping[str, Any]) -> Facts:
    unknown = [
        f"facts: there is no {name!r}{did_you_mean(str(name), _NAMES)}"
        for name in given
        if name not in _NAMES
    ]
    if unknown:
        raise DataError(*unknown, help=f"there are {', '.join(_NAMES)}")
    said = {name: _plain(value) for name, value in given.items() if value is not None}
    return Facts(**said, origins=MappingProxyType(dict.fromkeys(said, "said")))


def _plain(value: Any) -> Any:
    """Numbers of numpy as those of Python; lists, which a record must not share, as tuples."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(value) if isinstance(value, list) else value


def _refuse_impossible(facts: Facts) -> None:
    problems = []
    for name in _COUNTS:
        value = getattr(facts, name)
        if value is not None and not (_whole(value) and 0 <= value < _LARGEST):
            problems.append(f"{name}: must be a whole number, 0 or larger; found {value!r}")
    for name in _SHARES:
        value = getattr(facts, name)
        if value is not None and not (_number(value) and 0.0 <= value <= 1.0):
            problems.append(f"{name}: must lie between 0 and 1; found {value!r}")
    if facts.learning_rate is not None and not (_number(facts.learning_rate) and facts.learning_rate > 0.0):
        problems.append(f"learning_rate: must be larger than 0; found {facts.learning_rate!r}")
    if facts.validation_way is not None and facts.validation_way not in _WAYS:
        problems.append(f"validation_way: must be one of {', '.join(_WAYS)}; found {facts.validation_way!r}")
    if problems:
        raise DataError(*problems)
    for split in ("train", "validation"):
        rows, positives = getattr(facts, f"rows_{split}"), getattr(facts, f"positives_{split}")
        if rows is not None and positives is not None and positives > rows:
            problems.append(f"positives_{split}: {positives:,} positives among {rows:,} rows cannot be")
    if problems:
        raise DataError(*problems)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return _whole(value) or (isinstance(value, float) and bool(np.isfinite(value)))


def _of_rows(split: str, rows: Rows) -> Facts:
    if not isinstance(rows, Sequence) or len(rows) < 2:
        raise DataError(
            f"{split}: must be inputs and labels, (x, y); found {type(rows).__name__}",
            help="inputs may be None: (None, y); of a dataset in batches that is "
            "(None, np.concatenate([y for x, y in dataset]))",
        )
    x, y = rows[0], rows[1]
    labels = labels_of(y, split)
    for one in _several(x):
        if hasattr(one, "__len__") and len(one) != len(labels):
            raise DataError(f"{split}: {len(one):,} rows of inputs, but {len(labels):,} labels")
    known: dict[str, Any] = {f"rows_{split}": len(labels), f"positives_{split}": int(labels.sum())}
    origins = dict.fromkeys(known, f"counted in {split}=")
    features = features_of(x) if split == "train" and x is not None else None
    if features is not None:
        known |= {"features": features, "one_hot_columns": flags(features)}
        origins["features"] = "train="
    return Facts(**known, origins=MappingProxyType(origins))


def _several(x: Any) -> Iterable[Any]:
    """The inputs of a network that has several, by name or in a list; the one of any other."""
    if isinstance(x, Mapping):
        return x.values()
    if isinstance(x, list | tuple) and x and all(getattr(one, "ndim", 0) > 1 for one in x):
        return x
    return () if x is None else (x,)


def _class_weight(given: Any) -> Facts:
    """The kind of object, and the weights of a negative and a positive row where they can be seen."""
    origin = MappingProxyType({"class_weight": "class_weight=", "class_weight_type": "class_weight="})
    if isinstance(given, str):
        if given not in ("none", "balanced"):
            raise DataError(
                f'class_weight: as a word it is "balanced" or "none"; found {given!r}',
                help="or what fit was given: {0: 1.0, 1: 20.0}",
            )
        return Facts(class_weight_type=given, origins=origin)
    if isinstance(given, Mapping):
        text = any(isinstance(key, str) for key in given)
        by_class = {str(key).removesuffix(".0"): value for key, value in given.items()}
        pair = _pair(by_class.get("0"), by_class.get("1"))
        return Facts(class_weight=pair, class_weight_type="string keys" if text else "dict", origins=origin)
    array = hasattr(given, "tolist")
    values = given.tolist() if array else given
    if not isinstance(values, list | tuple) or len(values) != 2:
        raise DataError(
            f"class_weight: a dict by label, or two weights; found {type(given).__name__}",
            help="{0: 1.0, 1: 20.0}",
        )
    return Facts(class_weight=_pair(*values), class_weight_type="array" if array else "list", origins=origin)


def _pair(negative: Any, positive: Any) -> tuple[float, float] | None:
    try:
        pair = float(negative), float(positive)
    except (TypeError, ValueError):
        raise DataError(
            f"class_weight: a number for label 0 and one for label 1; found {negative!r} and {positive!r}"
        ) from None
    if not all(np.isfinite(pair)) or min(pair) < 0.0:
        raise DataError(f"class_weight: weights are 0 or larger; found {pair[0]:g} and {pair[1]:g}")
    return pair
