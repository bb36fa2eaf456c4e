"""Predictions of validation and test rows as Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    networks: Mapping[int, NDArray[np.float64]] | None = None,
) -> bytes:
    """Columns ``row`` (in the table, from 0), ``split``, ``target`` (1 is positive), ``probability`` and,
    if rows have weights, ``weight``.

    ``networks`` are by their seed what each alone said of the validation rows before calibration; they become
    columns ``network_0``, ``network_1``, ..., null in other rows.
    """
    import polars as pl

    columns: dict[str, tuple[Mapping[str, NDArray[Any]], type[polars.DataType]]] = {
        "target": (targets, pl.UInt8),
        "probability": (probabilities, pl.Float64),
    }
    if weights is not None:
        columns["weight"] = (weights, pl.Float32)
    for seed, alone in (networks or {}).items():
        columns[f"network_{seed}"] = ({"validation": alone}, pl.Float64)
    frames = [
        pl.DataFrame(
            {"row": rows} | {name: _of(values, part, len(rows)) for name, (values, _) in columns.items()},
            schema={"row": pl.Int64} | {name: kind for name, (_, kind) in columns.items()},
        ).select("row", pl.lit(part).alias("split"), *columns)
        for part, rows in (("validation", split.validation), ("test", split.test))
    ]
    file = io.BytesIO()
    pl.concat(frames).write_parquet(file)
    return file.getvalue()


def _of(values: Mapping[str, NDArray[Any]], part: str, rows: int) -> Any:
    return values[part] if part in values else [None] * rows


def predictions_from_parquet(content: bytes) -> polars.DataFrame:
    """The frame that was written; ValueError if the bytes are no Parquet file."""
    import polars as pl

    try:
        return pl.read_parquet(io.BytesIO(content))
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error
