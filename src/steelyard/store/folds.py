"""A cross-validation as files: its document, a line per fold, a prediction per row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.crossvalidation.values import fold_values
from steelyard.store.environment import Provenance, environment

if TYPE_CHECKING:
    from steelyard.crossvalidation import CrossValidation

RESULTS = "results.json"
FOLDS = "folds.csv"
PREDICTIONS = "out-of-fold.parquet"


def cross_validation_files(
    result: CrossValidation, document: Mapping[str, Any], metrics: Sequence[str], provenance: Provenance
) -> Iterator[tuple[str, bytes]]:
    """Names and contents, for :meth:`~steelyard.store.writer.RunWriter.write`.

    ``document`` must be plain JSON; what is known of the environment is added to it.
    """
    yield FOLDS, folds_to_csv(result, metrics).encode()
    yield PREDICTIONS, out_of_fold_to_parquet(result)
    around = environment(provenance, source=result.source, fingerprint=result.fingerprint)
    text = json.dumps({**document, "environment": around}, indent=2, ensure_ascii=False, allow_nan=False)
    yield RESULTS, (text + "\n").encode()


def folds_to_csv(result: CrossValidation, metrics: Sequence[str]) -> str:
    """One line per recipe or yardstick and fold that was finished; an undefined metric is empty."""
    values = {name: fold_values(result, name) for name in metrics}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["recipe", "repeat", "fold", "rows", "threshold", "best_epochs", "statuses", *metrics])
    for who, found in {**result.results, **result.yardsticks}.items():
        for number, held_out in enumerate(found):
            if held_out is None:
                continue
            scores = (float(values[name][who][number]) for name in metrics)
            writer.writerow(
                [
                    who,
                    held_out.fold.repeat,
                    held_out.fold.number,
                    len(held_out.probability),
                    repr(held_out.readout.threshold),
                    " ".join(str(network.best_epoch) for network in held_out.networks),
                    " ".join(network.status.value for network in held_out.networks),
                    *("" if np.isnan(score) else repr(score) for score in scores),
                ]
            )
    return file.getvalue()


def out_of_fold_to_parquet(result: CrossValidation) -> bytes:
    """Columns ``recipe``, ``repeat``, ``fold``, ``row`` (in the table, from 0), ``target``, ``probability``,
    ``raw`` (before anything was undone) and ``predicted`` (1 above the fold's threshold)."""
    import polars as pl

    schema = pl.Schema(
        {
            "recipe": pl.Categorical(),
            "repeat": pl.Int32(),
            "fold": pl.Int32(),
            "row": pl.Int64(),
            "target": pl.UInt8(),
            "probability": pl.Float64(),
            "raw": pl.Float64(),
            "predicted": pl.UInt8(),
        }
    )
    frames = [pl.DataFrame(schema=schema)]
    for who, found in {**result.results, **result.yardsticks}.items():
        for held_out in found:
            if held_out is None:
                continue
            rows = held_out.fold.split.test
            frame = pl.DataFrame(
                {
                    "row": rows,
                    "target": result.target[rows],
                    "probability": held_out.probability,
                    "raw": held_out.raw,
                    "predicted": held_out.probability > held_out.readout.threshold,
                }
            ).with_columns(
                recipe=pl.lit(who), repeat=pl.lit(held_out.fold.repeat), fold=pl.lit(held_out.fold.number)
            )
            frames.append(frame.select(schema.names()).cast(schema))
    file = io.BytesIO()
    pl.concat(frames).write_parquet(file)
    return file.getvalue()
