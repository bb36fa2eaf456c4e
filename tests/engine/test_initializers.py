"""Where weights start: the distributions of Keras' initializers, and biases at the log-odds."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from steelyard import engine
from tests.engine import reference
from tests.engine.problems import LOGIT, NORMALIZATION, hidden, mixed_problem, numeric_problem, recipe, stack

INPUTS, UNITS = 120, 90
RANDOM: list[dict[str, object]] = [
    {"name": "glorot_uniform"},
    {"name": "glorot_normal"},
    {"name": "he_uniform"},
    {"name": "he_normal"},
    {"name": "lecun_uniform"},
    {"name": "lecun_normal"},
    {"name": "random_normal"},
    {"name": "random_normal", "mean": -1.0, "stddev": 0.3},
    {"name": "random_uniform"},
    {"name": "random_uniform", "minval": 0.25, "maxval": 2.0},
]


def initial_kernel(initializer: object, seed: int) -> NDArray[np.float32]:
    problem = numeric_problem(INPUTS, train=20, validation=5)
    made = recipe(network=stack(hidden(UNITS, kernel_initializer=initializer), LOGIT))
    return engine.initial_weights(problem.job(made, seed), problem.target)["dense/kernel"]


def keras_initializer(keras: ModuleType, config: dict[str, object]) -> Any:
    options = {key: value for key, value in config.items() if key != "name"}
    classes = {
        "glorot_uniform": keras.initializers.GlorotUniform,
        "glorot_normal": keras.initializers.GlorotNormal,
        "he_uniform": keras.initializers.HeUniform,
        "he_normal": keras.initializers.HeNormal,
        "lecun_uniform": keras.initializers.LecunUniform,
        "lecun_normal": keras.initializers.LecunNormal,
        "random_normal": keras.initializers.RandomNormal,
        "random_uniform": keras.initializers.RandomUniform,
    }
    return classes[str(config["name"])](**options, seed=1)


@pytest.mark.parametrize("config", RANDOM, ids=lambda config: "-".join(map(str, config.values())))
def test_distribution_is_that_of_keras(keras: ModuleType, config: dict[str, object]) -> None:
    ours = np.concatenate([initial_kernel(config, seed).ravel() for seed in (1, 2, 3)]).astype(np.float64)
    draw = keras_initializer(keras, config)
    theirs = keras.ops.convert_to_numpy(draw((INPUTS, UNITS))).ravel().astype(np.float64)
    assert ours.std() > 0.01
    error = theirs.std() / np.sqrt(theirs.size)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=5 * error)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.03)
    # Of so many draws, the extremes of a bounded distribution lie close to its bounds.
    if config["name"] != "random_normal":
        assert ours.min() == pytest.approx(theirs.min(), abs=0.02 * np.ptp(theirs))
        assert ours.max() == pytest.approx(theirs.max(), abs=0.02 * np.ptp(theirs))
    assert stats.ks_2samp(ours, theirs).pvalue > 0.001


def test_normal_kernels_are_truncated_at_two_deviations_and_have_the_right_spread() -> None:
    kernel = initial_kernel("he_normal", 1).astype(np.float64)
    wanted = np.sqrt(2.0 / INPUTS)
    limit = 2.0 * wanted / 0.87962566103423978  # the spread of a standard normal truncated at two deviations
    assert np.abs(kernel).max() <= limit * (1 + 1e-6)
    assert np.abs(kernel).max() > 0.99 * limit
    assert kernel.std() == pytest.approx(wanted, rel=0.03)
    assert stats.kstest(kernel.ravel(), stats.truncnorm(-2, 2, scale=limit / 2).cdf).pvalue > 0.001


def test_random_normal_is_not_truncated() -> None:
    kernel = initial_kernel({"name": "random_normal", "stddev": 1.0}, 1).astype(np.float64)
    assert np.abs(kernel).max() > 3.0
    assert stats.kstest(kernel.ravel(), stats.norm.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("config", "value"), [("zeros", 0.0), ("ones", 1.0), ({"name": "constant", "value": -0.7}, -0.7)]
)
def test_constants(config: object, value: float) -> None:
    np.testing.assert_array_equal(initial_kernel(config, 0), np.float32(value))


def test_another_seed_or_layer_draws_other_numbers() -> None:
    problem = numeric_problem(16, train=20, validation=5)
    made = recipe(network=stack(hidden(16), hidden(16), LOGIT))
    first = engine.initial_weights(problem.job(made, 0), problem.target)
    second = engine.initial_weights(problem.job(made, 1), problem.target)
    again = engine.initial_weights(problem.job(made, 0), problem.target)
    np.testing.assert_array_equal(first["dense/kernel"], again["dense/kernel"])
    for other in (second["dense/kernel"], first["dense_1/kernel"], first["dense/kernel"].T):
        assert abs(np.corrcoef(first["dense/kernel"].ravel(), other.ravel())[0, 1]) < 0.2


def test_neighbouring_draws_are_independent() -> None:
    """No stripes: a counter-based generator must not repeat itself along rows, columns or blocks."""
    kernel = initial_kernel({"name": "random_normal", "stddev": 1.0}, 5).astype(np.float64).ravel()
    assert len(np.unique(kernel)) > 0.99 * kernel.size
    for lag in (1, 2, 3, 4, 8, 16, UNITS, UNITS + 1):
        assert abs(np.corrcoef(kernel[:-lag], kernel[lag:])[0, 1]) < 5 / np.sqrt(kernel.size)


def test_names_shapes_and_kinds() -> None:
    problem = mixed_problem()
    network = stack(
        hidden(6), NORMALIZATION, hidden(5, use_bias=False), {**NORMALIZATION, "scale": False}, LOGIT
    )
    made = recipe(network=network)
    weights = engine.initial_weights(problem.job(made), problem.target)
    assert {name: value.shape for name, value in weights.items()} == reference.weight_shapes(
        made.network, problem.encoding
    )
    assert all(value.dtype == np.float32 for value in weights.values())
    np.testing.assert_array_equal(weights["batch_normalization/gamma"], 1.0)
    np.testing.assert_array_equal(weights["batch_normalization/beta"], 0.0)
    np.testing.assert_array_equal(weights["batch_normalization/moving_mean"], 0.0)
    np.testing.assert_array_equal(weights["batch_normalization/moving_variance"], 1.0)
    assert weights["embedding/1"].std() > 0.05


def test_embedding_initializer() -> None:
    problem = mixed_problem()
    made = recipe(network=stack(LOGIT, embedding_initializer={"name": "constant", "value": 0.25}))
    weights = engine.initial_weights(problem.job(made), problem.target)
    np.testing.assert_array_equal(weights["embedding/1"], np.float32(0.25))


LOG_ODDS = {**LOGIT, "bias_initializer": "log_odds"}


def test_log_odds_are_those_of_the_training_rows() -> None:
    problem = numeric_problem(rate=0.1)
    made = recipe(network=stack(hidden(3), LOG_ODDS))
    weights = engine.initial_weights(problem.job(made), problem.target)
    rate = problem.target[problem.split.train].mean(dtype=np.float64)
    assert rate != problem.target.mean(dtype=np.float64)
    assert weights["dense_1/bias"] == pytest.approx([np.log(rate / (1 - rate))], rel=1e-6)
    np.testing.assert_array_equal(weights["dense/bias"], 0.0)


@pytest.mark.parametrize(
    "weighting", ["none", "balanced", "square_root", {"negative": 2.0, "positive": 3.0}], ids=str
)
def test_log_odds_are_the_best_constant_logit_of_the_weighted_objective(weighting: object) -> None:
    """The gradient of the last bias vanishes while the kernel is zero, whatever the weights."""
    problem = numeric_problem(rate=0.1)
    row_weights = np.random.default_rng(0).gamma(1.0, size=len(problem.features)).astype(np.float32)
    last = {**LOG_ODDS, "kernel_initializer": "zeros"}
    made = recipe(network=stack(hidden(3), last), imbalance={"class_weight": weighting})
    job = problem.job(made)
    weights = engine.initial_weights(job, problem.target, row_weights=row_weights)
    _, gradient = engine.loss_and_gradient(
        problem.features, problem.target, job, problem.split.train, weights=weights, row_weights=row_weights
    )
    assert gradient["dense_1/bias"] == pytest.approx([0.0], abs=1e-6)


def test_log_odds_of_one_class_are_finite() -> None:
    """A fold may lack positives; training then starts somewhere sensible rather than at infinity."""
    problem = numeric_problem()
    negatives = problem.split.train[problem.target[problem.split.train] == 0]
    alone = replace(problem, split=replace(problem.split, train=negatives))
    weights = engine.initial_weights(alone.job(recipe(network=stack(LOG_ODDS))), alone.target)
    assert np.isfinite(weights["dense/bias"]).all()
    assert weights["dense/bias"][0] < -1.0
