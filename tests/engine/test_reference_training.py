"""Whole trainings said a second time in float64: SGD on finite differences of the reference.

What Keras cannot show, because its dropout draws other masks: that the masks of training are those
of :func:`~steelyard.engine.dropout_mask` for the step and the layer, and that everything works together.
"""

from __future__ import annotations

import numpy as np
import pytest

from steelyard import engine
from steelyard.recipe.network import BatchNormalization
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
from tests.engine.test_gradients import masks_of

RATE, EPOCHS, BATCH, SEED = 0.5, 3, 20, 23

CASES: dict[str, tuple[Problem, dict[str, object]]] = {
    "dropout": (
        numeric_problem(4, train=70, validation=20),
        stack(dropout(0.2), hidden(5, "tanh"), dropout(0.5), hidden(4, "silu"), dropout(0.3), LOGIT),
    ),
    "dropout, normalization": (
        numeric_problem(4, train=70, validation=20),
        stack(
            hidden(5, "linear"),
            {**NORMALIZATION, "momentum": 0.7},
            activation("gelu"),
            dropout(0.4),
            hidden(3, "tanh", l2=0.02),
            LOGIT,
        ),
    ),
    "dropout over categories": (
        mixed_problem(train=70, validation=20),
        stack(dropout(0.3), hidden(3, "tanh"), dropout(0.5), LOGIT),
    ),
    "dropout over categories alone": (
        category_problem(train=70, validation=20, embedding_dim=0),
        stack(dropout(0.3), hidden(3, "tanh"), LOGIT),
    ),
}


@pytest.mark.parametrize(("problem", "network"), CASES.values(), ids=CASES.keys())
def test_training_with_dropout(problem: Problem, network: dict[str, object]) -> None:
    made = recipe(
        network=network,
        optimizer={"name": "sgd", "learning_rate": RATE},
        imbalance={"class_weight": "balanced"},
        training={
            "epochs": EPOCHS,
            "batch_size": BATCH,
            "patience": None,
            "restore_best_weights": False,
        },
    )
    job = problem.job(made, seed=SEED)
    weights = reference.double(engine.initial_weights(job, problem.target))
    start = weights
    layers = made.network.stack()
    named = dict(zip(reference.layer_names(layers), layers, strict=True))
    objectives, step = [], 0
    for epoch in range(1, EPOCHS + 1):
        order = problem.split.train[engine.epoch_order(SEED, epoch, len(problem.split.train))]
        total = 0.0
        for first in range(0, len(order), BATCH):
            rows = order[first : first + BATCH]
            masks = masks_of(problem, made, SEED, step, len(rows))
            objective = reference.Objective(
                made,
                problem.features,
                problem.encoding,
                problem.target,
                problem.split.train,
                rows,
                masks=masks,
            )
            total += objective(weights) * len(rows)
            slopes = reference.finite_differences(objective, weights)
            x = reference.inputs(problem.features, problem.encoding, rows, weights)
            moments = reference.forward(made.network, weights, x, training=True, masks=masks).moments
            weights = {
                name: value - RATE * slopes[name] if name in slopes else value
                for name, value in weights.items()
            }
            for name, (mean, variance) in moments.items():
                normalization = named[name]
                assert isinstance(normalization, BatchNormalization)
                share = 1.0 - normalization.momentum
                for tensor, seen in (("moving_mean", mean), ("moving_variance", variance)):
                    path = f"{name}/{tensor}"
                    weights = {**weights, path: weights[path] + share * (seen - weights[path])}
            step += 1
        objectives.append(total / len(order))

    (run,) = engine.fit_population(problem.features, problem.target, [job], threads=1)
    np.testing.assert_allclose(run.history["train_objective"], objectives, rtol=1e-5)
    for name, expected in weights.items():
        np.testing.assert_allclose(run.weights[name], expected, rtol=1e-4, atol=1e-5, err_msg=name)
    moved = max(float(np.abs(weights[name] - start[name]).max()) for name in weights)
    assert moved > 0.05, "such a training shows nothing"
