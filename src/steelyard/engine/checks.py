"""What the engine must be able to rely on; the extension itself checks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import Encoding
from steelyard.data.table import Features
from steelyard.engine.job import Job
from steelyard.engine.lowering import METRICS
from steelyard.errors import DataError, SteelyardError
from steelyard.recipe.network import Network
from steelyard.run import Progress, Weights, weight_shapes

_ROWS_AT_ONCE = 65_536  # so that a check needs no second matrix


def check_features(features: Features) -> None:
    """Two C-contiguous matrices of the right dtype with the same number of rows, no infinity."""
    numeric, codes = features.numeric, features.codes
    problems = []
    for name, array, dtype in (("numeric", numeric, np.float32), ("codes", codes, np.int32)):
        if array.ndim != 2 or array.dtype != dtype or not array.flags.c_contiguous:
            layout = "C-contiguous" if array.flags.c_contiguous else "not C-contiguous"
            problems.append(
                f"features.{name}: needs a C-contiguous {np.dtype(dtype).name} matrix; "
                f"found {array.dtype} with shape {array.shape}, {layout}"
            )
    if not problems and len(numeric) != len(codes):
        problems.append(f"features: numeric has {len(numeric)} rows, codes {len(codes)}")
    if len(numeric) >= 2**31:
        problems.append(f"features: has {len(numeric):,} rows; the engine counts up to {2**31 - 1:,}")
    if problems:
        raise DataError(*problems)
    for first in range(0, len(numeric), _ROWS_AT_ONCE):
        infinite = np.isinf(numeric[first : first + _ROWS_AT_ONCE])
        if infinite.any():
            row, column = np.argwhere(infinite)[0]
            raise DataError(
                f"features.numeric: infinite in row {first + row}, column {column}; "
                "NaN stands for a missing value"
            )


def check_target(target: NDArray[np.uint8], rows: int) -> None:
    """A uint8 vector of zeros and ones."""
    if target.ndim != 1 or target.dtype != np.uint8 or len(target) != rows:
        raise DataError(
            f"target: needs uint8 of shape ({rows},); found {target.dtype} of shape {target.shape}"
        )
    if len(target) and int(target.max()) > 1:
        raise DataError(f"target: needs 0 and 1 only; found {int(target.max())}")


def check_row_weights(weights: NDArray[np.float32], rows: int) -> None:
    """Finite float32 weights, none negative."""
    if weights.ndim != 1 or weights.dtype != np.float32 or len(weights) != rows:
        raise DataError(
            f"row_weights: needs float32 of shape ({rows},); found {weights.dtype} of shape {weights.shape}"
        )
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        first = int(np.argmax(bad))
        raise DataError(f"row_weights: {int(bad.sum())} are negative or not finite, the first in row {first}")


def check_rows(name: str, rows: NDArray[np.int64], limit: int) -> None:
    """Row numbers that exist."""
    if rows.ndim != 1 or rows.dtype != np.int64:
        raise DataError(f"{name}: needs an int64 vector; found {rows.dtype} of shape {rows.shape}")
    if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= limit):
        raise DataError(
            f"{name}: row numbers must lie in 0..{limit - 1}; found {int(rows.min())}..{int(rows.max())}"
        )


def check_encoding(encoding: Encoding, features: Features) -> None:
    """An encoding made for these columns."""
    columns, categories = features.numeric.shape[1], features.codes.shape[1]
    problems = []
    for name in ("shift", "scale", "fill", "inverse_clip"):
        values = getattr(encoding, name)
        if values.shape != (columns,) or values.dtype != np.float32 or not np.isfinite(values).all():
            problems.append(
                f"encoding.{name}: needs {columns} finite float32 values, one per numeric column; "
                f"found {values.dtype} of shape {values.shape}"
            )
    outside = (encoding.indicators < 0) | (encoding.indicators >= columns)
    if outside.any():
        problems.append(
            f"encoding.indicators: names column {int(encoding.indicators[outside][0])} of {columns}"
        )
    if len(encoding.categories) != categories:
        problems.append(f"encoding.categories: needs {categories}; found {len(encoding.categories)}")
    for position, category in enumerate(encoding.categories):
        slots = category.slots
        if not len(slots) or int(slots.max()) >= category.size or int(slots.min()) < -1:
            problems.append(f"encoding.categories[{position}]: its slots must lie in -1..{category.size - 1}")
    if encoding.inputs == 0:
        problems.append("encoding: leaves no input for the network")
    if problems:
        raise DataError(*problems)
    for position, category in enumerate(encoding.categories if len(features) else ()):
        codes = features.codes[:, position]
        if int(codes.min()) < 0 or int(codes.max()) >= len(category.slots):
            raise DataError(
                f"features.codes: column {position} must lie in 0..{len(category.slots) - 1}; "
                f"found {int(codes.min())}..{int(codes.max())}"
            )


def check_jobs(jobs: Sequence[Job], features: Features, row_weights: NDArray[np.float32] | None) -> None:
    """Jobs that fit the data."""
    for number, job in enumerate(jobs):
        check_encoding(job.encoding, features)
        check_rows(f"jobs[{number}].split.train", job.split.train, len(features))
        check_rows(f"jobs[{number}].split.validation", job.split.validation, len(features))
        if len(job.split.train) == 0:
            raise DataError(f"jobs[{number}].split.train: holds no rows")
        learned = job.split.train
        if job.resampled is not None:
            learned = job.resampled
            check_rows(f"jobs[{number}].resampled", learned, len(features))
            if len(learned) == 0:
                raise DataError(f"jobs[{number}].resampled: holds no rows")
        if row_weights is not None and not row_weights[learned].any():
            raise DataError(f"jobs[{number}]: every training row has weight zero")
        if not 0 <= job.seed < 2**64:
            raise SteelyardError(f"jobs[{number}].seed: must lie in 0..2^64-1; found {job.seed}")
        if job.initial_weights is not None:
            check_weights(job.initial_weights, job.recipe.network, job.encoding)
        unknown = [name for name in job.running_metrics if name not in METRICS]
        if unknown:
            raise SteelyardError(
                f"jobs[{number}].running_metrics: {unknown[0]!r} is not among {', '.join(METRICS)}"
            )
        if job.progress is not None:
            check_progress(f"jobs[{number}].progress", job.progress, job)


def check_progress(name: str, progress: Progress, job: Job) -> None:
    """Slots with a finite tensor for every trainable weight."""
    if progress.epochs < 0 or progress.steps < 0:
        raise SteelyardError(f"{name}: counts {progress.epochs} epochs and {progress.steps} steps")
    expected = {
        tensor: shape
        for tensor, shape in weight_shapes(job.recipe.network, job.encoding).items()
        if not tensor.endswith(("/moving_mean", "/moving_variance"))
    }
    for position, slot in enumerate(progress.slots):
        if {tensor: np.shape(values) for tensor, values in slot.items()} != expected:
            raise SteelyardError(f"{name}.slots[{position}]: belongs to another network")
        if not all(np.isfinite(values).all() for values in slot.values()):
            raise SteelyardError(f"{name}.slots[{position}]: is not finite")


def check_weights(weights: Weights, network: Network, encoding: Encoding) -> None:
    """Every tensor of the network, in its shape, and no other."""
    expected = weight_shapes(network, encoding)
    found: Mapping[str, tuple[int, ...]] = {name: np.shape(tensor) for name, tensor in weights.items()}
    problems = [f"weights: {name} is missing" for name in expected if name not in found]
    problems += [
        f"weights: {name} belongs to no layer of the network" for name in found if name not in expected
    ]
    problems += [
        f"weights: {name} has shape {found[name]}, needs {shape}"
        for name, shape in expected.items()
        if name in found and found[name] != shape
    ]
    problems += [
        f"weights: {name} is not finite" for name, tensor in weights.items() if not np.isfinite(tensor).all()
    ]
    if problems:
        raise DataError(*problems)
