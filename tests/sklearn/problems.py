"""What the tests of the estimator train on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import make_classification

from steelyard import SteelyardClassifier


def rare(rows: int = 800, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Ten numbers; one row in six is of class 1."""
    X, y = make_classification(
        rows,
        10,
        n_informative=4,
        n_redundant=0,
        weights=[5 / 6],
        flip_y=0.02,
        class_sep=1.2,
        random_state=seed,
    )
    return X, y


def customers(rows: int = 600, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """A frame with a column of every kind, gaps in it, and a target that hangs on a category."""
    random = np.random.default_rng(seed)
    income = random.lognormal(10, 1, rows)
    city = random.choice(["Bern", "Oslo", "Rome"], rows).astype(object)
    bought = np.where(city == "Oslo", random.random(rows) < 0.8, random.random(rows) < 0.1)
    city[::17] = None
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 80, rows),
            "income": np.where(random.random(rows) < 0.1, np.nan, income),
            "city": city,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 500, rows), unit="D"),
            "news": random.random(rows) < 0.4,
            "size": pd.Categorical(random.choice(list("SML"), rows)),
        }
    )
    return frame, pd.Series(np.where(bought, "yes", "no"), name="bought")


def quick(**parameters: object) -> SteelyardClassifier:
    """Trains in a few hundredths of a second, with a fixed seed, unless asked otherwise."""
    small: dict[str, object] = {
        "hidden_units": (16,),
        "learning_rate": 0.02,
        "batch_size": 16,
        "epochs": 15,
        "random_state": 0,
    }
    return SteelyardClassifier().set_params(**{**small, **parameters})
