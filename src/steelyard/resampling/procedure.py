"""Training rows in, other training rows out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data import ColumnKind, Encoding, Features, Schema
from steelyard.errors import RecipeError
from steelyard.recipe.imbalance import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    BalancedBatches,
    BorderlineSMOTE,
    Inventive,
    NoResampling,
    RandomOverSampling,
    RandomUnderSampling,
    Resampling,
    SMOTETomek,
)
from steelyard.resampling.invention import invent, kept
from steelyard.resampling.space import enter, leave, missing_as_nearest


@dataclass(frozen=True, eq=False)
class Resampled:
    """What the network is to learn from instead of the training rows.

    ``rows`` (int64) are rows of the table; a row may occur more than once, and others than those handed
    in never do. ``synthetic`` are invented rows in the units and codes of the table, so that the fitted
    encoding serves them like any others, or None; ``synthetic_target`` (uint8) are their labels and
    ``synthetic_weights`` (float32) the mean weight of their class, None without row weights.

    ``natural_odds`` are positives per negative in the rows handed in, ``odds`` those the network meets;
    rows are counted, not weighted. The difference of the logarithms of both is what the logit of the network
    is off by, if no row was invented. ``notes`` are sentences for people.
    """

    rows: NDArray[np.int64]
    synthetic: Features | None
    synthetic_target: NDArray[np.uint8]
    synthetic_weights: NDArray[np.float32] | None
    natural_odds: float
    odds: float
    notes: tuple[str, ...]

    def labels(self, target: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The labels of the rows to learn from; ``target`` has those of the table."""
        return np.concatenate([target[self.rows], self.synthetic_target])


def resample(
    features: Features,
    target: NDArray[np.uint8],
    rows: NDArray[np.int64],
    encoding: Encoding,
    schema: Schema,
    spec: Resampling,
    seed: int,
    *,
    weights: NDArray[np.float32] | None = None,
) -> Resampled:
    """Resamples the training rows ``rows`` of a table; no other row is looked at.

    ``target`` and ``weights`` belong to all rows of ``features``; ``encoding`` was fitted on ``rows``.
    The same arguments give the same result.

    Invented rows lie between rows of the rarer class, in the scaled space of the encoding
    (:mod:`steelyard.resampling.space`); whole numbers become fractions there. A value is missing in an
    invented row if it is missing in the nearest row of its class: else "not missing" would give invented
    rows away to a network that is told of missing values.

    ``balanced_batches`` changes no row: the engine draws them; only the odds are told.

    Raises:
        RecipeError: the method cannot be applied to these rows.
    """
    labels = target[rows]
    counts = np.bincount(labels, minlength=2)
    natural = float(counts[1] / counts[0]) if counts[0] else math.inf
    if isinstance(spec, NoResampling):
        return _only_rows(rows, natural, natural)
    if counts.min() == 0:
        raise RecipeError(
            f"imbalance.resampling: {spec.name} needs rows of both classes; all {len(rows):,} training rows "
            f"are {_label(schema, int(counts[1] > 0))}",
            help="check the labels and how the rows were chosen",
        )
    if isinstance(spec, BalancedBatches):
        return _only_rows(rows, natural, spec.positive_share / (1.0 - spec.positive_share))
    rare = int(counts[1] <= counts[0])
    if counts[rare] > spec.ratio * counts[1 - rare]:
        raise RecipeError(
            f"imbalance.resampling: {spec.name} with ratio {spec.ratio:g} cannot be reached: the training "
            f"rows already hold {counts[rare]:,} {_label(schema, rare)} and {counts[1 - rare]:,} others, "
            f"a ratio of {counts[rare] / counts[1 - rare]:.3g}",
            help="choose a larger ratio, or no resampling",
        )
    if isinstance(spec, RandomOverSampling | RandomUnderSampling):
        chosen = _at_random(rows, labels, rare, counts, spec, seed)
        after = np.bincount(target[chosen], minlength=2)
        return _only_rows(chosen, natural, float(after[1] / after[0]))
    return _with_synthetic(features, target, rows, encoding, schema, spec, seed, weights, rare)


def _only_rows(rows: NDArray[np.int64], natural: float, odds: float) -> Resampled:
    return Resampled(rows, None, np.zeros(0, np.uint8), None, natural, odds, ())


def _at_random(
    rows: NDArray[np.int64],
    labels: NDArray[np.uint8],
    rare: int,
    counts: NDArray[np.intp],
    spec: RandomOverSampling | RandomUnderSampling,
    seed: int,
) -> NDArray[np.int64]:
    random = np.random.default_rng(seed)
    if isinstance(spec, RandomOverSampling):
        missing = int(spec.ratio * counts[1 - rare]) - int(counts[rare])
        return np.concatenate((rows, random.choice(rows[labels == rare], missing)))
    common = random.choice(rows[labels != rare], int(counts[rare] / spec.ratio), replace=False)
    return np.sort(np.concatenate((rows[labels == rare], common)))


def _with_synthetic(
    features: Features,
    target: NDArray[np.uint8],
    rows: NDArray[np.int64],
    encoding: Encoding,
    schema: Schema,
    spec: Inventive,
    seed: int,
    weights: NDArray[np.float32] | None,
    rare: int,
) -> Resampled:
    labels = target[rows]
    counts = np.bincount(labels, minlength=2)
    _refuse_categories(schema, spec)
    k, notes = _neighbours(int(counts[rare]), _label(schema, rare), spec)
    truths_are_states = not isinstance(spec, BorderlineSMOTE | ADASYN)
    seen = rows
    if isinstance(spec, SMOTE) and any(column.kind is not ColumnKind.BOOLEAN for column in schema.numeric):
        seen = rows[labels == rare]  # it looks at no others, and of a million rows they would be gigabytes
    space = enter(features, seen, encoding, schema, truths_are_states=truths_are_states)
    points = np.empty((0, space.numbers.shape[1] + space.states.shape[1]))
    wanted = int(spec.ratio * counts[1 - rare])
    if wanted > counts[rare]:
        points = invent(space, target[seen], rare, wanted, spec, k, seed)
        if not len(points):
            notes.append(f"{spec.name} found no row to start from and invented none")
    remaining = rows
    if isinstance(spec, SMOTEENN | SMOTETomek):
        old, new = kept(space, points, labels, rare, spec)
        notes.append(
            f"{spec.name} left out {len(rows) - len(old):,} of {len(rows):,} training rows and "
            f"{len(points) - len(new):,} of {len(points):,} invented ones"
        )
        remaining, points = rows[old], points[new]
    after = np.bincount(target[remaining], minlength=2)
    after[rare] += len(points)
    if after.min() == 0:
        raise RecipeError(
            f"imbalance.resampling: {spec.name} leaves no row of one class, so closely are the classes mixed",
            help="use smote, or no resampling",
        )
    missing = missing_as_nearest(points, space, features.numeric[seen], target[seen] == rare)
    mean_weight = 1.0 if weights is None else float(weights[rows[labels == rare]].mean())
    return Resampled(
        rows=remaining,
        synthetic=leave(points, missing, space, encoding) if len(points) else None,
        synthetic_target=np.full(len(points), rare, np.uint8),
        synthetic_weights=None if weights is None else np.full(len(points), mean_weight, np.float32),
        natural_odds=float(counts[1] / counts[0]),
        odds=float(after[1] / after[0]),
        notes=tuple(notes),
    )


def _refuse_categories(schema: Schema, spec: Inventive) -> None:
    names = [column.name for column in schema.categories]
    if names and isinstance(spec, BorderlineSMOTE | ADASYN):
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise RecipeError(
            f"imbalance.resampling: {spec.name} puts rows between others, and there is nothing between two "
            f"categories; the table has {len(names)} such column{'s' if len(names) > 1 else ''}: {shown}",
            help="use smote, which becomes SMOTENC for such tables",
        )


def _neighbours(count: int, label: str, spec: Inventive) -> tuple[int, list[str]]:
    """How many neighbours there are to choose from, and what is to be said about it."""
    if count < 2:
        raise RecipeError(
            f"imbalance.resampling: {spec.name} needs two rows of the rarer class to put others between; "
            f"the training rows hold {count} {label}",
            help="use random_over_sampling, or class weights",
        )
    if count > spec.k_neighbors:
        return spec.k_neighbors, []
    note = f"{spec.name} chose among {count - 1} neighbours instead of {spec.k_neighbors}: "
    return count - 1, [note + f"the training rows hold {count} {label}"]


def _label(schema: Schema, label: int) -> str:
    """One of the target's labels, for messages."""
    name = schema.target.positive if label else schema.target.negative
    return f"rows with {schema.target.name} = {name}"
