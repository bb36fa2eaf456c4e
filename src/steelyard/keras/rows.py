"""What is handed to ``fit`` as one table: arrays checked, joined and told apart by a split."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.data.split import Split
from steelyard.data.table import Features
from steelyard.keras.codes import refuse, warn
from steelyard.keras.history import RowsSeen

_SAMPLE = 2_000
"""Training rows by which a diagnosis knows what the columns are like."""
_ROWS_AT_ONCE = 65_536  # so that checks and conversions need no second matrix


@dataclass(frozen=True, eq=False, repr=False)
class TrainingRows:
    """Training rows, then validation rows, in one table.

    ``row_weights`` are float32 for all rows, as the engine takes them; ``validation_weights`` belong to
    the validation rows alone and weigh ``val_loss`` only, as in Keras.
    """

    features: Features
    target: NDArray[np.uint8]
    split: Split
    row_weights: NDArray[np.float32] | None
    validation_weights: NDArray[np.float32] | None

    @property
    def width(self) -> int:
        """Columns of the input."""
        return int(self.features.numeric.shape[1])

    @property
    def validation_target(self) -> NDArray[np.uint8]:
        """Labels of the validation rows."""
        return self.target[self.split.validation]

    @cached_property
    def seen(self) -> RowsSeen:
        """What a history keeps of them."""
        train = self.split.train
        few = train[:: max(1, -(-len(train) // _SAMPLE))]
        return RowsSeen(
            positives_train=int(self.target[train].sum()),
            positives_validation=int(self.validation_target.sum()),
            weighted=self.row_weights is not None,
            sample=self.features.numeric[few],
        )


def training_rows(
    x: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    validation_data: Sequence[Any] | None = None,
    validation_split: float = 0.0,
) -> TrainingRows:
    """Checks and joins what ``fit`` was given; see :meth:`steelyard.keras.models.Sequential.fit`.

    Raises :class:`~steelyard.errors.DataError` (K251, K252, K253) and warns of what Keras says nothing
    about (K103, K105, K106).
    """
    matrices = [_matrix(x, "x")]
    labels = [binary_labels(y, "y")]
    weights = [None if sample_weight is None else _weights(sample_weight, "sample_weight")]
    if validation_data is not None:
        x_val, y_val, weights_val = _validation(validation_data)
        matrices.append(_matrix(x_val, "validation_data[0]"))
        labels.append(binary_labels(y_val, "validation_data[1]"))
        weights.append(None if weights_val is None else _weights(weights_val, "validation_data[2]"))
    names = ("", "validation_data: ")
    for name, matrix, label, weight in zip(names, matrices, labels, weights, strict=False):
        _check_lengths(name, len(matrix), len(label), None if weight is None else len(weight))
    if matrices[-1].shape[1] != matrices[0].shape[1]:
        raise refuse(
            "K253", f"x has {matrices[0].shape[1]} columns, validation_data[0] has {matrices[-1].shape[1]}"
        )
    count = len(matrices[0])
    if count == 0:
        raise refuse("K253", "x has no rows")
    numeric = _joined(matrices, ("x", "validation_data[0]"))
    target = np.concatenate(labels)
    cut = count if validation_data is not None else _cut(validation_split, target)
    order = np.arange(len(target), dtype=np.int64)
    method = "as given to fit" if validation_data is not None else "the last rows, in file order"
    split = Split(order[:cut], order[cut:], order[:0], method)
    row_weights = None
    if weights[0] is not None:
        row_weights = np.ones(len(target), np.float32)
        row_weights[:count] = weights[0]
    validation_weights = weights[-1] if validation_data is not None else None
    if validation_data is None and row_weights is not None and cut < count:
        validation_weights = row_weights[cut:]
    _warn_of_single_classes(target[:cut], target[cut:])
    codes = np.zeros((len(numeric), 0), np.int32)
    return TrainingRows(Features(numeric, codes), target, split, row_weights, validation_weights)


def prediction_rows(x: Any, width: int | None) -> Features:
    """Rows to predict, checked against the ``width`` the network was built for."""
    matrix = _matrix(x, "x")
    if width is not None and matrix.shape[1] != width:
        raise refuse("K253", f"x has {matrix.shape[1]} columns; the network was built for {width}")
    numeric = _joined([matrix], ("x",))
    return Features(numeric, np.zeros((len(numeric), 0), np.int32))


def evaluation_rows(
    x: Any, y: Any, sample_weight: Any, width: int | None
) -> tuple[Features, NDArray[np.uint8], NDArray[np.float32] | None]:
    """Rows, labels and weights for ``evaluate``."""
    features, target = prediction_rows(x, width), binary_labels(y, "y")
    weights = None if sample_weight is None else _weights(sample_weight, "sample_weight")
    _check_lengths("", len(features), len(target), None if weights is None else len(weights))
    return features, target, weights


def binary_labels(y: Any, name: str) -> NDArray[np.uint8]:
    """Labels as uint8 (rows,). Accepts vectors, one-column matrices and frames of 0/1 or booleans.

    >>> binary_labels([[0.0], [1.0]], "y")
    array([0, 1], dtype=uint8)
    """
    array = _array(y, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        hint = f"; of a one-hot pair of columns, pass {name}[:, 1]" if array.ndim == 2 else ""
        raise refuse("K253", f"{name} has shape {array.shape}, needs one label per row{hint}")
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    if len(array):
        zero, one = array == 0, array == 1
        other = ~(np.asarray(zero, bool) | np.asarray(one, bool))
        if other.any():
            raise _wrong_labels(array, name, int(np.count_nonzero(other)))
        return np.asarray(one, bool).astype(np.uint8)
    return np.zeros(0, np.uint8)


def _wrong_labels(array: NDArray[Any], name: str, others: int) -> Exception:
    values, counts = np.unique(array.astype(str), return_counts=True)
    if len(values) > 6:
        found = f"{len(values)} different values, among them {', '.join(values[:3])}"
    else:
        found = ", ".join(f"{value} ({count:,} rows)" for value, count in zip(values, counts, strict=True))
    advice = ""
    if len(values) == 2:
        rare = values[int(np.argmin(counts))]
        shown = repr(str(rare)) if array.dtype.kind in "OSU" else rare
        advice = f"Make the rare class 1: {name} = (np.asarray({name}) == {shown}).astype(int)"
    return refuse("K251", f"{name} must hold 0 and 1; found {found}; {others:,} rows are neither", advice)


def _array(values: Any, name: str) -> NDArray[Any]:
    if isinstance(values, dict) or (hasattr(values, "__next__") or hasattr(values, "element_spec")):
        raise refuse(
            "K253",
            f"{name} is a {type(values).__name__}; needs an array or a frame in memory",
            "Several inputs, generators and datasets are not supported: pass one array with all columns.",
        )
    if hasattr(values, "toarray"):
        raise refuse("K253", f"{name} is sparse; pass {name}.toarray()", "Dense arrays only.")
    if hasattr(values, "detach"):  # a torch tensor, which numpy reads only when it has no gradient
        values = values.detach()
    try:
        return np.asarray(values)
    except ValueError as error:
        raise refuse("K253", f"{name} cannot be read as an array: {error}") from error


def _matrix(x: Any, name: str) -> NDArray[Any]:
    array = _array(x, name)
    if array.ndim == 1 and array.dtype != object:
        array = array.reshape(-1, 1)  # one column, as Keras takes it
    if array.ndim != 2:
        raise refuse("K253", f"{name} has shape {array.shape}, needs (rows, columns)")
    if array.dtype.kind not in "biuf":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise refuse(
                "K253",
                f"{name} holds {_first_text(array, x)}, which is not a number",
                "Encode categories first (pandas.get_dummies); or use steelyard.train or "
                "SteelyardClassifier, which take columns as they are.",
            ) from None
    return array


def _first_text(array: NDArray[Any], source: Any) -> str:
    names = getattr(source, "columns", None)
    for column in range(array.shape[1]):
        for value in array[:, column]:
            try:
                float(value)
            except (TypeError, ValueError):
                place = f"column {names[column]!r}" if names is not None else f"column {column}"
                return f"{value!r} in {place}"
    return f"values of type {array.dtype}"


def _joined(matrices: Sequence[NDArray[Any]], names: Sequence[str]) -> NDArray[np.float32]:
    rows = sum(len(matrix) for matrix in matrices)
    joined = np.empty((rows, matrices[0].shape[1]), np.float32)
    start = 0
    for matrix, name in zip(matrices, names, strict=False):
        part = joined[start : start + len(matrix)]
        start += len(matrix)
        finite = True
        for first in range(0, len(matrix), _ROWS_AT_ONCE):
            with np.errstate(over="ignore"):
                part[first : first + _ROWS_AT_ONCE] = matrix[first : first + _ROWS_AT_ONCE]
            finite &= bool(np.isfinite(part[first : first + _ROWS_AT_ONCE]).all())
        if not finite:
            raise _not_finite(part, name)
    return joined


def _not_finite(part: NDArray[np.float32], name: str) -> Exception:
    missing, infinite = np.isnan(part), np.isinf(part)
    row, column = np.argwhere(missing | infinite)[0]
    found = [
        f"{int(cells.sum()):,} {what}"
        for cells, what in ((missing, "NaN"), (infinite, "infinite"))
        if cells.any()
    ]
    columns = np.flatnonzero((missing | infinite).any(axis=0))
    where = f"column {columns[0]}" if len(columns) == 1 else f"{len(columns)} columns"
    return refuse(
        "K252",
        f"{name} has {' and '.join(found)} cells in {where}, the first in row {row}, column {column}",
    )


def _weights(values: Any, name: str) -> NDArray[np.float32]:
    array = _array(values, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "biuf":
        raise refuse(
            "K253", f"{name} has shape {array.shape} and dtype {array.dtype}, needs one number per row"
        )
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        raise refuse(
            "K253",
            f"{name}: {int(bad.sum()):,} weights are negative or not finite, "
            f"the first in row {int(np.argmax(bad))}",
        )
    return array.astype(np.float32)


def _validation(data: Sequence[Any]) -> tuple[Any, Any, Any]:
    if not isinstance(data, list | tuple) or len(data) not in (2, 3):
        length = f" of {len(data)}" if isinstance(data, list | tuple) else ""
        raise refuse(
            "K253",
            f"validation_data is a {type(data).__name__}{length}; needs (x, y) or (x, y, sample_weight)",
        )
    return data[0], data[1], data[2] if len(data) == 3 else None


def _check_lengths(name: str, rows: int, labels: int, weights: int | None) -> None:
    if rows != labels:
        raise refuse("K253", f"{name}{rows:,} rows of x, but {labels:,} labels")
    if weights is not None and weights != rows:
        raise refuse("K253", f"{name}{rows:,} rows of x, but {weights:,} sample weights")


def _cut(share: float, target: NDArray[np.uint8]) -> int:
    """The first validation row (Keras: ``train_validation_split`` in array_slicing.py)."""
    if not share:
        return len(target)
    if not 0.0 < share < 1.0:
        raise refuse("K257", f"validation_split must lie between 0 and 1; found {share}", "For example 0.2.")
    cut = math.floor(len(target) * (1.0 - share))
    if cut in (0, len(target)):
        raise refuse(
            "K257", f"validation_split={share} of {len(target)} rows leaves one part empty", "Use more."
        )
    warn(
        "K103",
        f"validation_split={share} takes the last {len(target) - cut:,} of {len(target):,} rows as they lie, "
        f"before any shuffling: {target[cut:].mean():.2%} positives there, {target[:cut].mean():.2%} in the "
        "rows that train. Shuffle or stratify first and pass validation_data if the order means something.",
    )
    return cut


def _warn_of_single_classes(train: NDArray[np.uint8], validation: NDArray[np.uint8]) -> None:
    positives = int(train.sum())
    if positives in (0, len(train)):
        only = "positive" if positives else "negative"
        warn("K106", f"all {len(train):,} training rows are {only}: there is nothing to tell apart")
    if len(validation) and not validation.any():
        warn(
            "K105",
            f"none of the {len(validation):,} validation rows is positive: their precision, recall, F1 and "
            "AUC are undefined (NaN here; Keras would report 0.0). Use a stratified split.",
        )
