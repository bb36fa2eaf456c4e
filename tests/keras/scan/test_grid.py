"""Parameters become trials as in talos, and by seed where talos draws by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.keras.scan.grid import grid

NOTEBOOK = {"learningrate": [0.00001, 0.00003, 0.00005, 0.00007, 0.0001], "batchsize": [24, 48]}


def test_the_last_parameter_changes_fastest() -> None:
    trials = grid(NOTEBOOK, seed=0)
    assert len(trials) == 10
    assert trials[:3] == [
        {"learningrate": 0.00001, "batchsize": 24},
        {"learningrate": 0.00001, "batchsize": 48},
        {"learningrate": 0.00003, "batchsize": 24},
    ]


@given(
    start=st.floats(-100, 100),
    width=st.floats(0.01, 100),
    count=st.integers(1, 30),
)
def test_a_tuple_is_talos_range(start: float, width: float, count: int) -> None:
    stop = start + width
    values = [trial["rate"] for trial in grid({"rate": (start, stop, count)}, seed=0)]
    expected = np.arange(start, stop, (stop - start) / count, dtype=float)[:count]
    assert values == pytest.approx(expected)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((12, 48, 2), [12, 30]),
        ((0, 3, 10), [0, 1, 2]),
        ((1e-4, 1e-2, 5), [0.0001, 0.00208, 0.00406, 0.00604, 0.00802]),
    ],
)
def test_ranges_of_the_kinds_talos_documents(limits: tuple[Any, ...], expected: list[float]) -> None:
    values = [trial["units"] for trial in grid({"units": limits}, seed=0)]
    assert values == pytest.approx(expected)
    assert {type(value) for value in values} == {type(expected[0])}


def test_values_may_be_anything() -> None:
    trials = grid({"activation": ["relu", None], "layers": np.array([1, 2]), "units": range(3, 5)}, seed=0)
    assert len(trials) == 8
    assert trials[-1] == {"activation": None, "layers": 2, "units": 4}
    assert type(trials[0]["layers"]) is int


@pytest.mark.parametrize(
    ("limits", "trials"),
    [
        ({"round_limit": 4}, 4),
        ({"fraction_limit": 0.35}, 3),
        ({"round_limit": 99}, 10),
        ({"fraction_limit": 1.0}, 10),
    ],
)
def test_limits_draw_by_the_seed_and_keep_the_order(limits: dict[str, Any], trials: int) -> None:
    everything = grid(NOTEBOOK, seed=0)
    drawn = grid(NOTEBOOK, seed=7, **limits)
    assert len(drawn) == trials
    assert drawn == [trial for trial in everything if trial in drawn]
    assert drawn == grid(NOTEBOOK, seed=7, **limits)


def test_another_seed_draws_other_trials() -> None:
    draws = [grid(NOTEBOOK, seed=seed, round_limit=3) for seed in range(5)]
    assert any(draw != draws[0] for draw in draws)


def test_a_function_limits_before_the_draw() -> None:
    """talos 1.x fails with an IndexError where its function leaves fewer trials than the grid has."""
    trials = grid(NOTEBOOK, seed=0, round_limit=5, boolean_limit=lambda p: p["batchsize"] < 48)
    assert [trial["learningrate"] for trial in trials] == NOTEBOOK["learningrate"]
    assert {trial["batchsize"] for trial in trials} == {24}


@pytest.mark.parametrize(
    ("params", "limits", "message"),
    [
        ([1, 2], {}, "params is .*needs a dictionary"),
        ({}, {}, "params is {}"),
        ({"rate": 0.1}, {}, r"params\['rate'\] is 0.1; needs a list of values"),
        ({"rate": []}, {}, r"params\['rate'\] is empty"),
        ({"rate": (0.1, 0.2)}, {}, r"is the tuple \(0.1, 0.2\).*\n.*write a list: \[0.1, 0.2\]"),
        ({"rate": (2.0, 1.0, 3)}, {}, "start below stop"),
        ({"name": ("a", "b", "c")}, {}, "a tuple is a range"),
        ({"rate": (0.0, 1.0, 0)}, {}, r"params\['rate'\]\[2\] is 0"),
        (NOTEBOOK, {"fraction_limit": 0.05}, "fraction_limit=0.05 of 10 trials is less than one"),
        (NOTEBOOK, {"fraction_limit": 1.5}, "fraction_limit is 1.5; it must be above 0 and at most 1"),
        (NOTEBOOK, {"round_limit": 0}, "round_limit is 0; it must be at least 1"),
        (NOTEBOOK, {"boolean_limit": lambda p: False}, "boolean_limit leaves no trial"),
    ],
)
def test_what_makes_no_grid_is_refused(params: Any, limits: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        grid(params, seed=0, **limits)
