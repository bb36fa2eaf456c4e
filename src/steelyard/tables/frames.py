"""Frames and arrays that are in memory already, as polars columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from steelyard.errors import DataError

Source = Any
"""A pandas or polars frame or a numpy array of two dimensions. pandas is not a dependency, so its types
cannot be named here; anything else is refused with a message."""


class Columns:
    """Named columns of a frame or array, each turned into a polars series when it is asked for."""

    def __init__(self, data: Source) -> None:
        self.rows: int
        self.names: tuple[str, ...]
        self.named = True
        """False for an array: its columns are column_1, column_2, ..."""
        self.numbers_only = False
        """True for an array of numbers: they are meant as numbers, whatever they look like."""
        self._get: Callable[[int], pl.Series]
        if isinstance(data, pl.LazyFrame):
            data = data.collect()
        if isinstance(data, pl.DataFrame):
            frame = data
            self.source, self.rows, names = "DataFrame", frame.height, frame.columns
            self._get = frame.to_series
        elif _is_pandas(data) and hasattr(data, "columns"):
            self.source, self.rows, names = "DataFrame", len(data), [str(name) for name in data.columns]
            self._get = lambda i: _from_pandas(data.iloc[:, i])
        elif isinstance(data, np.ndarray) and data.ndim == 2:
            array = data
            self.source, self.rows, self.named = "array", array.shape[0], False
            names = [f"column_{i}" for i in range(1, array.shape[1] + 1)]
            self.numbers_only = array.dtype.kind in "biuf"
            self._get = lambda i: _from_numpy(array[:, i])
        else:
            shape = f" with {data.ndim} dimension(s)" if isinstance(data, np.ndarray) else ""
            raise DataError(
                f"The data are a {type(data).__module__}.{type(data).__qualname__}{shape}.",
                help="pass a pandas or polars frame, or a numpy array of two dimensions (rows, columns)",
            )
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise DataError(
                f"{self.source} has more than one column of the name {', '.join(map(repr, repeated))}.",
                help="give every column a name of its own",
            )
        self.names = tuple(names)
        if self.rows == 0:
            raise DataError(f"{self.source} has no rows.", help="a table needs rows")

    def __getitem__(self, name: str) -> pl.Series:
        return self._get(self.names.index(name)).alias(name)


def series_of(values: Any) -> pl.Series:
    """One column out of a polars or pandas series, a numpy array of one dimension or a list."""
    if isinstance(values, pl.Series):
        return values
    if _is_pandas(values) and hasattr(values, "isna"):
        return _from_pandas(values)
    array = (
        np.asarray(values) if isinstance(values, np.ndarray) else np.asarray(values, dtype=_dtype_of(values))
    )
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"The target has the shape {array.shape}.", help="pass one label per row")
    return _from_numpy(array)


def name_of(values: Any) -> str | None:
    """The name that a series carries, if it is one and has one."""
    name = getattr(values, "name", None)
    return name if isinstance(name, str) and name else None


def _dtype_of(values: Sequence[object]) -> type[object] | None:
    # numpy would turn [1, "a"] into text and None into an object by itself; only text needs care.
    return object if any(isinstance(value, str) or value is None for value in values) else None


def _is_pandas(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pandas"


def _from_numpy(array: NDArray[Any]) -> pl.Series:
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        return pl.Series(array.astype(np.float64))
    if array.dtype.kind in "biuf":
        return pl.Series(np.ascontiguousarray(array))
    if array.dtype.kind == "M":
        return pl.Series(array.astype("datetime64[us]"))
    if array.dtype.kind in "OUS":
        return _from_objects(
            array.astype(object), np.array([value is None or value != value for value in array])
        )
    raise DataError(
        f"The data hold values of the numpy type {array.dtype}.", help="pass numbers, booleans, text or dates"
    )


def _from_pandas(column: Any) -> pl.Series:
    kind = getattr(column.dtype, "kind", "O")
    if isinstance(column.dtype, np.dtype) and kind in "biufM":
        return _from_numpy(column.to_numpy())
    if kind == "M":  # with a time zone
        return _from_numpy(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    # Without pyarrow, polars takes in pandas' own types only as Python objects.
    return _from_objects(column.astype(object).to_numpy(copy=True), column.isna().to_numpy())


def _from_objects(objects: NDArray[np.object_], missing: NDArray[np.bool_]) -> pl.Series:
    values = [None if absent else value for value, absent in zip(objects.tolist(), missing, strict=True)]
    try:
        return pl.Series(values, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        # Of several types, such as numbers beside text: then all of it is text.
        return pl.Series([None if value is None else str(value) for value in values], dtype=pl.String)
