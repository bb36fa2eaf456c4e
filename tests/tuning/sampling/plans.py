"""Plans to sample from, and trials that were sampled."""

from __future__ import annotations

import math
from typing import Any

from steelyard.recipe import Recipe
from steelyard.study import Plan, Point, SamplerName, Trial, TrialState
from steelyard.tuning.space import space_from

CONDITIONAL = {
    "optimizer.name": ["adam", "sgd"],
    "optimizer.momentum": {"low": 0.0, "high": 0.9, "when": {"optimizer.name": "sgd"}},
    "optimizer.learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
    "network.dropout": {"low": 0.0, "high": 0.8, "step": 0.1},
    "network.hidden_units": {"length": [1, 2], "each": {"low": 4, "high": 64, "log": True}},
    "network.activation": ["relu", "tanh"],
}
NUMBERS = {
    "optimizer.learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
    "network.dropout": {"low": 0.0, "high": 0.8},
    "training.epochs": (5, 50),
}


def plan(
    space: Any,
    sampler: SamplerName,
    *,
    metrics: tuple[str, ...] = ("log_loss",),
    batch: int = 10,
    seed: int = 0,
) -> Plan:
    return Plan(
        recipe=Recipe(),
        space=space_from(space),
        sampler=sampler,
        metrics=metrics,
        batch=batch,
        seed=seed,
        fingerprint="none",
    )


def loss(point: Point) -> float:
    """Lowest at a learning rate of 0.01, a dropout of 0.2, 20 epochs and tanh."""
    return (
        (math.log10(point["optimizer.learning_rate"]) + 2.0) ** 2
        + 10.0 * (point["network.dropout"] - 0.2) ** 2
        + (point.get("training.epochs", 20) / 20.0 - 1.0) ** 2
        + (point.get("network.activation", "tanh") == "relu")
    )


def trial(number: int, point: Point, *values: float, state: TrialState = TrialState.COMPLETE) -> Trial:
    return Trial(number, point, state, values or None)
