from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from steelyard.recipe import Recipe
from steelyard.recipe.initializer import Constant
from steelyard.study import Choice, Plan, Range, Space


def test_values_are_kept_as_json_has_them() -> None:
    choice = Choice(
        path="x", values=[(8, 4), np.float64(0.5), np.arange(2), None, Constant(value=1.0), range(2, 3)]
    )
    assert choice.values == ([8, 4], 0.5, [0, 1], "off", {"name": "constant", "value": 1.0}, [2])
    assert isinstance(choice.values[1], float) and not isinstance(choice.values[1], np.floating)


def test_a_condition_may_be_one_value() -> None:
    assert Range(path="x", low=0, high=1, when={"y": "sgd", "z": [1, 2]}).when == {"y": ("sgd",), "z": (1, 2)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"low": 1, "high": 1}, "low (1) must be below high (1)"),
        ({"low": 0, "high": 1, "log": True}, "low must be above 0 with log; found 0"),
        ({"low": 0, "high": 1, "step": 0}, "step must be above 0; found 0"),
        ({"low": 0, "high": 1, "step": 0.3}, "steps of 0.3 do not lead from 0 to 1"),
        ({"low": 1, "high": 2, "step": 0.5, "log": True}, "step and log exclude each other"),
        ({"low": 0.5, "high": 2, "whole": True}, "takes whole numbers only; low is 0.5"),
        ({"low": 0, "high": 3, "step": 1.5, "whole": True}, "takes whole numbers only; step is 1.5"),
        ({"low": -1e308, "high": 1e308}, "are too far apart"),
        ({"low": 0, "high": 1e17, "whole": True}, "whole numbers end at 2^53"),
    ],
)
def test_ranges_that_make_no_sense_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Range(path="x", **given)
    assert message in str(refused.value)


def test_steps_are_taken_as_they_are_written() -> None:
    assert Range(path="x", low=0.1, high=0.8, step=0.1).step == 0.1


@pytest.mark.parametrize("values", [[1, 1.0], ["a", "a"], [[1, 2], (1, 2)], [None, "off"]])
def test_a_choice_has_each_value_once(values: list[Any]) -> None:
    with pytest.raises(ValidationError, match="twice"):
        Choice(path="x", values=values)


def test_true_is_not_one() -> None:
    assert Choice(path="x", values=[True, 1]).values == (True, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_what_no_file_can_hold_is_no_value(value: object) -> None:
    with pytest.raises(ValidationError):
        Choice(path="x", values=[value])


def test_parameters_come_after_those_they_depend_on() -> None:
    first = Choice(path="x", values=[1])
    second = Choice(path="y", values=[1], when={"x": 1})
    assert Space(parameters=(first, second)).parameters == (first, second)
    with pytest.raises(ValidationError, match="x must come before y"):
        Space(parameters=(second, first))
    with pytest.raises(ValidationError, match="x is there twice"):
        Space(parameters=(first, first))
    with pytest.raises(ValidationError, match="x is there twice"):
        Space(parameters=(first,), fixed={"x": 2})


def test_a_plan_comes_back_from_json_as_it_was() -> None:
    space = Space(
        parameters=(
            Choice(path="network.hidden_units", values=[(8, 4), ()]),
            Choice(path="optimizer.name", values=["sgd", "adam"]),
            Range(path="optimizer.momentum", low=0, high=0.9, when={"optimizer.name": "sgd"}),
            Range(path="training.epochs", low=5, high=20, whole=True),
        ),
        fixed={"training.patience": None, "network.dropout": 0.25},
    )
    plan = Plan(recipe=Recipe(), space=space, batch=4, fingerprint="f")
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
