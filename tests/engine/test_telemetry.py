"""What is recorded of the inside of a network, against the reference."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard import engine
from steelyard.history import LayerTelemetry
from steelyard.recipe.network import Activation
from steelyard.run import Run, Weights
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    Problem,
    activation,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    stack,
)

STILL: dict[str, object] = {"name": "sgd", "learning_rate": 1e-30}


def train(problem: Problem, weights: Weights | None = None, **parts: object) -> Run:
    job = replace(problem.job(recipe(**parts)), initial_weights=weights)
    (run,) = engine.fit_population(problem.features, problem.target, [job], threads=1)
    return run


def layer(run: Run, name: str) -> LayerTelemetry:
    return next(found for found in run.telemetry.layers if found.layer == name)


def norm(weights: Weights, name: str) -> float:
    parts = [
        value.astype(np.float64).ravel()
        for path, value in weights.items()
        if path.startswith(f"{name}/") and reference.trainable(path)
    ]
    return float(np.linalg.norm(np.concatenate(parts)))


def test_weight_norm_and_logits_of_the_last_epoch() -> None:
    problem = mixed_problem()
    run = train(
        problem,
        network=stack(hidden(8, "linear"), NORMALIZATION, activation("tanh"), hidden(4, "relu"), LOGIT),
        optimizer={"name": "adam", "learning_rate": 0.02},
    )
    for name in ("dense", "dense_1", "dense_2", "batch_normalization"):
        assert layer(run, name).weight_norm[-1] == pytest.approx(norm(run.weights, name), rel=1e-5), name
        assert np.ptp(layer(run, name).weight_norm) > 1e-3
    logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)
    shown = logits[problem.split.validation].astype(np.float64)
    assert run.telemetry.logit_mean[-1] == pytest.approx(shown.mean(), rel=1e-4, abs=1e-6)
    assert run.telemetry.logit_std[-1] == pytest.approx(shown.std(), rel=1e-4)
    np.testing.assert_array_equal(run.telemetry.epochs, run.history.epochs)


def test_logits_of_training_rows_where_there_is_no_validation() -> None:
    problem = numeric_problem()
    problem = replace(problem, split=replace(problem.split, validation=np.zeros(0, np.int64)))
    run = train(problem, training=PLAIN_TRAINING | {"monitor": "train_loss"})
    logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)
    shown = logits[problem.split.train].astype(np.float64)
    assert run.telemetry.logit_mean[-1] == pytest.approx(shown.mean(), rel=1e-4, abs=1e-6)
    assert run.telemetry.logit_std[-1] == pytest.approx(shown.std(), rel=1e-4)


def test_gradient_norm_and_update_ratio_of_a_single_step() -> None:
    """One step per epoch leaves nothing to sample: norm and ratio are those of that step."""
    problem = numeric_problem()
    rate = 0.1
    made = recipe(
        network=stack(hidden(8, "tanh", l2=0.1), hidden(5, "tanh"), LOGIT),
        optimizer={"name": "sgd", "learning_rate": rate},
        training=PLAIN_TRAINING | {"epochs": 1, "batch_size": 10_000},
    )
    weights = reference.random_weights(made.network, problem.encoding)
    job = replace(problem.job(made), initial_weights=weights)
    (run,) = engine.fit_population(problem.features, problem.target, [job], threads=1)
    _, gradient = engine.loss_and_gradient(
        problem.features, problem.target, job, problem.split.train, weights=weights
    )
    for name in ("dense", "dense_1", "dense_2"):
        slope = norm(gradient, name)
        assert layer(run, name).gradient_norm[0] == pytest.approx(slope, rel=1e-3), name
        moved = rate * slope
        assert layer(run, name).update_ratio[0] == pytest.approx(moved / norm(weights, name), rel=2e-2), name


def with_biases(
    weights: dict[str, NDArray[np.float32]], name: str, units: list[int], value: float
) -> dict[str, NDArray[np.float32]]:
    bias = weights[f"{name}/bias"].copy()
    bias[units] = value
    return {**weights, f"{name}/bias": bias}


@pytest.mark.parametrize("name", ["relu", "gelu", "silu", "sigmoid", "tanh", "elu", "softplus"])
def test_share_of_dead_units(name: str) -> None:
    problem = numeric_problem()
    network = stack(hidden(8, name), hidden(4, "tanh"), LOGIT)
    weights = reference.random_weights(recipe(network=network).network, problem.encoding, spread=0.3)
    run = train(problem, with_biases(weights, "dense", [0, 3, 6], -100.0), network=network, optimizer=STILL)
    np.testing.assert_allclose(layer(run, "dense").dead_share, 3 / 8)
    np.testing.assert_allclose(layer(run, "dense_1").dead_share, 0.0)


def test_leaky_units_never_die() -> None:
    problem = numeric_problem()
    network = stack(hidden(8, "leaky_relu"), LOGIT)
    weights = reference.random_weights(recipe(network=network).network, problem.encoding, spread=0.3)
    run = train(problem, with_biases(weights, "dense", [0, 3], -100.0), network=network, optimizer=STILL)
    assert not (layer(run, "dense").dead_share > 0).any()


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
@pytest.mark.parametrize("bias", [-9.0, 9.0])
def test_share_of_saturated_units(name: str, bias: float) -> None:
    problem = numeric_problem()
    network = stack(hidden(10, name), hidden(4, "relu"), LOGIT)
    weights = reference.random_weights(recipe(network=network).network, problem.encoding, spread=0.3)
    run = train(problem, with_biases(weights, "dense", [1, 2], bias), network=network, optimizer=STILL)
    np.testing.assert_allclose(layer(run, "dense").saturated_share, 0.2)
    assert np.isnan(layer(run, "dense_1").saturated_share).all()


def test_units_that_die_while_training_are_seen() -> None:
    problem = numeric_problem()
    run = train(
        problem,
        network=stack(hidden(16, "relu"), LOGIT),
        optimizer={"name": "sgd", "learning_rate": 30.0},
        imbalance={"class_weight": {"positive": 20.0}},
    )
    x = reference.inputs(problem.features, problem.encoding, np.arange(len(problem.target)), {})
    active = reference.forward(run.recipe.network, reference.double(run.weights), x).outputs[0] > 0
    dead = float((~active.any(axis=0)).mean())
    assert dead > 0
    assert layer(run, "dense").dead_share[-1] == pytest.approx(dead, abs=1 / 16)


def test_an_embedding_is_told_too() -> None:
    run = train(mixed_problem(), optimizer={"name": "adam", "learning_rate": 0.02})
    found = [entry for entry in run.telemetry.layers if entry.layer.startswith("embedding")]
    assert len(found) == 1
    wanted = np.linalg.norm(run.weights["embedding/1"].astype(np.float64))
    assert found[0].weight_norm[-1] == pytest.approx(wanted, rel=1e-5)


def test_every_array_has_one_value_per_epoch() -> None:
    run = train(numeric_problem())
    for entry in run.telemetry.layers:
        for field in ("weight_norm", "gradient_norm", "update_ratio", "dead_share", "saturated_share"):
            values = getattr(entry, field)
            assert values.dtype == np.float64
            assert values.shape == (5,), f"{entry.layer} {field}"
        assert (entry.gradient_norm > 0).all()
        assert (entry.update_ratio > 0).all()


@pytest.mark.parametrize("name", get_args(Activation))
@pytest.mark.parametrize("spread", [0.5, 4.0, 12.0])
def test_dead_and_saturated_shares_are_those_of_the_slopes(name: str, spread: float) -> None:
    """Dead: a slope below 0.001 on every row. Saturated: below 5 % of the steepest on 95 % of the rows."""
    problem = numeric_problem(2)
    network = stack(hidden(150, name), LOGIT)
    weights = reference.random_weights(recipe(network=network).network, problem.encoding, spread=spread)
    run = train(problem, weights, network=network, optimizer=STILL)
    doubled = reference.double(weights)
    x = reference.inputs(problem.features, problem.encoding, problem.split.train, doubled)
    z = reference.forward(run.recipe.network, doubled, x).preactivations[0]
    slope = np.abs(reference.activate(name, z + 1e-6) - reference.activate(name, z - 1e-6)) / 2e-6
    dead = (slope < 1e-3).all(axis=0).mean()
    if name != "linear":
        np.testing.assert_allclose(layer(run, "dense").dead_share, dead, atol=1e-9)
    if name in ("tanh", "sigmoid"):
        steepest = {"tanh": 1.0, "sigmoid": 0.25}[name]
        saturated = ((slope < 0.05 * steepest).mean(axis=0) >= 0.95).mean()
        np.testing.assert_allclose(layer(run, "dense").saturated_share, saturated, atol=1e-9)
        assert saturated > 0 or spread < 1
        assert saturated < 1


@pytest.mark.parametrize(("name", "steepest"), [("sigmoid", 0.25), ("tanh", 1.0)])
def test_the_limits_of_dead_and_saturated(name: str, steepest: float) -> None:
    """Units of constant slope, a few per cent on either side of 0.001 and of 5 % of the steepest."""
    slopes = np.array([0.00097, 0.00103, 0.0485 * steepest, 0.0515 * steepest, 0.5 * steepest])
    biases = {  # where the slopes a (1 - a) and 1 - a^2 have these values
        "sigmoid": np.log(2.0 / (1.0 - np.sqrt(1.0 - 4.0 * np.minimum(slopes, 0.25))) - 1.0),
        "tanh": np.arctanh(np.sqrt(1.0 - slopes)),
    }[name]
    problem = numeric_problem()
    network = stack(hidden(5, name), LOGIT)
    weights = reference.random_weights(recipe(network=network).network, problem.encoding)
    weights = {
        **weights,
        "dense/kernel": np.zeros_like(weights["dense/kernel"]),
        "dense/bias": biases.astype(np.float32),
    }
    run = train(problem, weights, network=network, optimizer=STILL)
    np.testing.assert_allclose(layer(run, "dense").dead_share, 1 / 5)
    np.testing.assert_allclose(layer(run, "dense").saturated_share, 3 / 5)
