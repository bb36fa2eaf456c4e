"""``--predictions FILE``: labels and probabilities of rows, from a table of two columns or more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from steelyard.errors import DataError
from steelyard.log import Predictions

LABELS = ("target", "label", "y_true", "y", "actual")
PROBABILITIES = ("probability", "y_prob", "y_pred", "y_score", "score", "prediction", "predicted")
HELP = (
    "write a CSV or Parquet file with the columns target (0 or 1) and probability (0 to 1), a row for each "
    "row that was predicted"
)


def read_predictions(path: Path, option: str) -> Predictions:
    """What a network said of some rows.

    The columns are found by their names (``target`` and ``probability``, or those that people use for them);
    :class:`~steelyard.errors.DataError` if they are not there, or hold anything but labels 0 and 1 and
    numbers from 0 to 1. ``option`` is named in it.
    """
    frame = _read(path, option)
    target = _column(frame, LABELS, path, option)
    probability = _column(frame, PROBABILITIES, path, option)
    if not np.isin(target, (0.0, 1.0)).all():
        odd = target[~np.isin(target, (0.0, 1.0))][0]
        raise DataError(f"{option}: the labels in {path} are to be 0 and 1; there is {odd:g}", help=HELP)
    if not ((probability >= 0.0) & (probability <= 1.0)).all():
        odd = probability[~((probability >= 0.0) & (probability <= 1.0))][0]
        raise DataError(f"{option}: a probability lies from 0 to 1; in {path} there is {odd:g}", help=HELP)
    if not len(target):
        raise DataError(f"{option}: {path} holds no rows", help=HELP)
    return Predictions(target.astype(np.uint8), probability)


def _read(path: Path, option: str) -> pl.DataFrame:
    try:
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        return pl.read_parquet(path) if parquet else pl.read_csv(path, infer_schema_length=None)
    except OSError as error:
        raise DataError(f"{option}: {path} cannot be read: {error.strerror or error}") from error
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{option}: {path} is no table: {error}", help=HELP) from error


def _column(
    frame: pl.DataFrame, names: tuple[str, ...], path: Path, option: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    name = next((name for name in names if name in frame.columns), None)
    if name is None:
        raise DataError(
            f"{option}: {path} has no column {names[0]!r} (nor {', '.join(names[1:])}); there are: "
            f"{', '.join(frame.columns[:20])}",
            help=HELP,
        )
    try:
        values = frame[name].cast(pl.Float64).to_numpy()
    except pl.exceptions.PolarsError:
        raise DataError(f"{option}: column {name!r} of {path} holds more than numbers", help=HELP) from None
    return np.asarray(values, np.float64)
