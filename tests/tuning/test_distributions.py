from __future__ import annotations

import optuna
import pytest
from hypothesis import given, settings
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    json_to_distribution,
)

from steelyard.study import Space
from steelyard.tuning.distributions import distributions, external, optuna_params
from steelyard.tuning.space import point_at, space_from
from tests.tuning.space.spaces import spaces


def test_each_parameter_has_the_distribution_that_optuna_has_for_it() -> None:
    space = space_from(
        {
            "network.hidden_units": [[8, 4], []],
            "network.activation": ["relu", "tanh"],
            "training.epochs": {"low": 2, "high": 10, "step": 2},
            "training.batch_size": {"low": 16, "high": 64, "log": True},
            "network.dropout": {"low": 0.1, "high": 0.7, "step": 0.1},
            "optimizer.learning_rate": {"low": 0.001, "high": 0.1, "log": True},
        }
    )
    assert distributions(space) == {
        "network.hidden_units": CategoricalDistribution(["[8, 4]", "[]"]),
        "network.activation": CategoricalDistribution(["relu", "tanh"]),
        "training.epochs": IntDistribution(2, 10, step=2),
        "training.batch_size": IntDistribution(16, 64, log=True),
        "network.dropout": FloatDistribution(0.1, 0.7, step=0.1),
        "optimizer.learning_rate": FloatDistribution(0.001, 0.1, log=True),
    }


def test_parameters_that_are_not_active_are_absent() -> None:
    space = space_from(
        {
            "optimizer.name": ["adam", "sgd"],
            "optimizer.momentum": {"values": [0.9], "when": {"optimizer.name": "sgd"}},
        }
    )
    assert list(optuna_params(space, {"optimizer.name": "adam"})) == ["optimizer.name"]


@given(spaces())
@settings(max_examples=50, deadline=None)
def test_optuna_takes_every_point(space: Space) -> None:
    for coordinate in (0.0, 0.4, 1.0):
        point = point_at(space, [coordinate] * len(space.parameters))
        stored = optuna_params(space, point)
        found = {path: json_to_distribution(text) for path, (_, text) in stored.items()}
        values = {path: found[path].to_external_repr(number) for path, (number, _) in stored.items()}
        by_path = {one.path: one for one in space.parameters}
        for path, value in point.items():
            assert values[path] == pytest.approx(external(by_path[path], value))
        optuna.trial.create_trial(params=values, distributions=found, value=1.0)
