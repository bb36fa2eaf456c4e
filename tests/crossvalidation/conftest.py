"""A small table with numbers, a category and gaps, and recipes that train in milliseconds."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from steelyard.data import Table
from steelyard.recipe import Change, Recipe, apply
from steelyard.tables import table_from


@pytest.fixture(scope="session")
def quick() -> Recipe:
    return apply(Recipe(), Change("training.epochs", 12), Change("network.hidden_units", [8]))


@pytest.fixture(scope="session")
def table() -> Table:
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 500))
    z[::17] = np.nan
    kind = random.choice(["a", "b", "c"], 500)
    y = random.random(500) < 1 / (1 + np.exp(2.0 - 2 * x * (kind == "a") - np.nan_to_num(z)))
    return table_from(pl.DataFrame({"x": x, "z": z, "kind": kind}), y)
