"""Which rows train and which validate, by the way in which the code made them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.post.values import (
    ABSENT,
    Attribute,
    Call,
    Item,
    Operation,
    Range,
    ancestry,
    number,
)
from steelyard.diagnosis.readers.post.words import snake_case

_SAMPLERS = MappingProxyType(
    {
        "SMOTE": "smote",
        "SMOTENC": "smote_nc",
        "SVMSMOTE": "svm_smote",
        "KMeansSMOTE": "kmeans_smote",
        "BorderlineSMOTE": "borderline_smote",
        "ADASYN": "adasyn",
        "SMOTEENN": "smote_enn",
        "SMOTETomek": "smote_tomek",
        "RandomOverSampler": "random_over_sampling",
        "RandomUnderSampler": "random_under_sampling",
        "NearMiss": "near_miss",
        "TomekLinks": "tomek_links",
    }
)
_SCALERS = MappingProxyType(
    {
        "StandardScaler": "standard",
        "MinMaxScaler": "min_max",
        "RobustScaler": "robust",
        "MaxAbsScaler": "max_abs",
        "QuantileTransformer": "quantile",
        "PowerTransformer": "power",
        "Normalizer": "rows to unit length",
    }
)
_FOLDS = MappingProxyType(
    {
        "StratifiedKFold": "stratified",
        "StratifiedShuffleSplit": "stratified",
        "RepeatedStratifiedKFold": "stratified",
        "GroupKFold": "group",
        "GroupShuffleSplit": "group",
        "LeaveOneGroupOut": "group",
        "TimeSeriesSplit": "time",
        "ShuffleSplit": "random",
        "RepeatedKFold": "random",
    }
)
_SHUFFLES = frozenset({"shuffle", "permutation", "random_split", "sample"})
_LOADERS = re.compile(r"(?:read|load|fetch|make|genfromtxt)(?:_|$)|loadtxt$")


@dataclass(frozen=True)
class Split:
    """How validation rows were chosen: ``way`` and ``share`` as in :class:`~steelyard.log.Facts`."""

    way: str | None = None
    share: float | None = None
    written: str = ""
    folds: bool = False
    """Is it one of several splits of a cross-validation?"""


def split_of(validation: Any) -> Split:
    """How the rows of this value were parted from the others."""
    tail = False
    share: float | None = None
    for one in ancestry(validation):
        if isinstance(one, Call) and one.name == "train_test_split":
            return Split("tail", share, one.written) if tail else _of_train_test_split(one)
        if isinstance(one, Call) and one.name in _FOLDS:
            return Split(_FOLDS[one.name], None, one.written, folds=True)
        if isinstance(one, Call) and one.name == "KFold":
            way = "random" if one.argument(1, "shuffle") is True else None
            return Split(way, None, one.written, folds=True)
        if isinstance(one, Call) and one.name in _SHUFFLES:
            return Split("random", number(one.argument(None, "frac", "test_size")), one.written)
        if isinstance(one, Item) and not tail:
            start = _start(one)
            if start is not None:
                tail, share = True, _share(start)
    if tail:
        return Split("tail", share, "a slice from some row to the end")
    loaded = next((one for one in ancestry(validation) if is_loaded(one)), None)
    return Split("given", None, loaded.written) if isinstance(loaded, Call) else Split()


def _of_train_test_split(call: Call) -> Split:
    share = number(call.argument(None, "test_size"))
    if share is None and (train := number(call.argument(None, "train_size"))) is not None and train < 1:
        share = 1 - train
    if call.argument(None, "test_size") is ABSENT and call.argument(None, "train_size") is ABSENT:
        share = 0.25  # scikit-learn's own
    share = share if share is not None and 0 < share < 1 else None
    if call.argument(None, "shuffle") is False:
        return Split("tail", share, call.written)
    stratified = call.argument(None, "stratify") not in (ABSENT, None)
    return Split("stratified" if stratified else "random", share, call.written)


def _start(item: Item) -> Any:
    """Where a slice of rows begins that goes to the end; None if it does not."""
    index = item.index[0] if isinstance(item.index, tuple) and item.index else item.index
    if isinstance(index, Range) and index.upper is None and index.lower is not None:
        return index.lower
    return None


def _share(start: Any) -> float | None:
    """Share of the rows from ``start`` on, from ``int(n * 0.8)`` or ``-int(n * 0.2)``."""
    negative = isinstance(start, Operation) and start.operator == "-" and len(start.operands) == 1
    for one in ancestry(start, most=20):
        if isinstance(one, Operation) and one.operator == "*":
            factor = next((found for x in one.operands if (found := number(x)) is not None), None)
            if factor is not None and 0 < factor < 1:
                return factor if negative else round(1 - factor, 12)
    return None


def resampler(value: Any) -> tuple[str, Call] | None:
    """The sampler that the rows of this value came from, by Steelyard's name, and the call."""
    for one in ancestry(value):
        if isinstance(one, Call) and one.name in ("fit_resample", "fit_sample"):
            for behind in ancestry(one.receiver, most=20):
                if isinstance(behind, Call) and behind.name in _SAMPLERS:
                    return _SAMPLERS[behind.name], one
    return None


def scaler(value: Any) -> tuple[str, Call] | None:
    """The scaler that this value went through, and the call that applied it."""
    for one in ancestry(value):
        if isinstance(one, Call) and one.name in ("fit_transform", "transform"):
            for behind in ancestry(one.receiver, most=20):
                if isinstance(behind, Call) and behind.name in _SCALERS:
                    return _SCALERS[behind.name], one
    return None


def scaled_by_hand(value: Any) -> bool:
    """Was a mean subtracted and divided by a deviation?"""
    for one in ancestry(value):
        if isinstance(one, Operation) and one.operator == "/" and len(one.operands) == 2:
            names = {x.name for x in ancestry(one.operands[1], most=50) if isinstance(x, Call)}
            if "std" in names:
                return True
    return False


def fitted_before_the_split(application: Call, validation: Any, fits: Sequence[Call]) -> bool | None:
    """Did the scaler that was applied see validation rows when it was fitted?

    ``fits`` are the calls of ``fit`` and ``fit_transform`` in the program. None if it cannot be told.
    """
    inside = {id(one) for one in ancestry(validation)}
    for fit in (application, *fits):
        if fit.name.startswith("fit") and fit.receiver is application.receiver:
            if fit.name == "fit_transform" and id(fit) in inside:
                return True
            seen = fit.argument(0, "X")
            return seen is not ABSENT and id(seen) in inside
    return None


def is_loaded(value: Any) -> bool:
    """Is it the call that brings data from outside: from here on the code tells all that was done to it."""
    return isinstance(value, Call) and bool(_LOADERS.match(value.name))


def origin_is_seen(value: Any) -> bool:
    """Does the code show where these rows come from?"""
    return any(is_loaded(one) for one in ancestry(value))


def is_plain(value: Any) -> bool:
    """Is it nothing but a name, of whose making the code shows nothing?"""
    return not any(isinstance(one, Call | Item | Operation | Attribute) for one in ancestry(value))


def named_for_testing(names: Sequence[str]) -> bool:
    """Do the names of these rows say that they are there to test?"""
    return any(
        "test" in snake_case(name).replace("x", "").split("_") or name.lower().endswith("test")
        for name in names
    )
