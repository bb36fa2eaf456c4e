"""The reference itself against Keras' losses and torch's derivatives: two strangers must agree."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from tests.engine import keras_twin, reference
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

NETWORKS = {
    "normalized": stack(
        hidden(7, "gelu", l1=0.01, l2=0.02, bias_l1=0.1),
        NORMALIZATION,
        activation("leaky_relu", negative_slope=0.3),
        LOGIT,
    ),
    "plain": stack(hidden(6, "selu"), hidden(5, "mish"), LOGIT),
}
LOSSES: list[dict[str, object]] = [
    {"name": "binary_crossentropy", "label_smoothing": 0.1},
    {"name": "focal_crossentropy", "gamma": 1.5, "alpha": 0.7, "label_smoothing": 0.1},
    {"name": "logit_adjusted", "tau": 0.8},
]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: str(loss["name"]))
@pytest.mark.parametrize(
    "problem", [numeric_problem(), mixed_problem(unseen=False)], ids=["numeric", "mixed"]
)
def test_loss_and_finite_differences_agree_with_keras(
    keras: ModuleType, network: dict[str, object], loss: dict[str, object], problem: Problem
) -> None:
    made = recipe(
        network=network,
        loss=loss,
        imbalance={"class_weight": "balanced"},
        optimizer={"name": "sgd", "learning_rate": 1.0},  # so that one step on all rows moves by the gradient
        training=PLAIN_TRAINING | {"epochs": 1, "batch_size": 1000},
    )
    weights = reference.random_weights(made.network, problem.encoding)
    rows = problem.split.train
    twin = keras_twin.train(
        keras,
        made,
        problem.features,
        problem.target,
        problem.encoding,
        rows,
        problem.split.validation,
        weights,
        lambda epoch: np.arange(len(rows)),
    )
    objective = reference.Objective(made, problem.features, problem.encoding, problem.target, rows, rows)
    doubled = reference.double(weights)
    assert twin.objective[0] == pytest.approx(objective(doubled), rel=1e-6)
    slopes = reference.finite_differences(objective, doubled)
    assert max(np.abs(slope).max() for slope in slopes.values()) > 0.1
    for name, slope in slopes.items():
        np.testing.assert_allclose(weights[name] - twin.weights[name], slope, atol=1e-6, err_msg=name)
