from __future__ import annotations

from typing import Any

import pytest

from steelyard.errors import RecipeError
from steelyard.tuning.sampling import how_many, is_adaptive
from tests.tuning.sampling.plans import CONDITIONAL, NUMBERS, plan

SMALL = {"network.dropout": [0.1, 0.2, 0.3], "training.epochs": (1, 4)}


def test_which_samplers_learn() -> None:
    assert [is_adaptive(name) for name in ("grid", "random", "sobol")] == [False] * 3
    assert [is_adaptive(name) for name in ("tpe", "gp", "cmaes", "nsga2")] == [True] * 4


@pytest.mark.parametrize("sampler", ["grid", "random", "tpe"])
def test_there_are_no_more_trials_than_points(sampler: Any) -> None:
    assert how_many(plan(SMALL, sampler), None) == 12
    assert how_many(plan(SMALL, sampler), 5) == 5
    assert how_many(plan(SMALL, sampler), 500) == 12


def test_fifty_trials_unless_told_otherwise() -> None:
    assert how_many(plan(CONDITIONAL, "tpe"), None) == 50
    assert how_many(plan(CONDITIONAL, "tpe"), 700) == 700


def test_what_a_sampler_cannot_do_is_refused() -> None:
    with pytest.raises(RecipeError, match="a grid cannot go through a range without a step"):
        how_many(plan(NUMBERS, "grid"), 5)
    with pytest.raises(RecipeError, match="cmaes needs a range of numbers that has no condition") as refused:
        how_many(plan({"network.dropout": [0.1, 0.2]}, "cmaes"), 2)
    assert "tpe" in refused.value.help
    with pytest.raises(RecipeError, match="trials: must be at least 1; found 0"):
        how_many(plan(NUMBERS, "tpe"), 0)


@pytest.mark.parametrize(("sampler", "told"), [("gp", "gp needs PyTorch"), ("cmaes", "cmaes needs cmaes")])
def test_a_package_that_is_missing_is_named(sampler: Any, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steelyard.tuning.sampling.suitability.find_spec", lambda name: None)
    with pytest.raises(RecipeError, match=f"{told}, which is not installed") as refused:
        how_many(plan(NUMBERS, sampler), 5)
    assert refused.value.help.startswith("pip install")
