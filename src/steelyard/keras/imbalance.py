"""What fit is told about a rare class, as the recipe has it, and what resampling makes of its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.checks.one_hot import one_hot_columns
from steelyard.data.encoding import identity
from steelyard.data.schema import Column, ColumnKind, Schema, Target
from steelyard.data.table import Table
from steelyard.errors import RecipeError, did_you_mean
from steelyard.keras.codes import refuse, warn
from steelyard.keras.losses import LogitAdjustedBinaryCrossentropy, Loss
from steelyard.keras.rows import TrainingRows
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.base import Part
from steelyard.recipe.imbalance import ClassWeight, Imbalance, NoResampling, Resampling
from steelyard.resampling import Resampled, resample

ClassWeights = str | Mapping[int, float] | Sequence[float]
"""Weights by class; "balanced", "square_root" or "none"."""
Resamplings = str | Mapping[str, Any] | Resampling
"""The name of a method, its settings with a ``name`` among them, or a record of
:mod:`steelyard.recipe.imbalance`."""

_WEIGHT_NAMES = ("balanced", "square_root", "none")


def imbalance_of(class_weight: ClassWeights | None, resampling: Resamplings | None = None) -> Imbalance:
    """The arguments of ``fit`` as the recipe's part on imbalance; Keras leaves its outputs as they are.

    Raises K254 for class weights and K258 for a resampling that cannot be used; warns of an array (K101)
    and of a class that is missing (K102).
    """
    return Imbalance(
        class_weight=_class_weight(class_weight),
        resampling=_resampling(resampling),
        correct_prior=False,
    )


def resampled(rows: TrainingRows, spec: Resampling, seed: int) -> Resampled:
    """What the network is to learn from instead of the training rows of a fit; no other row is looked at.

    Distances are those of the numbers as they are. Raises K258 where the rows do not allow it; warns (K108)
    of columns of zeros and ones that would get fractions.
    """
    table = _table(rows)
    for finding in one_hot_columns(table, rows.split.train, spec):
        warn("K108", finding.message)
    try:
        return resample(
            rows.features,
            rows.target,
            rows.split.train,
            identity(rows.width),
            table.schema,
            spec,
            seed,
            weights=rows.row_weights,
        )
    except RecipeError as error:
        raise _refused(error) from error


def check_classes(labels: NDArray[np.uint8], imbalance: Imbalance, loss: Loss) -> None:
    """Refuses what needs rows of both classes where all rows to learn from are of one (K259)."""
    if 0 < np.count_nonzero(labels) < len(labels):
        return
    asked = []
    if imbalance.class_weight in ("balanced", "square_root"):
        asked.append(f"class_weight={imbalance.class_weight!r}")
    if isinstance(loss, LogitAdjustedBinaryCrossentropy):
        asked.append(f"the loss {loss.name}")
    if asked:
        only = "positive" if labels.any() else "negative"
        raise refuse(
            "K259",
            f"fit: {' and '.join(asked)} depends on the share of positives; "
            f"all {len(labels):,} training rows are {only}",
        )


def _resampling(given: Resamplings | None) -> Resampling:
    if given is None:
        return NoResampling()
    if not isinstance(given, str | Mapping | Part):
        raise refuse(
            "K258",
            f"fit: resampling is a {type(given).__name__}; needs the name of a method, a dictionary with a "
            "name in it or a record of steelyard.recipe.imbalance",
            "For example resampling='smote', or resampling={'name': 'smote', 'ratio': 0.5}.",
        )
    try:
        return apply(Recipe(), Change("imbalance.resampling", given)).imbalance.resampling
    except RecipeError as error:
        raise _refused(error) from error


def _refused(error: RecipeError) -> RecipeError:
    """The recipe's complaint in the words of ``fit``."""
    told = "; ".join(error.problems)
    for theirs in ("recipe: imbalance.resampling", "imbalance.resampling"):
        told = told.replace(theirs, "fit: resampling")
    refused = refuse("K258", told, error.help)
    assert isinstance(refused, RecipeError)
    return refused


def _table(rows: TrainingRows) -> Table:
    """The rows of a fit as a table: all columns are numbers, called by their place in x."""
    columns = tuple(Column(f"x[:, {number}]", ColumnKind.NUMERIC) for number in range(rows.width))
    schema = Schema(columns, Target("y", "1", "0", positive_by_default=False))
    return Table(rows.features, rows.target, schema, fingerprint="", source="x")


def _class_weight(given: ClassWeights | None) -> Any:
    if given is None:
        return "none"
    if isinstance(given, str):
        if given not in _WEIGHT_NAMES:
            raise refuse(
                "K254",
                f"class_weight is {given!r}{did_you_mean(given, _WEIGHT_NAMES)}; "
                f"by name there are {', '.join(map(repr, _WEIGHT_NAMES))}",
                "Or write class_weight={0: ..., 1: ...}.",
            )
        return given
    weights = given if isinstance(given, Mapping) else _from_array(given)
    unknown = [key for key in weights if isinstance(key, str | bool) or key not in (0, 1)]
    if unknown or not weights:
        raise refuse(
            "K254",
            f"class_weight has the keys {', '.join(map(repr, weights)) or 'of no class'}; "
            "the classes are 0 and 1",
        )
    missing = [label for label in (0, 1) if label not in weights]
    if missing:
        named = 1 - missing[0]
        warn(
            "K102", f"class_weight names class {named} only ({weights[named]:g}); class {missing[0]} weighs 1"
        )
    both = {label: weights.get(label, 1.0) for label in (0, 1)}
    for label, weight in both.items():
        if not (isinstance(weight, int | float | np.number) and math.isfinite(weight) and weight > 0):
            raise refuse("K254", f"class_weight[{label}] is {weight!r}; needs a number above 0")
    return ClassWeight(negative=float(both[0]), positive=float(both[1]))


def _from_array(values: Any) -> Mapping[int, float]:
    array = np.asarray(values)
    if array.shape != (2,) or array.dtype.kind not in "biuf":
        raise refuse(
            "K254",
            f"class_weight is a {type(values).__name__} of shape {array.shape}; "
            "needs a dictionary of both classes",
        )
    read = {0: float(array[0]), 1: float(array[1])}
    warn(
        "K101",
        f"class_weight is an array; read in the order of the classes, as "
        f"{{0: {read[0]:.4g}, 1: {read[1]:.4g}}}. Keras 2 silently used no weights at all when it was given "
        "an array, so an earlier run of this code was unweighted; Keras 3 fails on it.",
    )
    return read
