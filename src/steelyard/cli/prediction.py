"""Predicting a file into a file, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from steelyard.cli.output import OTHER_PLACE, writing
from steelyard.data import Features
from steelyard.engine import predict_probability
from steelyard.errors import DataError, OutputError
from steelyard.prior import restate
from steelyard.readout import AS_TRAINED
from steelyard.run import Model, Readout
from steelyard.store import read_predictions
from steelyard.tables import read_batches
from steelyard.thresholds import Fixed, Objective, choose_threshold, parse_objective

PROBABILITY = "probability"
PREDICTED = "predicted"
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True)
class Labelling:
    """How probabilities are told and turned into labels.

    ``raw`` takes the networks' mean sigmoid as it is. ``prior`` restates probabilities for a population with
    that share of positives. A row is labelled positive if what is told exceeds ``threshold``; ``purpose``
    says why there ("chosen for f1").
    """

    threshold: float
    purpose: str
    raw: bool = False
    prior: float | None = None


@dataclass(frozen=True)
class Predicted:
    """How many rows were predicted, and how many of them positive."""

    rows: int
    positive: int


def labelling_of(
    run: Path, model: Model, *, threshold: str | None = None, raw: bool = False, prior: float | None = None
) -> Labelling:
    """What the options ask for.

    ``threshold`` is a number, which is taken as it is, or an objective, for which a threshold is chosen on
    the validation rows of the run. Without one it is the model's (0.5 for raw output). At another ``prior``
    the same objective leads to another threshold, so it is chosen anew, on the same rows weighted to that
    share of positives; a threshold that no rows chose stays.

    Raises:
        RecipeError: ``threshold`` is no objective.
        DataError: The options exclude one another, or the model does not know its base rate.
    """
    readout = model.readout
    asked = None if threshold is None else parse_objective(threshold)
    if raw and prior is not None:
        raise DataError(
            "--raw and --prior exclude one another: raw output is for no known share of positives"
        )
    if prior is not None and not 0.0 < readout.base_rate < 1.0:
        raise DataError(
            f"--prior: the run does not tell for which share of positives its probabilities are ({run})",
            help="train again with imbalance.correct_prior on and, for SMOTE, focal loss or label smoothing, "
            "with decision.calibration=auto and validation rows",
        )
    if isinstance(asked, Fixed):
        return Labelling(asked.threshold, "as given", raw, prior)
    if raw:
        if asked is not None:
            raise DataError(
                f"--threshold {threshold}: with --raw it must be a number; the run keeps no raw output to "
                "choose one on"
            )
        return Labelling(0.5, "where the networks are undecided", raw)
    if asked is None:
        kept = None if readout.objective == AS_TRAINED else parse_objective(readout.objective)
        if prior is None or kept is None or isinstance(kept, Fixed):
            return Labelling(readout.threshold, _purpose(readout), prior=prior)
        asked = kept
    return Labelling(_chosen(run, model, asked, prior), f"chosen for {asked}", prior=prior)


def _purpose(readout: Readout) -> str:
    if readout.objective == AS_TRAINED:
        return "as the training implies"
    objective = parse_objective(readout.objective)
    return "as asked in training" if isinstance(objective, Fixed) else f"chosen for {objective}"


def _chosen(run: Path, model: Model, objective: Objective, prior: float | None) -> float:
    """The best threshold on the validation rows of the run, as they are or at another share of positives."""
    rows = read_predictions(run).filter(pl.col("split") == "validation")
    if not rows.height:
        raise DataError(f"{run}: has no validation rows to choose a threshold on", help="--threshold NUMBER")
    target, probability = rows["target"].to_numpy(), rows["probability"].to_numpy()
    weights = rows["weight"].to_numpy() if "weight" in rows.columns else np.ones(len(target))
    if prior is None:
        return choose_threshold(target, probability, objective, weights).threshold
    share = float(np.average(target, weights=weights))
    if not 0.0 < share < 1.0:
        raise DataError(
            f"{run}: the validation rows hold one class only, so none can be chosen for another share of it",
            help="--threshold NUMBER",
        )
    weights = weights * np.where(target == 1, prior / share, (1.0 - prior) / (1.0 - share))
    restated = restate(probability, from_rate=model.readout.base_rate, to_rate=prior)
    return choose_threshold(target, restated, objective, weights).threshold


def predict_file(model: Model, data: Path, out: Path, labelling: Labelling | None = None) -> Predicted:
    """Writes the predictions for the rows of ``data``, in their order.

    Neither file is ever whole in memory. ``out`` has the columns ``probability`` (float64, of
    the positive label) and ``predicted`` (the label, as the training file spells it). ``labelling`` is by
    default the model's own. The file appears when it is complete.

    Raises:
        OutputError: ``out`` cannot be written, has an unknown suffix or is ``data`` itself.
        DataError: ``data`` cannot be read as the table the model knows.
    """
    _check(data, out)
    how = labelling or Labelling(model.readout.threshold, _purpose(model.readout))
    rows = positive = 0

    def batches() -> Iterator[pl.DataFrame]:
        nonlocal rows, positive
        for features in read_batches(data, model.schema):
            frame, above = _predictions(model, features, how)
            rows += len(features)
            positive += above
            yield frame

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
    return Predicted(rows, positive)


def _predictions(model: Model, features: Features, how: Labelling) -> tuple[pl.DataFrame, int]:
    """The frame, and how many of its rows are labelled positive."""
    probability = predict_probability(model, features, raw=how.raw)
    if how.prior is not None:
        probability = restate(probability, from_rate=model.readout.base_rate, to_rate=how.prior)
    labels = pl.Series([model.schema.target.negative, model.schema.target.positive])
    above = probability > how.threshold
    return pl.DataFrame({PROBABILITY: probability, PREDICTED: labels.gather(above.astype(np.uint32))}), int(
        above.sum()
    )


def _check(data: Path, out: Path) -> None:
    if out.suffix not in SUFFIXES:
        found = f"ends in {out.suffix!r}" if out.suffix else "has no ending"
        raise OutputError(f"{out}: {found}; predictions are written as {' or '.join(SUFFIXES)}")
    if out.is_dir():
        raise OutputError(f"{out}: is a folder", help="name a file: --out predictions.csv")
    if out.exists() and data.exists() and out.samefile(data):
        raise OutputError(f"{out}: is the file to predict itself", help="name another file with --out")
