"""The nine real tables, each with a model that was trained on it for a moment, and rows to predict."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Features
from steelyard.engine import predict_probability
from steelyard.recipe import Recipe
from steelyard.recipe.decision import Decision
from steelyard.recipe.imbalance import Imbalance
from steelyard.recipe.network import MultilayerPerceptron
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.recipe.training import Training
from steelyard.run import Model
from steelyard.splitting import split_rows
from steelyard.tables import read_like, read_table
from steelyard.training import fit

ROWS = 20_000
"""As many rows of a table are read, so that the tests stay quick."""
ODD_ROWS = 500
"""As many of them come again with gaps and with levels that nobody has seen."""


@dataclass(frozen=True)
class RealTable:
    """Where a table lies, what to learn and what to leave out; how its text is laid out."""

    path: str
    target: str
    drop: tuple[str, ...] = ()
    separator: str = ","
    header: bool = True
    one_hot_levels: int = 2000


TABLES = (
    RealTable("adult/adult-train.csv", "column_15", ("column_3",), header=False),
    # The largest columns get embeddings.
    RealTable("amazon_access/train.csv", "ACTION", one_hot_levels=200),
    RealTable("bank_marketing/bank-additional-full.csv", "y", ("duration",), separator=";"),
    RealTable("brfss_heart/heart_2020_cleaned.csv.gz", "HeartDisease"),
    RealTable("coil2000/ticdata2000.txt", "column_86", separator="\t", header=False),
    RealTable("credit_default/UCI_Credit_Card.csv", "Y", ("ID",)),
    RealTable("mammography/mammography.csv", "column_7", header=False),
    RealTable("online_shoppers/online_shoppers_intention.csv", "Revenue", separator=";"),
    RealTable("satellite/Satellite.csv", "Target"),
)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A model and rows to predict: ``raw`` as the table has them, ``plain`` as a CSV file with a header.

    ``probability`` is what Steelyard says of them.
    """

    model: Model
    raw: Path
    plain: Path
    features: Features
    probability: NDArray[np.float64]


def prepare(table: RealTable, data: Path, folder: Path) -> Prepared:
    """Trains two small networks for two epochs, which is enough to make columns of all kinds count, with
    weights that are undone and a calibrator."""
    names, rows = _rows(table, data / table.path)
    name = Path(table.path).name
    _write(folder / name, table, names, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns left out and of codes: not what is tested here
        known = read_table(folder / name, target=table.target, drop=table.drop)
    recipe = Recipe(
        preprocessing=Preprocessing(one_hot_levels=table.one_hot_levels),
        network=MultilayerPerceptron(hidden_units=(16, 8)),
        training=Training(epochs=2, batch_size=64),
        imbalance=Imbalance(class_weight="balanced"),
        decision=Decision(calibration="logistic"),
    )
    model = fit(known, recipe, split_rows(known, by="random", seed=0), seeds=2).model
    raw = folder / f"new-{name}"
    predicted = rows + _odd(rows[:ODD_ROWS], names, model)
    _write(raw, table, names, predicted)
    plain = folder / "new.csv"
    _write(plain, RealTable("", ""), names, predicted)
    features = read_like(raw, model.schema, target=False)
    return Prepared(model, raw, plain, features, predict_probability(model, features))


def _rows(table: RealTable, path: Path) -> tuple[list[str], list[list[str]]]:
    opened = gzip.open if path.suffix == ".gz" else Path.open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
        rows = [row for row in itertools.islice(csv.reader(text, delimiter=table.separator), ROWS) if row]
    if table.header:
        return rows[0], rows[1:]
    return [f"column_{i + 1}" for i in range(len(rows[0]))], rows


def _odd(rows: list[list[str]], names: list[str], model: Model) -> list[list[str]]:
    """One field in ten becomes a gap, one category in ten a level that the model does not know."""
    random = np.random.default_rng(0)
    inputs = {column.name for column in (*model.schema.numeric, *model.schema.categories)}
    categories = {column.name for column in model.schema.categories}
    changed = []
    for row in rows:
        fields = list(row)
        for place, name in enumerate(names):
            draw = random.random()
            if name in inputs and draw < 0.1:
                fields[place] = ""
            elif name in categories and draw < 0.2:
                fields[place] = "never seen"
        changed.append(fields)
    return changed


def _write(path: Path, table: RealTable, names: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=table.separator, lineterminator="\n")
    if table.header:
        lines.writerow(names)
    lines.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
