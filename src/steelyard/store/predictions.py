"""Predictions of validation and test rows as Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Split

if TYPE_CHECKING:
    import polars


def predictions_to_parquet(
    split: Split,
    targets: Mapping[str, NDArray[np.uint8]],
    probabilities: Mapping[str, NDArray[np.float64]],
    weights: Mapping[str, NDArray[np.float32]] | None = None,
) -> bytes:
    """Columns ``row`` (in the table, from 0), ``split``, ``target`` (1 is positive), ``probability`` and,
    if rows have weights, ``weight``."""
    import polars as pl

    columns = {"target": (targets, pl.UInt8), "probability": (probabilities, pl.Float64)}
    if weights is not None:
        columns["weight"] = (weights, pl.Float32)
    frames = [
        pl.DataFrame(
            {"row": rows} | {name: values.get(part, []) for name, (values, _) in columns.items()},
            schema={"row": pl.Int64} | {name: kind for name, (_, kind) in columns.items()},
        ).select("row", pl.lit(part).alias("split"), *columns)
        for part, rows in (("validation", split.validation), ("test", split.test))
    ]
    file = io.BytesIO()
    pl.concat(frames).write_parquet(file)
    return file.getvalue()


def predictions_from_parquet(content: bytes) -> polars.DataFrame:
    """The frame that was written; ValueError if the bytes are no Parquet file."""
    import polars as pl

    try:
        return pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error
