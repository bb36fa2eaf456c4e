"""A table, a recipe and a space of which a trial takes a few milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from steelyard.data import Table
from steelyard.recipe import Change, Recipe, apply
from steelyard.study import Choice, Plan, Point, Space
from steelyard.tables import table_from

RATE = "optimizer.learning_rate"


def small_table(rows: int = 700, *, weights: bool = False) -> Table:
    """Four numbers, one positive in five; groups of 7 rows, and a time."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 4))
    logit = 1.5 * x[:, 0] + x[:, 1] * x[:, 2] - 2.0
    y = random.random(rows) < 1.0 / (1.0 + np.exp(-logit))
    frame = pl.DataFrame(x, schema=list("abcd")).with_columns(
        pl.Series("group", np.arange(rows) // 7),
        pl.Series("day", np.arange(rows)),
    )
    drawn = random.uniform(0.5, 2.0, rows) if weights else None
    return table_from(frame, y, group="group", time="day", weights=drawn)


def small_recipe(*changes: Change) -> Recipe:
    """Six epochs of six units."""
    return apply(
        Recipe(),
        Change("network.hidden_units", [6]),
        Change("training.epochs", 6),
        Change("training.batch_size", 64),
        Change("training.patience", None),
        *changes,
    )


def a_plan(table: Table, recipe: Recipe, **arguments: Any) -> Plan:
    """Over learning rates, for one fold and seed unless something else is said."""
    settings: dict[str, Any] = {
        "space": Space(parameters=(Choice(path=RATE, values=(0.001, 0.01, 0.1)),)),
        "sampler": "grid",
        "folds": 1,
        "seeds": 1,
        "batch": 9,
    }
    return Plan(recipe=recipe, fingerprint=table.fingerprint, **(settings | arguments))


def rates(*values: float) -> list[Point]:
    """Points of these learning rates."""
    return [{RATE: value} for value in values]
