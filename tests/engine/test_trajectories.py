"""Whole trainings against Keras 3: same initial weights, same batch order, dropout off.

The plain losses of training and validation rows must agree within 1e-4 at the end of each of five
epochs, and so must the objective that was descended on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard import engine
from steelyard.data import identity
from steelyard.recipe import Recipe
from steelyard.recipe.network import Activation
from steelyard.run import Run, RunStatus
from tests.engine import keras_twin
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    Problem,
    activation,
    category_problem,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    split_at,
    stack,
)

TOLERANCE = 1e-4


def follow(
    keras: ModuleType,
    problem: Problem,
    made: Recipe,
    *,
    row_weights: NDArray[np.float32] | None = None,
    factor: Callable[[int], float] = lambda step: 1.0,
    moves: float = 0.02,
) -> Run:
    """Trains both and compares; the training loss must change by the share ``moves`` at least."""
    seed = 17
    job = problem.job(made, seed=seed)
    start = engine.initial_weights(job, problem.target, row_weights)
    (run,) = engine.fit_population(
        problem.features, problem.target, [job], row_weights=row_weights, threads=1
    )
    twin = keras_twin.train(
        keras,
        made,
        problem.features,
        problem.target,
        problem.encoding,
        problem.split.train,
        problem.split.validation,
        start,
        lambda epoch: engine.epoch_order(seed, epoch, len(problem.split.train)),
        row_weights=row_weights,
        factor=factor,
    )
    assert run.status is RunStatus.COMPLETED
    assert len(run.history) == made.training.epochs
    compared = {
        "train_loss": twin.train_loss,
        "validation_loss": twin.validation_loss,
        "train_objective": twin.objective,
    }
    for name, expected in compared.items():
        np.testing.assert_allclose(run.history[name], expected, rtol=TOLERANCE, err_msg=name)
    np.testing.assert_allclose(run.history["train_penalty"], twin.penalty, rtol=TOLERANCE, atol=1e-9)
    travelled = np.ptp(twin.train_loss) / twin.train_loss[0]
    assert travelled > moves, f"the loss moved by {travelled:.1%} only: such a test cannot fail"
    return run


OPTIMIZERS: dict[str, dict[str, object]] = {
    "sgd": {"name": "sgd", "learning_rate": 0.1},
    "sgd momentum": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    "sgd nesterov": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
    "sgd decay": {"name": "sgd", "learning_rate": 0.1, "weight_decay": 0.1},
    "adam": {"name": "adam", "learning_rate": 0.01},
    "adam betas": {"name": "adam", "learning_rate": 0.01, "beta_1": 0.7, "beta_2": 0.95, "epsilon": 1e-3},
    "adam amsgrad": {"name": "adam", "learning_rate": 0.02, "beta_2": 0.8, "amsgrad": True},
    "adam decay": {"name": "adam", "learning_rate": 0.01, "weight_decay": 0.5},
    "adamw": {"name": "adamw", "learning_rate": 0.01},
    "adamw decay": {"name": "adamw", "learning_rate": 0.02, "weight_decay": 0.5},
    "adamw decay, not biases": {
        "name": "adamw",
        "learning_rate": 0.02,
        "weight_decay": 2.0,
        "decay_biases": False,
    },
    "adamw amsgrad": {"name": "adamw", "learning_rate": 0.02, "weight_decay": 0.1, "amsgrad": True},
    "adadelta": {"name": "adadelta", "learning_rate": 5.0},
    "adadelta rho": {"name": "adadelta", "learning_rate": 2.0, "rho": 0.8, "epsilon": 1e-4},
    "adagrad": {"name": "adagrad", "learning_rate": 0.1},
    "adagrad start": {"name": "adagrad", "learning_rate": 0.1, "initial_accumulator_value": 0.01},
    "rmsprop": {"name": "rmsprop", "learning_rate": 0.01},
    "rmsprop momentum": {"name": "rmsprop", "learning_rate": 0.005, "momentum": 0.8},
    "rmsprop centered": {"name": "rmsprop", "learning_rate": 0.01, "centered": True, "epsilon": 1e-3},
    "rmsprop momentum, centered": {
        "name": "rmsprop",
        "learning_rate": 0.005,
        "rho": 0.8,
        "momentum": 0.5,
        "centered": True,
        "epsilon": 1e-3,
    },
    "adamax": {"name": "adamax", "learning_rate": 0.02},
    "adamax betas": {"name": "adamax", "learning_rate": 0.02, "beta_1": 0.6, "beta_2": 0.9},
    "nadam": {"name": "nadam", "learning_rate": 0.01},
    "nadam betas": {"name": "nadam", "learning_rate": 0.01, "beta_1": 0.7, "beta_2": 0.9},
    "clip value": {"name": "sgd", "learning_rate": 0.5, "clip_value": 0.02},
    "clip norm": {"name": "sgd", "learning_rate": 0.5, "clip_norm": 0.05},
    "clip global norm": {"name": "sgd", "learning_rate": 0.5, "global_clip_norm": 0.08},
    "clip norm, adam": {"name": "adam", "learning_rate": 0.02, "clip_norm": 0.05, "epsilon": 0.01},
    "clip norm that never bites": {"name": "sgd", "learning_rate": 0.1, "clip_norm": 1e6},
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
def test_optimizer(keras: ModuleType, optimizer: dict[str, object]) -> None:
    follow(keras, numeric_problem(), recipe(optimizer=optimizer))


@pytest.mark.parametrize(
    "name", ["sgd", "adam", "adamw", "adadelta", "adagrad", "rmsprop", "adamax", "nadam"]
)
def test_optimizer_with_its_defaults(keras: ModuleType, name: str) -> None:
    """Keras' default options are ours, all but the learning rate left alone."""
    made = recipe(optimizer={"name": name})
    theirs = keras_twin.optimizer_of(keras, made).get_config()
    bare = type(keras_twin.optimizer_of(keras, made))().get_config()
    ignored = {"name", "is_legacy_optimizer", "learning_rate"}
    assert {k: v for k, v in theirs.items() if k not in ignored} == {
        k: v for k, v in bare.items() if k not in ignored
    }
    assert theirs["learning_rate"] == pytest.approx(bare["learning_rate"])
    follow(keras, numeric_problem(), made, moves=1e-6 if name == "adadelta" else 1e-3)


@pytest.mark.parametrize("name", get_args(Activation))
def test_activation(keras: ModuleType, name: str) -> None:
    made = recipe(
        network=stack(hidden(8, name), hidden(5, name), LOGIT),
        optimizer={"name": "adam", "learning_rate": 0.02},
    )
    follow(keras, numeric_problem(), made)


INITIALIZERS: list[object] = [
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    {"name": "random_normal", "stddev": 0.3},
    {"name": "random_uniform", "minval": -0.4, "maxval": 0.4},
    {"name": "constant", "value": 0.1},
    "ones",
    "zeros",
]


@pytest.mark.parametrize("initializer", INITIALIZERS, ids=str)
def test_initializer(keras: ModuleType, initializer: object) -> None:
    layer = hidden(6, "tanh", kernel_initializer=initializer)
    last = {**LOGIT, "bias_initializer": "log_odds"}
    made = recipe(network=stack(layer, last), optimizer={"name": "adam", "learning_rate": 0.02})
    follow(keras, numeric_problem(), made, moves=0.01)


NORMALIZED = [
    ({"name": "sgd", "learning_rate": 0.2}, True),
    # The gradient of a bias before a normalisation is zero but for rounding, which Adam would blow up
    # to steps of its learning rate, in other directions here and there.
    ({"name": "adam", "learning_rate": 0.02}, False),
]


@pytest.mark.parametrize(("optimizer", "use_bias"), NORMALIZED, ids=["sgd", "adam"])
def test_batch_normalization(keras: ModuleType, optimizer: dict[str, object], use_bias: bool) -> None:
    """Moving averages count too: the plain losses are measured with them."""
    normalization = {**NORMALIZATION, "momentum": 0.8}
    network = stack(
        hidden(8, "linear", use_bias=use_bias),
        normalization,
        activation("relu"),
        hidden(6, "linear", use_bias=use_bias),
        normalization,
        activation("tanh"),
        LOGIT,
    )
    run = follow(keras, numeric_problem(train=200), recipe(network=network, optimizer=optimizer))
    assert np.ptp(run.weights["batch_normalization/moving_mean"]) > 0.01


def test_batch_normalization_of_the_input_with_decay(keras: ModuleType) -> None:
    """Keras decays gamma and beta as well."""
    network = stack({**NORMALIZATION, "momentum": 0.5}, hidden(6, "silu"), LOGIT)
    optimizer = {"name": "adamw", "learning_rate": 0.02, "weight_decay": 1.0}
    follow(keras, numeric_problem(train=192), recipe(network=network, optimizer=optimizer))


LOSSES: dict[str, dict[str, object]] = {
    "label smoothing": {"name": "binary_crossentropy", "label_smoothing": 0.2},
    "focal": {"name": "focal_crossentropy"},
    "focal, alpha and gamma": {"name": "focal_crossentropy", "alpha": 0.75, "gamma": 1.0},
    "focal, smoothing": {"name": "focal_crossentropy", "gamma": 3.0, "label_smoothing": 0.1},
    "logit-adjusted": {"name": "logit_adjusted", "tau": 0.7},
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_loss(keras: ModuleType, loss: dict[str, object]) -> None:
    follow(keras, numeric_problem(), recipe(loss=loss, optimizer={"name": "adam", "learning_rate": 0.02}))


@pytest.mark.parametrize(
    "weighting", ["balanced", "square_root", {"negative": 0.5, "positive": 4.0}], ids=str
)
def test_class_weights(keras: ModuleType, weighting: object) -> None:
    made = recipe(imbalance={"class_weight": weighting}, optimizer={"name": "adam", "learning_rate": 0.02})
    follow(keras, numeric_problem(rate=0.15), made)


def test_row_weights(keras: ModuleType) -> None:
    problem = numeric_problem()
    given = np.random.default_rng(0).gamma(1.0, size=len(problem.features)).astype(np.float32)
    follow(keras, problem, recipe(imbalance={"class_weight": "balanced"}), row_weights=given)


def test_penalties(keras: ModuleType) -> None:
    layer = hidden(8, "tanh", l1=0.003, l2=0.01, bias_l1=0.001, bias_l2=0.02)
    made = recipe(network=stack(layer, hidden(5, "tanh", l2=0.02), {**LOGIT, "l1": 0.002}))
    follow(keras, numeric_problem(), made)


@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "sgd", "learning_rate": 0.2, "momentum": 0.9},
        {"name": "adam", "learning_rate": 0.02},
        {"name": "adamw", "learning_rate": 0.02, "weight_decay": 0.5},
        {"name": "rmsprop", "learning_rate": 0.01},
        {"name": "adam", "learning_rate": 0.02, "global_clip_norm": 0.1},
    ],
    ids=lambda optimizer: str(optimizer["name"]),
)
def test_categories_and_missing_numbers(keras: ModuleType, optimizer: dict[str, object]) -> None:
    """Levels absent from a batch still move (momentum) and still decay, as Keras' dense updates do."""
    problem = mixed_problem(unseen=False)
    follow(keras, problem, recipe(network=stack(hidden(8, "tanh"), LOGIT), optimizer=optimizer))


@pytest.mark.parametrize("embedding_dim", [0, 3])
def test_categories_alone(keras: ModuleType, embedding_dim: int) -> None:
    problem = category_problem(embedding_dim=embedding_dim)
    seen = replace(problem.features, codes=np.maximum(problem.features.codes, 1))
    follow(keras, replace(problem, features=seen), recipe(optimizer={"name": "adam", "learning_rate": 0.05}))


@pytest.mark.parametrize("batch_size", [1, 7, 24, 199, 200, 201, 10_000])
def test_batch_size(keras: ModuleType, batch_size: int) -> None:
    """The last batch of an epoch may be smaller; a batch may be larger than the data."""
    training = PLAIN_TRAINING | {"batch_size": batch_size, "epochs": 2 if batch_size == 1 else 5}
    rate = 0.02 if batch_size == 1 else 0.3
    made = recipe(training=training, optimizer={"name": "sgd", "learning_rate": rate})
    follow(keras, numeric_problem(), made, moves=0.01)


def test_one_training_row(keras: ModuleType) -> None:
    problem = numeric_problem()
    positive = problem.split.train[problem.target[problem.split.train] == 1][:1]
    follow(keras, replace(problem, split=replace(problem.split, train=positive)), recipe())


def test_without_hidden_layers(keras: ModuleType) -> None:
    follow(keras, numeric_problem(), recipe(network=stack(LOGIT)))


def test_the_network_of_the_question(keras: ModuleType) -> None:
    """Nine inputs, eleven linear layers of seven units, balanced class weights; its dropout left out."""
    problem = numeric_problem(9, train=640, validation=200, rate=0.05)
    made = recipe(
        network=stack(*(hidden(7, "linear") for _ in range(11)), LOGIT),
        imbalance={"class_weight": "balanced"},
        optimizer={"name": "adam", "learning_rate": 0.001},
        training=PLAIN_TRAINING | {"batch_size": 128},
    )
    follow(keras, problem, made)


def test_the_network_of_the_notebook(keras: ModuleType) -> None:
    """125-80-40-10-1, ReLU, L2 0.01 on the hidden kernels, glorot_normal, Adam, batches of 24."""
    rng = np.random.default_rng(4)
    x = (rng.random((480, 125)) < 0.2).astype(np.float32)  # the notebook's inputs are mostly indicators
    x[:, :10] = rng.normal(size=(480, 10))
    target = ((x[:, 0] + x[:, 20:30].sum(axis=1) + 0.5 * rng.normal(size=480)) > 3.7).astype(np.uint8)
    base = numeric_problem(125, train=360, validation=120)
    problem = Problem(replace(base.features, numeric=x), target, identity(125), split_at(480, 360))
    layer: dict[str, Any] = {"l2": 0.01, "kernel_initializer": "glorot_normal"}
    made = recipe(
        network=stack(hidden(80, **layer), hidden(40, **layer), hidden(10, **layer), LOGIT),
        optimizer={"name": "adam", "learning_rate": 0.0005},
        training=PLAIN_TRAINING | {"batch_size": 24},
    )
    follow(keras, problem, made)
