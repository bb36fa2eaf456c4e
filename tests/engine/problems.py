"""Small random tables, encodings and jobs for the engine's tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data import CategoryEncoding, Encoding, Features, Split, identity
from steelyard.engine import Job
from steelyard.recipe import Recipe, recipe_from_dict


@dataclass(frozen=True)
class Problem:
    """A table, how its rows enter the network and which of them train."""

    features: Features
    target: NDArray[np.uint8]
    encoding: Encoding
    split: Split

    def job(self, recipe: Recipe, seed: int = 0) -> Job:
        return Job(recipe=recipe, split=self.split, encoding=self.encoding, seed=seed)


def rows(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


def split_at(rows_in_all: int, train: int, validation: int | None = None, seed: int = 5) -> Split:
    """The first of a random order train, the next validate (all of the rest unless told), none test."""
    order = np.random.default_rng(seed).permutation(rows_in_all)
    end = rows_in_all if validation is None else train + validation
    return Split(
        train=np.sort(order[:train]),
        validation=np.sort(order[train:end]),
        test=np.zeros(0, np.int64),
        method="random, for a test",
    )


def numeric_problem(
    columns: int = 5, train: int = 200, validation: int = 80, *, rate: float = 0.25, seed: int = 1
) -> Problem:
    """Numbers alone; the label depends on them, not linearly; a share ``rate`` of rows is positive."""
    rng = np.random.default_rng(seed)
    n = train + validation
    x = rng.normal(size=(n, columns)).astype(np.float32)
    signal = 1.5 * x[:, 0] + np.sin(2.0 * x[:, 1 % columns]) + 0.5 * rng.normal(size=n)
    target = (signal > np.quantile(signal, 1.0 - rate)).astype(np.uint8)
    features = Features(numeric=x, codes=np.zeros((n, 0), np.int32))
    return Problem(features, target, identity(columns), split_at(n, train, validation))


def mixed_problem(train: int = 150, validation: int = 60, *, unseen: bool = True, seed: int = 2) -> Problem:
    """Everything an encoding can say: missing numbers, indicators, smooth clipping, one-hot and
    embedded categories, and (if ``unseen``) codes without a slot."""
    rng = np.random.default_rng(seed)
    n = train + validation
    x = (rng.normal(size=(n, 4)) * [1.0, 10.0, 0.1, 2.0] + [0.0, 50.0, 0.0, -1.0]).astype(np.float32)
    x[rng.random((n, 4)) < [0.0, 0.2, 0.1, 0.0]] = np.nan
    codes = np.column_stack([rng.integers(0, 6, n), rng.integers(0, 9, n), rng.integers(0, 4, n)]).astype(
        np.int32
    )
    nowhere = -1 if unseen else 0
    encoding = Encoding(
        shift=np.array([0.1, 50.0, 0.0, -1.0], np.float32),
        scale=np.array([1.0, 0.1, 8.0, 0.5], np.float32),
        fill=np.array([0.0, 0.3, -0.2, 0.0], np.float32),
        inverse_clip=np.array([0.0, 1 / 3, 1 / 2, 1 / 3], np.float32),
        indicators=np.array([1, 2], np.int32),
        categories=(
            CategoryEncoding(np.array([nowhere, 0, 1, 2, 3, 1], np.int32), 4, 0, tuple("abcd")),
            CategoryEncoding(np.array([nowhere, 0, 1, 2, 3, 4, 5, 6, 0], np.int32), 7, 3, tuple("abcdefg")),
            CategoryEncoding(np.array([nowhere, 0, 1, 2], np.int32), 3, 0, tuple("abc")),
        ),
    )
    signal = np.nan_to_num(x[:, 0]) + (codes[:, 0] == 2) - (codes[:, 1] > 5) + 0.5 * rng.normal(size=n)
    target = (signal > np.quantile(signal, 0.7)).astype(np.uint8)
    return Problem(Features(x, codes), target, encoding, split_at(n, train, validation))


def category_problem(
    train: int = 120, validation: int = 50, *, embedding_dim: int = 2, seed: int = 3
) -> Problem:
    """No numeric column at all; the second category is embedded unless ``embedding_dim`` is 0."""
    rng = np.random.default_rng(seed)
    n = train + validation
    codes = np.column_stack([rng.integers(0, 5, n), rng.integers(0, 8, n)]).astype(np.int32)
    nothing = identity(0)
    encoding = Encoding(
        shift=nothing.shift,
        scale=nothing.scale,
        fill=nothing.fill,
        inverse_clip=nothing.inverse_clip,
        indicators=nothing.indicators,
        categories=(
            CategoryEncoding(np.array([-1, 0, 1, 2, 3], np.int32), 4, 0, tuple("abcd")),
            CategoryEncoding(
                np.array([-1, 0, 1, 2, 3, 4, 5, 6], np.int32), 7, embedding_dim, tuple("abcdefg")
            ),
        ),
    )
    target = ((codes[:, 0] + codes[:, 1] + rng.normal(size=n)) > 6.5).astype(np.uint8)
    return Problem(
        Features(np.zeros((n, 0), np.float32), codes), target, encoding, split_at(n, train, validation)
    )


PLAIN_TRAINING = {"epochs": 5, "batch_size": 32, "patience": None, "restore_best_weights": False}
"""All epochs, the last weights: what can be followed step by step."""


def recipe(**parts: object) -> Recipe:
    """A recipe from plain values, by default plain SGD on a small tanh network without dropout."""
    plain: dict[str, object] = {
        "network": {"layers": [hidden(6, "tanh"), LOGIT]},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "training": PLAIN_TRAINING,
    }
    return recipe_from_dict(plain | parts)


def hidden(units: int, activation: str = "relu", **options: object) -> dict[str, object]:
    return {"layer": "dense", "units": units, "activation": activation, **options}


LOGIT: dict[str, object] = {"layer": "dense", "units": 1}
NORMALIZATION: dict[str, object] = {"layer": "batch_normalization"}


def activation(name: str, **options: object) -> dict[str, object]:
    return {"layer": "activation", "activation": name, **options}


def dropout(rate: float) -> dict[str, object]:
    return {"layer": "dropout", "rate": rate}


def stack(*layers: dict[str, object], **options: object) -> dict[str, object]:
    return {"layers": list(layers), **options}
