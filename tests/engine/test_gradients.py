"""The engine's loss and gradient of one batch against finite differences of the float64 reference."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard import engine
from steelyard.recipe import Recipe
from steelyard.recipe.network import Activation, Dropout, Layer
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    Problem,
    activation,
    category_problem,
    dropout,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    stack,
)

ACTIVATIONS = get_args(Activation)
BATCH = 37  # no multiple of any vector width


def batch_of(problem: Problem, size: int = BATCH) -> NDArray[np.int64]:
    """Training rows in no particular order, one of them twice."""
    rows = np.random.default_rng(11).permutation(problem.split.train)[:size]
    rows[-1] = rows[0]
    return rows


def width_before(position: int, layers: tuple[Layer, ...], inputs: int) -> int:
    for layer in layers[:position]:
        inputs = getattr(layer, "units", inputs)
    return inputs


def masks_of(
    problem: Problem, made: Recipe, seed: int, step: int, batch: int
) -> dict[int, NDArray[np.bool_]]:
    layers = made.network.stack()
    return {
        position: engine.dropout_mask(
            seed, position, step, batch, width_before(position, layers, problem.encoding.inputs), layer.rate
        )
        for position, layer in enumerate(layers)
        if isinstance(layer, Dropout)
    }


def check(
    problem: Problem,
    made: Recipe,
    *,
    training: bool = True,
    row_weights: NDArray[np.float32] | None = None,
    seed: int = 3,
    step: int = 4,
    spread: float = 0.6,
    flat: bool = False,
) -> dict[str, NDArray[np.float64]]:
    """Compares loss and gradient, every tensor by itself; returns the finite differences.

    Unless it may be ``flat``, the objective must have a slope: else the comparison proves nothing.
    """
    weights = reference.random_weights(made.network, problem.encoding, spread=spread)
    rows = batch_of(problem)
    objective = reference.Objective(
        recipe=made,
        features=problem.features,
        encoding=problem.encoding,
        target=problem.target,
        train_rows=problem.split.train,
        rows=rows,
        row_weights=row_weights,
        training=training,
        masks=masks_of(problem, made, seed, step, len(rows)),
    )
    expected = reference.finite_differences(objective, reference.double(weights))
    loss, gradient = engine.loss_and_gradient(
        problem.features,
        problem.target,
        problem.job(made, seed=seed),
        rows,
        weights=weights,
        step=step,
        training=training,
        row_weights=row_weights,
    )
    assert loss == pytest.approx(objective(reference.double(weights)), rel=2e-6, abs=1e-7)
    largest = max(float(np.abs(slope).max(initial=0.0)) for slope in expected.values())
    assert flat or largest > 1e-4
    for name, slope in expected.items():
        assert gradient[name].dtype == np.float32
        np.testing.assert_allclose(gradient[name], slope, rtol=1e-4, atol=3e-6 * largest, err_msg=name)
    return expected


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_of_a_dense_layer(name: str) -> None:
    check(numeric_problem(), recipe(network=stack(hidden(7, name), hidden(5, name), LOGIT)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_from_zero(name: str) -> None:
    """Saturated units and large arguments: exp, erf and log1p must neither overflow nor lose digits."""
    check(numeric_problem(), recipe(network=stack(hidden(7, name), hidden(4, "linear"), LOGIT)), spread=4.0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_layer_after_normalization(name: str) -> None:
    network = stack(hidden(6, "linear"), NORMALIZATION, activation(name), hidden(4, "tanh"), LOGIT)
    check(numeric_problem(), recipe(network=network))


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3, 1.5])
def test_slope_of_leaky_relu(slope: float) -> None:
    network = stack(
        hidden(6, "leaky_relu", negative_slope=slope),
        activation("leaky_relu", negative_slope=slope / 2),
        hidden(4, "leaky_relu"),
        LOGIT,
    )
    check(numeric_problem(), recipe(network=network))


@pytest.mark.parametrize("widths", [(), (1,), (1, 1), (3, 17, 2), (16,), (33, 5), (8, 8, 8, 8)])
def test_any_depth_and_width(widths: tuple[int, ...]) -> None:
    check(numeric_problem(3), recipe(network=stack(*(hidden(width, "tanh") for width in widths), LOGIT)))


@pytest.mark.parametrize("columns", [1, 2, 7, 8, 15, 16, 17, 31])
def test_any_number_of_columns(columns: int) -> None:
    check(numeric_problem(columns), recipe(network=stack(hidden(3, "tanh"), LOGIT)))


def test_without_bias() -> None:
    expected = check(
        numeric_problem(),
        recipe(network=stack(hidden(6, "gelu", use_bias=False), {**LOGIT, "use_bias": False})),
    )
    assert set(expected) == {"dense/kernel", "dense_1/kernel"}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("scale", [True, False])
def test_batch_normalization(training: bool, center: bool, scale: bool) -> None:
    normalization = {**NORMALIZATION, "center": center, "scale": scale, "epsilon": 0.01}
    network = stack(
        hidden(6, "linear"), normalization, activation("tanh"), hidden(4, "silu"), NORMALIZATION, LOGIT
    )
    check(numeric_problem(), recipe(network=network), training=training)


def test_batch_normalization_of_the_input() -> None:
    check(numeric_problem(), recipe(network=stack(NORMALIZATION, hidden(5, "tanh"), LOGIT)))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_at_any_depth(rate: float) -> None:
    network = stack(
        dropout(rate / 2), hidden(8, "tanh"), dropout(rate), hidden(6, "mish"), dropout(rate), LOGIT
    )
    check(numeric_problem(), recipe(network=network))


def test_inference_has_no_dropout_and_moving_averages() -> None:
    problem = mixed_problem()
    network = stack(
        dropout(0.5), hidden(8, "linear"), NORMALIZATION, activation("tanh"), dropout(0.5), hidden(4), LOGIT
    )
    made = recipe(network=network, imbalance={"class_weight": "balanced"})
    weights = reference.random_weights(made.network, problem.encoding)
    rows = batch_of(problem)
    expected = reference.Objective(
        made, problem.features, problem.encoding, problem.target, problem.split.train, rows, training=False
    )(reference.double(weights))
    losses = [
        engine.loss_and_gradient(
            problem.features,
            problem.target,
            problem.job(made),
            rows,
            weights=weights,
            step=step,
            training=False,
        )[0]
        for step in (0, 1)
    ]
    assert losses == [pytest.approx(expected, rel=1e-6)] * 2
    logits = engine.predict_logits(made.network, weights, problem.encoding, problem.features)
    doubled = reference.double(weights)
    x = reference.inputs(problem.features, problem.encoding, np.arange(len(logits)), doubled)
    np.testing.assert_allclose(
        logits, reference.forward(made.network, doubled, x).logits, rtol=1e-5, atol=2e-6
    )


def test_dropout_of_rate_zero_keeps_everything() -> None:
    check(numeric_problem(), recipe(network=stack(dropout(0.0), hidden(8, "tanh"), dropout(0.0), LOGIT)))


@pytest.mark.parametrize("unseen", [True, False])
@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_missing_numbers_and_categories(unseen: bool, name: str) -> None:
    expected = check(
        mixed_problem(unseen=unseen), recipe(network=stack(hidden(6, name), hidden(4, name), LOGIT))
    )
    assert np.abs(expected["embedding/1"]).max() > 1e-4


def test_dropout_over_an_input_with_categories() -> None:
    check(mixed_problem(), recipe(network=stack(dropout(0.4), hidden(6, "tanh"), dropout(0.2), LOGIT)))


def test_categories_straight_into_the_logit() -> None:
    check(mixed_problem(), recipe(network=stack(LOGIT)))


@pytest.mark.parametrize("embedding_dim", [0, 2])
@pytest.mark.parametrize("input_dropout", [0.0, 0.4])
@pytest.mark.parametrize("training", [True, False])
def test_categories_alone(embedding_dim: int, input_dropout: float, training: bool) -> None:
    """Without a numeric column, and without any dense input at all if every category is one-hot."""
    problem = category_problem(embedding_dim=embedding_dim)
    layers = [dropout(input_dropout)] if input_dropout else []
    made = recipe(network=stack(*layers, hidden(6, "tanh", l2=0.01), dropout(0.2), LOGIT))
    expected = check(problem, made, training=training)
    assert ("embedding/1" in expected) == (embedding_dim > 0)
    weights = reference.random_weights(made.network, problem.encoding)
    doubled = reference.double(weights)
    logits = engine.predict_logits(made.network, weights, problem.encoding, problem.features)
    x = reference.inputs(problem.features, problem.encoding, np.arange(len(logits)), doubled)
    np.testing.assert_allclose(
        logits, reference.forward(made.network, doubled, x).logits, rtol=1e-5, atol=2e-6
    )


@pytest.mark.parametrize("embedding_dim", [0, 2])
def test_categories_alone_straight_into_the_logit(embedding_dim: int) -> None:
    check(category_problem(embedding_dim=embedding_dim), recipe(network=stack(LOGIT)))


def test_a_level_that_no_row_of_the_batch_has_gets_no_gradient() -> None:
    problem = mixed_problem(unseen=False)
    made = recipe(network=stack(hidden(4, "tanh"), LOGIT))
    rows = problem.split.train[problem.features.codes[problem.split.train, 1] != 4][:20]
    weights = reference.random_weights(made.network, problem.encoding)
    _, gradient = engine.loss_and_gradient(
        problem.features, problem.target, problem.job(made), rows, weights=weights
    )
    slot = problem.encoding.categories[1].slots[4]
    assert not gradient["embedding/1"][slot].any()
    assert gradient["embedding/1"].any()


LOSSES: dict[str, dict[str, object]] = {
    "crossentropy": {"name": "binary_crossentropy"},
    "label smoothing": {"name": "binary_crossentropy", "label_smoothing": 0.2},
    "focal": {"name": "focal_crossentropy"},
    "focal, gamma 0": {"name": "focal_crossentropy", "gamma": 0.0},
    "focal, gamma 0.5": {"name": "focal_crossentropy", "gamma": 0.5},
    "focal, gamma 5": {"name": "focal_crossentropy", "gamma": 5.0},
    "focal, alpha": {"name": "focal_crossentropy", "gamma": 1.5, "alpha": 0.8},
    "focal, alpha, smoothing": {"name": "focal_crossentropy", "alpha": 0.3, "label_smoothing": 0.1},
    "logit-adjusted": {"name": "logit_adjusted"},
    "logit-adjusted, tau 0.5, smoothing": {"name": "logit_adjusted", "tau": 0.5, "label_smoothing": 0.1},
}
WEIGHTINGS: dict[str, object] = {
    "none": "none",
    "balanced": "balanced",
    "square root": "square_root",
    "given": {"negative": 0.5, "positive": 7.0},
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("spread", [0.6, 3.0])
def test_loss(loss: dict[str, object], spread: float) -> None:
    check(numeric_problem(rate=0.1), recipe(loss=loss), spread=spread)


@pytest.mark.parametrize("loss", ["crossentropy", "focal, alpha", "logit-adjusted"])
@pytest.mark.parametrize("weighting", WEIGHTINGS.values(), ids=WEIGHTINGS.keys())
def test_class_weights(loss: str, weighting: object) -> None:
    check(numeric_problem(rate=0.1), recipe(loss=LOSSES[loss], imbalance={"class_weight": weighting}))


@pytest.mark.parametrize("loss", ["crossentropy", "label smoothing", "focal"])
@pytest.mark.parametrize("weighting", ["none", "balanced"])
def test_row_weights(loss: str, weighting: str) -> None:
    problem = numeric_problem()
    given = np.random.default_rng(0).gamma(1.0, size=len(problem.features)).astype(np.float32)
    given[::5] = 0.0
    made = recipe(loss=LOSSES[loss], imbalance={"class_weight": weighting})
    check(problem, made, row_weights=given)


PENALTIES = {
    "l2": {"l2": 0.05},
    "l1": {"l1": 0.03},
    "both": {"l1": 0.02, "l2": 0.04},
    "bias": {"bias_l1": 0.1, "bias_l2": 0.2},
    "all": {"l1": 0.01, "l2": 0.02, "bias_l1": 0.03, "bias_l2": 0.04},
}


@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES.keys())
def test_penalty(penalty: dict[str, object]) -> None:
    check(
        mixed_problem(),
        recipe(network=stack(hidden(6, "tanh", **penalty), hidden(4, "relu"), {**LOGIT, **penalty})),
    )


def test_huge_logits_have_a_finite_loss_and_the_right_gradient() -> None:
    problem = numeric_problem()
    huge = replace(
        problem, features=replace(problem.features, numeric=problem.features.numeric * np.float32(300))
    )
    made = recipe(network=stack(LOGIT))
    weights = reference.random_weights(made.network, huge.encoding)
    objective = reference.Objective(
        made, huge.features, huge.encoding, huge.target, huge.split.train, huge.split.train
    )
    loss, gradient = engine.loss_and_gradient(
        huge.features, huge.target, huge.job(made), huge.split.train, weights=weights
    )
    assert loss == pytest.approx(objective(reference.double(weights)), rel=1e-5)
    assert loss > 20
    expected = reference.finite_differences(objective, reference.double(weights), step=1e-6)
    np.testing.assert_allclose(gradient["dense/kernel"], expected["dense/kernel"], rtol=1e-4, atol=1e-3)


def test_the_gradient_of_a_batch_of_many_rows() -> None:
    """More rows than any block of the engine's products."""
    problem = numeric_problem(4, train=700)
    made = recipe(network=stack(hidden(5, "silu"), LOGIT))
    weights = reference.random_weights(made.network, problem.encoding)
    rows = problem.split.train
    objective = reference.Objective(made, problem.features, problem.encoding, problem.target, rows, rows)
    _, gradient = engine.loss_and_gradient(
        problem.features, problem.target, problem.job(made), rows, weights=weights
    )
    expected = reference.finite_differences(objective, reference.double(weights))
    for name, slope in expected.items():
        np.testing.assert_allclose(gradient[name], slope, rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_clipped_number_tends_to_its_bound_however_large() -> None:
    """1e30 is a legal float32, its square is not."""
    problem = mixed_problem()
    numeric = problem.features.numeric.copy()
    numeric[:6, 1] = [1e30, -1e30, 3e38, -3e38, 1e19, 2e10]
    made = recipe(network=stack(LOGIT))
    weights = reference.random_weights(made.network, problem.encoding)
    features = replace(problem.features, numeric=numeric)
    logits = engine.predict_logits(made.network, weights, problem.encoding, features)
    doubled = reference.double(weights)
    x = reference.inputs(features, problem.encoding, np.arange(len(logits)), doubled)
    np.testing.assert_allclose(np.abs(x[:6, 1]), 3.0, rtol=1e-6)
    np.testing.assert_allclose(
        logits, reference.forward(made.network, doubled, x).logits, rtol=1e-5, atol=2e-6
    )
