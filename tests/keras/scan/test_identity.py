"""By what a scan is known again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import SteelyardError
from steelyard.keras.activations import relu
from steelyard.keras.optimizers import Adam
from steelyard.keras.regularizers import l2
from steelyard.keras.scan.grid import grid
from steelyard.keras.scan.identity import fingerprint, point_of, source_of, space_of
from steelyard.study import Plan
from steelyard.tuning.space import grid as points_of

WIDTH = 4
TABLE = np.arange(3)


class Settings:
    pass


def helper() -> int:
    return WIDTH


def function(*arguments: Any) -> Any:
    return helper(), TABLE, Settings


values = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, "relu", None, True, [8, 4], {"0": 1.0}]))


@given(params=st.dictionaries(st.sampled_from("abc"), st.lists(values, min_size=1, max_size=4), min_size=1))
def test_the_points_of_a_grid_are_those_of_its_space(params: dict[str, list[Any]]) -> None:
    combinations = grid(params, seed=0)
    space = space_of(combinations, {})
    points = [point_of(one) for one in combinations]
    if not space.fixed:  # no value twice
        assert points == [dict(point) for point in points_of(space)]
    plan = Plan(recipe=None, space=space, batch=1, fingerprint="")
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_a_part_of_a_grid_says_which() -> None:
    params = {"a": [1, 2], "b": [1, 2]}
    whole, part, other = (
        space_of(grid(params, seed=0, boolean_limit=limit), {})
        for limit in (None, lambda p: p != {"a": 1, "b": 1}, lambda p: p != {"a": 2, "b": 2})
    )
    assert whole.fixed == {}
    assert part.fixed["Scan.combinations"].startswith("3 of 4, ")
    assert part.fixed != other.fixed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.float64(0.5), 0.5),
        ((16, 8), [16, 8]),
        (relu, "steelyard.keras.activations.relu"),
        (Adam, "steelyard.keras.optimizers.rules.Adam"),
        (l2(0.01), {"L2": {"l2": 0.01}}),
        ({0: 1.0, 1: 10.0}, {"0": 1.0, "1": 10.0}),
    ],
)
def test_values_are_written_down(value: Any, written: Any) -> None:
    assert point_of({"p": value}) == {"p": written}


@pytest.mark.parametrize("value", [object(), float("nan"), [float("inf")], {"a": object()}])
def test_values_that_cannot_be_written_down_are_refused(value: Any) -> None:
    with pytest.raises(SteelyardError, match=r"K247: Scan: params\['p'\] has the value .*cannot be written"):
        point_of({"p": value})


def test_a_function_is_its_source_and_what_it_takes_from_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = source_of(function)
    assert set(found) == {"function", "source", "helper", "TABLE", "Settings", "WIDTH"}
    assert found["WIDTH"] == "4"
    assert source_of(function) == found
    monkeypatch.setitem(function.__globals__, "WIDTH", 5)
    assert source_of(function) == {**found, "WIDTH": "5"}


def test_another_table_has_another_fingerprint() -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    frame = pd.DataFrame(x, columns=["a", "b"])
    one = fingerprint(x, y, None, None)
    assert one == fingerprint(x.copy(order="F"), y.copy(), None, None)
    others = [
        fingerprint(x + 1e-9, y, None, None),
        fingerprint(x.reshape(2, 3), y, None, None),
        fingerprint(x, y, x, y),
        fingerprint(frame, y, None, None),
        fingerprint(frame.rename(columns={"a": "c"}), y, None, None),
        fingerprint(frame.assign(a="text"), y, None, None),
    ]
    assert len({one, *others}) == 7
