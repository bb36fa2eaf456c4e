from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from steelyard.recipe import Recipe
from steelyard.study import SamplerName, Space
from steelyard.tuning.sampling import design
from steelyard.tuning.space import grid, grid_size, recipe_at
from tests.tuning.sampling.plans import CONDITIONAL, NUMBERS, plan
from tests.tuning.space.spaces import spaces

SMALL = {
    "network.hidden_units": {"length": [1, 2], "each": [8, 16, 32]},
    "network.dropout": [0.1, 0.2],
    "training.epochs": {"low": 1, "high": 4, "log": True},
}


@pytest.mark.parametrize("sampler", ["random", "sobol", "grid"])
@pytest.mark.parametrize("space", [SMALL, NUMBERS, CONDITIONAL], ids=["small", "numbers", "conditional"])
def test_points_depend_on_their_numbers_alone(sampler: SamplerName, space: object) -> None:
    if sampler == "grid" and space is not SMALL:
        return
    asked = plan(space, sampler)
    at_once = design(asked, 0, 60)
    assert [
        point for first in range(0, 60, 7) for point in design(asked, first, min(7, 60 - first))
    ] == at_once
    assert design(asked, 33, 1) == at_once[33:34]


@pytest.mark.parametrize("sampler", ["random", "sobol"])
def test_another_seed_is_another_design(sampler: SamplerName) -> None:
    for space in (SMALL, NUMBERS):
        assert design(plan(space, sampler), 0, 20) != design(plan(space, sampler, seed=1), 0, 20)


@pytest.mark.parametrize("sampler", ["random", "sobol"])
def test_no_point_of_a_small_space_comes_twice_before_all_came_once(sampler: SamplerName) -> None:
    asked = plan(SMALL, sampler)
    size = grid_size(asked.space)
    assert size == (3 + 9) * 2 * 4
    points = design(asked, 0, 2 * size)
    first, second = ([str(point) for point in half] for half in (points[:size], points[size:]))
    assert set(first) == set(second) == {str(point) for point in grid(asked.space)}
    assert first != second


def test_draws_without_return_keep_the_chances_of_draws() -> None:
    """One layer is as likely as two, though there are three times as many points with two."""
    first = [design(plan(SMALL, "random", seed=seed), 0, 1)[0] for seed in range(600)]
    assert Counter(point["network.hidden_units.length"] for point in first)[1] == pytest.approx(300, abs=50)
    epochs = Counter(point["training.epochs"] for point in first)
    assert epochs[1] == pytest.approx(600 * np.log(1.5 / 0.5) / np.log(4.5 / 0.5), abs=50)


def test_a_grid_ends() -> None:
    asked = plan(SMALL, "grid")
    assert design(asked, 0, 1000) == list(grid(asked.space))
    assert design(asked, 95, 10) == list(itertools.islice(grid(asked.space), 95, None))


def test_sobol_is_more_even_than_random() -> None:
    discrepancies = {}
    for sampler in ("random", "sobol"):
        points = design(plan({"network.dropout": (0, 0.5), "network.l2": (0, 1)}, sampler), 0, 128)
        rows = np.array([[point["network.dropout"] * 2, point["network.l2"]] for point in points])
        discrepancies[sampler] = qmc.discrepancy(rows)
    assert discrepancies["sobol"] < 0.1 * discrepancies["random"]


@given(spaces(), st.sampled_from(["random", "sobol"]), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_every_sampled_point_is_a_recipe(space: Space, sampler: SamplerName, first: int) -> None:
    asked = plan(space, sampler)
    points = design(asked, first, 3)
    assert len(points) == 3
    for point in points:
        recipe_at(Recipe(), space, point)
