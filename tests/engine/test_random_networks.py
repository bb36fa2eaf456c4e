"""Networks that nobody thought of: random stacks, losses and weights against the reference."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard import engine
from steelyard.recipe import Recipe
from steelyard.recipe.network import Activation
from tests.engine import reference
from tests.engine.problems import LOGIT, category_problem, mixed_problem, numeric_problem, recipe
from tests.engine.test_gradients import check

SMOOTH = [name for name in get_args(Activation) if name not in ("relu", "leaky_relu", "selu")]
PENALTY = st.sampled_from([0.0, 0.0, 0.01, 0.1])
DENSE = st.fixed_dictionaries(
    {
        "layer": st.just("dense"),
        "units": st.integers(1, 5),
        "activation": st.sampled_from(SMOOTH),
        "use_bias": st.booleans(),
        "l1": PENALTY,
        "l2": PENALTY,
        "bias_l2": PENALTY,
    }
)
ANY = st.one_of(
    DENSE,
    st.fixed_dictionaries({"layer": st.just("activation"), "activation": st.sampled_from(SMOOTH)}),
    st.fixed_dictionaries({"layer": st.just("dropout"), "rate": st.sampled_from([0.0, 0.2, 0.6])}),
    st.fixed_dictionaries(
        {
            "layer": st.just("batch_normalization"),
            "epsilon": st.sampled_from([0.1, 1.0]),
            "center": st.booleans(),
            "scale": st.booleans(),
        }
    ),
)
DROPOUT = st.fixed_dictionaries({"layer": st.just("dropout"), "rate": st.sampled_from([0.1, 0.5])})
LOSS = st.one_of(
    st.fixed_dictionaries(
        {"name": st.just("binary_crossentropy"), "label_smoothing": st.sampled_from([0.0, 0.3])}
    ),
    st.fixed_dictionaries(
        {
            "name": st.just("focal_crossentropy"),
            "gamma": st.sampled_from([0.0, 0.7, 2.0]),
            "alpha": st.sampled_from([None, 0.2]),
        }
    ),
    st.fixed_dictionaries({"name": st.just("logit_adjusted"), "tau": st.sampled_from([-1.0, 0.5])}),
)


@st.composite
def recipes(draw: st.DrawFn, dense_first: bool) -> Recipe:
    first: list[dict[str, Any]] = [*draw(st.lists(DROPOUT, max_size=1)), draw(DENSE)] if dense_first else []
    layers = [*first, *draw(st.lists(ANY, max_size=4)), {**LOGIT, "l2": draw(PENALTY)}]
    weighting = draw(st.sampled_from(["none", "balanced", "square_root"]))
    return recipe(network={"layers": layers}, loss=draw(LOSS), imbalance={"class_weight": weighting})


@given(recipes(dense_first=False), st.integers(0, 2**32), st.booleans())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_gradients_on_numbers(made: Recipe, seed: int, weighted: bool) -> None:
    problem = numeric_problem(3)
    given_weights = np.random.default_rng(seed).gamma(1.0, size=len(problem.target)).astype(np.float32)
    check(problem, made, row_weights=given_weights if weighted else None, seed=seed, flat=True)


@given(recipes(dense_first=True), st.integers(0, 2**32), st.integers(0, 2))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_gradients_with_categories(made: Recipe, seed: int, which: int) -> None:
    problem = (mixed_problem(), category_problem(), category_problem(embedding_dim=0))[which]
    check(problem, made, seed=seed, flat=True)


@given(recipes(dense_first=True), st.integers(0, 2**32), st.integers(1, 400))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_predictions(made: Recipe, seed: int, rows: int) -> None:
    problem = mixed_problem(train=300, validation=100, seed=seed)
    weights = reference.random_weights(made.network, problem.encoding, seed=seed)
    features = type(problem.features)(problem.features.numeric[:rows], problem.features.codes[:rows])
    logits = engine.predict_logits(made.network, weights, problem.encoding, features)
    doubled = reference.double(weights)
    x = reference.inputs(features, problem.encoding, np.arange(rows), doubled)
    expected = reference.forward(made.network, doubled, x).logits
    np.testing.assert_allclose(logits, expected, rtol=2e-5, atol=2e-5 * np.abs(expected).max(initial=1.0))
