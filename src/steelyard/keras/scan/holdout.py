"""Which rows of a scan train and which validate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from steelyard.data.split import Split
from steelyard.keras.checks import real
from steelyard.keras.codes import refuse
from steelyard.keras.rows import TrainingRows, binary_labels, training_rows


@dataclass(frozen=True, eq=False)
class Holdout:
    """The arrays that a model function is called with, in the types they were given.

    ``table`` has them as the table of a fit, where several parts of the same rows share it.
    """

    x_train: Any
    y_train: Any
    x_val: Any
    y_val: Any
    table: Callable[[], TrainingRows] | None = None


def hold_out(x: Any, y: Any, x_val: Any, y_val: Any, share: float, seed: int) -> Holdout:
    """The validation rows that were given, else a ``share`` of the rows: as many as talos would take, but
    stratified by the labels and decided by ``seed``.

    Raises :class:`~steelyard.errors.DataError` (K244).
    """
    _refuse_several(x)
    if (x_val is None) != (y_val is None):
        given, missing = ("x_val", "y_val") if y_val is None else ("y_val", "x_val")
        raise refuse("K244", f"Scan: {given} is given, but {missing} is not")
    if x_val is not None:
        return Holdout(x, y, x_val, y_val)
    labels = _labels(x, y)
    share = real("Scan: val_split", share, above=0.0, below=1.0)
    train, validation = stratified(labels, share, seed)
    return Holdout(_taken(x, train), _taken(y, train), _taken(x, validation), _taken(y, validation))


def divide(x: Any, y: Any, folds: int, seed: int) -> list[Holdout]:
    """Folds of the rows, each validating once on what the others learn from, in the order of the rows.

    Those of scikit-learn's ``StratifiedKFold(folds, shuffle=True, random_state=seed)``, a ``seed`` beyond 32
    bits being cut to them. Raises :class:`~steelyard.errors.DataError` (K244).
    """
    _refuse_several(x)
    labels = _labels(x, y)
    rarer = int(np.bincount(labels, minlength=2).min())
    if rarer < folds:
        raise refuse(
            "K244", f"Scan: {rarer} rows of the rarer class are too few for {folds} folds", "Use fewer folds."
        )
    whole = cache(lambda: training_rows(x, y))

    def part(train: NDArray[np.int64], validation: NDArray[np.int64], number: int) -> Holdout:
        split = Split(train, validation, train[:0], f"fold {number} of {folds}, stratified, seed {seed}")
        table = cache(lambda: replace(whole(), split=split))
        return Holdout(
            _taken(x, train), _taken(y, train), _taken(x, validation), _taken(y, validation), table
        )

    divided = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32).split(labels, labels)
    return [part(train, validation, number) for number, (train, validation) in enumerate(divided, 1)]


def stratified(
    labels: NDArray[np.uint8], share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the training and of the validation rows, shuffled; ``int(rows * (1 - share))`` train.

    Both parts have the share of positives of the whole as far as whole rows allow.

    >>> train, validation = stratified(np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], np.uint8), 0.4, seed=0)
    >>> len(train), len(validation), int(sum(train >= 5)), int(sum(validation >= 5))
    (6, 4, 3, 2)
    """
    kept = int(len(labels) * (1 - share))
    if kept in (0, len(labels)):
        raise refuse("K244", f"Scan: val_split={share} of {len(labels)} rows leaves one part empty")
    random = np.random.default_rng(seed)
    negative, positive = (random.permutation(np.flatnonzero(labels == label)) for label in (0, 1))
    positives = round(kept * len(positive) / len(labels))
    train = np.concatenate([positive[:positives], negative[: kept - positives]])
    validation = np.concatenate([positive[positives:], negative[kept - positives :]])
    return random.permutation(train), random.permutation(validation)


def _refuse_several(x: Any) -> None:
    if isinstance(x, list | tuple) and x and np.ndim(x[0]) > 1:
        raise refuse("K241", "Scan: x is a list of arrays; several inputs are not supported", "Join them.")


def _labels(x: Any, y: Any) -> NDArray[np.uint8]:
    labels = binary_labels(y, "y")
    if len(x) != len(labels):
        raise refuse("K244", f"Scan: {len(x):,} rows of x, but {len(labels):,} labels", "Check both.")
    return labels


def _taken(values: Any, rows: NDArray[np.int64]) -> Any:
    return values.iloc[rows] if hasattr(values, "iloc") else np.asarray(values)[rows]
