"""Probabilities of a model: the mean over its networks, precise at both ends."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from steelyard import engine
from steelyard.data import Schema, Target
from steelyard.run import Model
from tests.engine import reference
from tests.engine.problems import LOGIT, hidden, mixed_problem, numeric_problem, recipe, stack

SCHEMA = Schema(columns=(), target=Target("y", "1", "0", positive_by_default=True))


def test_the_probability_is_the_mean_over_the_networks() -> None:
    problem = mixed_problem()
    network = recipe(network=stack(hidden(6, "gelu"), LOGIT)).network
    weights = tuple(reference.random_weights(network, problem.encoding, seed) for seed in (1, 2, 3))
    model = Model(SCHEMA, problem.encoding, network, weights)
    expected = []
    for one in weights:
        doubled = reference.double(one)
        x = reference.inputs(problem.features, problem.encoding, np.arange(len(problem.features)), doubled)
        expected.append(expit(reference.forward(network, doubled, x).logits))
    probability = engine.predict_probability(model, problem.features)
    assert probability.dtype == np.float64
    np.testing.assert_allclose(probability, np.mean(expected, axis=0), rtol=1e-5)
    assert np.ptp(probability) > 0.1


def test_tiny_probabilities_keep_their_digits() -> None:
    """Log loss needs the logarithm of both the probability and its complement."""
    problem = numeric_problem(1)
    network = recipe(network=stack(LOGIT)).network
    weights = {"dense/kernel": np.ones((1, 1), np.float32), "dense/bias": np.zeros(1, np.float32)}
    numeric = np.array([[-80.0], [-40.0], [-20.0], [0.0], [20.0], [80.0], [-1000.0], [1000.0]], np.float32)
    features = type(problem.features)(numeric, np.zeros((8, 0), np.int32))
    model = Model(SCHEMA, problem.encoding, network, (weights,))
    probability = engine.predict_probability(model, features)
    np.testing.assert_allclose(probability, expit(numeric[:, 0].astype(np.float64)), rtol=1e-6)
    assert probability[1] > 0
    assert ((probability >= 0) & (probability <= 1)).all()
