"""Predicting a file into a file, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from steelyard.cli.output import OTHER_PLACE, writing
from steelyard.data import Features
from steelyard.engine import predict_probability
from steelyard.errors import DataError, OutputError
from steelyard.run import Model
from steelyard.tables import read_batches

PROBABILITY = "probability"
PREDICTED = "predicted"
SUFFIXES = (".csv", ".parquet")


def predict_file(model: Model, data: Path, out: Path) -> int:
    """Writes the predictions for the rows of ``data``, in their order; returns how many.

    Neither file is ever whole in memory. ``out`` has the columns ``probability`` (float64, of
    the positive label) and ``predicted`` (the label, as the training file spells it, whose probability
    exceeds 0.5). It appears when it is complete.

    Raises:
        OutputError: ``out`` cannot be written, has an unknown suffix or is ``data`` itself.
        DataError: ``data`` cannot be read as the table the model knows.
    """
    _check(data, out)
    rows = 0

    def batches() -> Iterator[pl.DataFrame]:
        nonlocal rows
        for features in read_batches(data, model.schema):
            rows += len(features)
            yield _predictions(model, features)

    remaining = batches()
    first = next(remaining, None)  # most errors show here, before anything is written
    if first is None:
        raise DataError(f"{data}: has no rows to predict")

    def source(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        """What polars pulls from while it writes. It wants everything, so there is nothing to heed."""
        return chain((first,), remaining)

    frame = register_io_source(source, schema=first.schema)
    with writing(out) as draft:
        try:
            if out.suffix == ".csv":
                frame.sink_csv(draft)
            else:
                frame.sink_parquet(draft)
        except pl.exceptions.PolarsError as error:
            # What goes wrong in reading has been told as a DataError, so this is the writing.
            raise OutputError(f"{out}: cannot be written: {error}", help=OTHER_PLACE) from error
    return rows


def _predictions(model: Model, features: Features) -> pl.DataFrame:
    probability = predict_probability(model, features)
    labels = pl.Series([model.schema.target.negative, model.schema.target.positive])
    predicted = labels.gather((probability > 0.5).astype(np.uint32))
    return pl.DataFrame({PROBABILITY: probability, PREDICTED: predicted})


def _check(data: Path, out: Path) -> None:
    if out.suffix not in SUFFIXES:
        found = f"ends in {out.suffix!r}" if out.suffix else "has no ending"
        raise OutputError(f"{out}: {found}; predictions are written as {' or '.join(SUFFIXES)}")
    if out.is_dir():
        raise OutputError(f"{out}: is a folder", help="name a file: --out predictions.csv")
    if out.exists() and data.exists() and out.samefile(data):
        raise OutputError(f"{out}: is the file to predict itself", help="name another file with --out")
