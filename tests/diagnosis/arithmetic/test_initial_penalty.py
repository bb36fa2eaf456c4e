"""The penalty of an untrained network, against networks that were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.data import Split, identity
from steelyard.diagnosis.arithmetic import initial_penalty, kernel_penalty
from steelyard.engine import Job, initial_weights
from steelyard.log import LayerFact
from steelyard.recipe import recipe_from_dict

DRAWN = (
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "random_normal",
    "random_uniform",
)


def dense(inputs: int, units: int, l2: float = 0.01) -> LayerFact:
    return LayerFact(
        "dense", units=units, inputs=inputs, l2=l2, kernel_initializer="glorot_normal", activation="relu"
    )


def test_that_of_the_notebook() -> None:
    """125 inputs, layers of 80, 40 and 10 units, glorot_normal, l2(0.01)."""
    layers = [dense(125, 80), dense(80, 40), dense(40, 10), dense(10, 1, l2=0.0)]
    found = initial_penalty(layers)
    assert found is not None
    assert found[0] == pytest.approx(0.01 * (10000 * 2 / 205 + 3200 * 2 / 120 + 400 * 2 / 50))
    assert found[0] == pytest.approx(1.67, abs=5e-3)
    assert found[1] < 0.03


@pytest.mark.parametrize("initializer", DRAWN)
def test_mean_and_spread_are_those_of_kernels_drawn(initializer: str) -> None:
    penalties = []
    for seed in range(400):
        kernel = drawn(initializer, 20, 10, seed).astype(np.float64)
        penalties.append(0.003 * np.abs(kernel).sum() + 0.01 * (kernel**2).sum())
    found = kernel_penalty(20, 10, initializer, l1=0.003, l2=0.01)
    assert found is not None
    mean, spread = found
    assert np.mean(penalties) == pytest.approx(mean, abs=4 * spread / 20)
    assert np.std(penalties) == pytest.approx(spread, rel=0.15)


def drawn(initializer: str, inputs: int, units: int, seed: int) -> np.ndarray:
    """A kernel as the engine draws it."""
    network = {
        "layers": [
            {"layer": "dense", "units": units, "kernel_initializer": initializer},
            {"layer": "dense", "units": 1},
        ]
    }
    rows = np.arange(2)
    split = Split(train=rows, validation=rows, test=rows[:0], method="")
    job = Job(recipe_from_dict({"network": network}), split, identity(inputs), seed)
    return initial_weights(job, np.array([0, 1], np.uint8))["dense/kernel"]


@pytest.mark.parametrize("inputs", [5, 10, 30])
def test_orthogonal_kernels_all_have_one_norm(inputs: int) -> None:
    matrix = np.linalg.qr(np.random.default_rng(0).normal(size=(max(inputs, 10), min(inputs, 10))))[0]
    found = kernel_penalty(inputs, 10, "Orthogonal", l2=0.5)
    assert found == pytest.approx((0.5 * (matrix**2).sum(), 0.0))


def test_what_is_not_known() -> None:
    assert kernel_penalty(5, 5, "my_own", l2=0.1) is None
    assert initial_penalty([LayerFact("dense", units=3, l2=0.1)]) is None
    assert initial_penalty([LayerFact("dense", units=3)]) == (0.0, 0.0)
    assert kernel_penalty(5, 5, "zeros", l2=0.1) == (0.0, 0.0)
    assert kernel_penalty(5, 4, "ones", l1=0.1, l2=0.1) == pytest.approx((4.0, 0.0))
