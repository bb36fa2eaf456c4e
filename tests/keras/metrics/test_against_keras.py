"""Every metric against Keras' of the same name, over a whole set at once."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from steelyard.keras import metrics
from steelyard.keras.metrics.compiled import CLASSES

# Outputs on a grid of 41 values: Keras' 200 thresholds then separate them all, and its areas under the
# ROC curve are exact too. No output equals a threshold.
GRID = (np.arange(41) + 0.5) / 41


@st.composite
def predictions(draw: st.DrawFn) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Labels of both classes, and probabilities."""
    target = [0, 1, *draw(st.lists(st.integers(0, 1), max_size=40))]
    cells = draw(st.lists(st.integers(0, 40), min_size=len(target), max_size=len(target)))
    return np.array(target, np.uint8), GRID[cells].astype(np.float32)


def theirs(metric: Any, target: NDArray[np.uint8], output: NDArray[np.float32]) -> float:
    metric.reset_state()
    metric.update_state(target.astype(np.float32)[:, None], output[:, None])
    return float(np.asarray(metric.result().detach()).reshape(-1)[0])


MADE: list[tuple[str, dict[str, Any]]] = [
    ("BinaryAccuracy", {}),
    ("BinaryAccuracy", {"threshold": 0.3}),
    ("Precision", {}),
    ("Precision", {"thresholds": 0.3}),
    ("Precision", {"thresholds": [0.8]}),
    ("Recall", {}),
    ("Recall", {"thresholds": 0.0}),
    ("F1Score", {"threshold": 0.5}),
    ("F1Score", {"threshold": 0.2, "average": "micro"}),
    ("F1Score", {"threshold": 0.2, "average": "weighted"}),
    ("FBetaScore", {"threshold": 0.5, "beta": 2.0}),
    ("TruePositives", {}),
    ("FalsePositives", {"thresholds": 0.3}),
    ("TrueNegatives", {}),
    ("FalseNegatives", {}),
    ("AUC", {}),
    ("AUC", {"num_thresholds": 400}),
    ("SensitivityAtSpecificity", {"specificity": 0.7}),
    ("SpecificityAtSensitivity", {"sensitivity": 0.7}),
    ("PrecisionAtRecall", {"recall": 0.5}),
    ("RecallAtPrecision", {"precision": 0.6}),
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}),
    ("BinaryCrossentropy", {"from_logits": True}),
    ("MeanSquaredError", {}),
    ("RootMeanSquaredError", {}),
    ("MeanAbsoluteError", {}),
]


@pytest.mark.parametrize(("name", "arguments"), MADE, ids=str)
def test_values(keras: ModuleType, name: str, arguments: dict[str, Any]) -> None:
    ours, oracle = CLASSES[name](**arguments), getattr(keras.metrics, name)(**arguments)

    @settings(max_examples=30)
    @given(predictions())
    def compare(drawn: tuple[NDArray[np.uint8], NDArray[np.float32]]) -> None:
        target, output = drawn
        assert ours.result(target, output) == pytest.approx(theirs(oracle, target, output), abs=2e-6)

    compare()


def test_every_class_is_compared() -> None:
    assert {name for name, _ in MADE} == set(CLASSES)


@given(predictions())
def test_areas_are_those_of_scikit_learn(drawn: tuple[NDArray[np.uint8], NDArray[np.float32]]) -> None:
    target, output = drawn
    for score in (output, np.log(output / (1 - output)), output.astype(np.float64)):
        assert metrics.AUC().result(target, score) == pytest.approx(roc_auc_score(target, output))
        area = metrics.AUC(curve="PR").result(target, score)
        assert area == pytest.approx(average_precision_score(target, output))


def test_areas_where_keras_is_far_off(keras: ModuleType) -> None:
    """Scores of a rare class crowd into Keras' first bin; the order is perfect and Keras says 0.5."""
    target = np.repeat([0, 1], [990, 10]).astype(np.uint8)
    output = np.linspace(0.0001, 0.004, 1000).astype(np.float32)
    assert metrics.AUC().result(target, output) == 1.0
    assert theirs(keras.metrics.AUC(), target, output) == pytest.approx(0.5)


def test_pr_area_is_near_that_of_keras(keras: ModuleType) -> None:
    rng = np.random.default_rng(3)
    target = (rng.random(20_000) < 0.3).astype(np.uint8)
    output = np.clip(rng.normal(0.4 + 0.2 * target, 0.15), 0, 1).astype(np.float32)
    expected = theirs(keras.metrics.AUC(curve="PR"), target, output)
    assert metrics.AUC(curve="PR").result(target, output) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("name", "arguments"), MADE, ids=str)
def test_configurations_are_those_of_keras(keras: ModuleType, name: str, arguments: dict[str, Any]) -> None:
    ours, oracle = (
        CLASSES[name](**arguments, name="mine"),
        getattr(keras.metrics, name)(**arguments, name="mine"),
    )
    config = metrics.serialize(ours)
    assert config == keras.metrics.serialize(oracle)
    assert metrics.serialize(metrics.deserialize(config)) == config
    again = keras.metrics.deserialize(config)
    assert keras.metrics.serialize(again) == config


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_signatures_and_directions_are_those_of_keras(keras: ModuleType, name: str) -> None:
    oracle = getattr(keras.metrics, name)
    theirs = [(p.name, p.default) for p in inspect.signature(oracle).parameters.values()]
    ours = [(p.name, p.default) for p in inspect.signature(CLASSES[name]).parameters.values()]
    assert ours == theirs
    arguments = next(arguments for made, arguments in MADE if made == name)
    assert CLASSES[name](**arguments).direction == getattr(oracle(**arguments), "_direction", None)
