"""choose_threshold, and predict_classes by what it chose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from steelyard.errors import RecipeError
from steelyard.keras import Sequential, models
from steelyard.keras.callbacks import EarlyStopping
from steelyard.keras.layers import Dense
from steelyard.keras.losses import BinaryCrossentropy
from steelyard.thresholds import FBeta, choose_threshold
from tests.keras.twins import table

ROWS = table()


def trained(logits: bool = False, **arguments: Any) -> Sequential:
    last = Dense(1) if logits else Dense(1, activation="sigmoid")
    model = Sequential([Dense(6, activation="relu", input_dim=5), last])
    model.compile("adam", BinaryCrossentropy(from_logits=logits))
    model.fit(ROWS.x, ROWS.y, epochs=5, verbose=0, **arguments)
    return model


@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize(
    "objective", ["f1", FBeta(2.0), "balanced_accuracy", "cost fp=1 fn=10", "recall>=80%"]
)
def test_what_was_chosen_is_what_is_predicted(objective: Any, logits: bool) -> None:
    model = trained(logits)
    choice = model.choose_threshold(ROWS.x_val, ROWS.y_val, objective)
    assert model.threshold == choice.threshold
    classes = model.predict_classes(ROWS.x_val)
    assert classes.shape == (len(ROWS.y_val), 1)
    assert classes.dtype == np.int32
    found = classes[:, 0]
    counted = choice.confusion
    assert (counted.tp, counted.fp) == (found[ROWS.y_val == 1].sum(), found[ROWS.y_val == 0].sum())
    if objective == "f1":
        assert choice.value == pytest.approx(f1_score(ROWS.y_val, found))
        assert choice.value >= f1_score(ROWS.y_val, model.predict(ROWS.x_val, verbose=0)[:, 0] > 0.5)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-30, 30, width=32), min_size=4, max_size=40),
    st.sampled_from(["f1", "mcc", "rate=0.3", "precision>=0.5"]),
    st.booleans(),
)
def test_no_row_lies_on_the_wrong_side(values: list[float], objective: str, logits: bool) -> None:
    """Neighbouring probabilities of float32 are told apart, however close they are."""
    x = np.array(values, np.float32)[:, None]
    y = np.arange(len(x)) % 2
    model = Sequential([Dense(1, activation=None if logits else "sigmoid", input_dim=1)])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    choice = model.choose_threshold(x, y, objective)
    found = model.predict_classes(x)[:, 0]
    assert found.sum() == choice.confusion.tp + choice.confusion.fp
    assert found[y == 1].sum() == choice.confusion.tp


def test_weights_of_rows_count() -> None:
    model = trained()
    weights, objective = np.where(ROWS.y_val == 1, 20.0, 1.0), "cost fp=1 fn=1"
    light = model.choose_threshold(ROWS.x_val, ROWS.y_val, objective).threshold
    heavy = model.choose_threshold(ROWS.x_val, ROWS.y_val, objective, sample_weight=weights)
    probability = model.predict(ROWS.x_val, verbose=0)[:, 0]
    assert heavy.threshold == choose_threshold(ROWS.y_val, probability, objective, weights).threshold
    assert heavy.threshold < light


def test_without_a_choice_it_is_keras_2s() -> None:
    for logits in (False, True):
        model = trained(logits)
        assert model.threshold is None
        np.testing.assert_array_equal(
            model.predict_classes(ROWS.x_val), model.predict(ROWS.x_val, verbose=0) > 0.5
        )
    model.threshold = 0.5
    np.testing.assert_array_equal(
        model.predict_classes(ROWS.x_val), model.predict(ROWS.x_val, verbose=0) > 0.0
    )


def test_other_weights_forget_it() -> None:
    model = trained()
    for change in (
        lambda: model.fit(ROWS.x, ROWS.y, verbose=0),
        lambda: model.set_weights(model.get_weights()),
        lambda: model.add(Dense(1, activation="sigmoid")),
    ):
        model.choose_threshold(ROWS.x_val, ROWS.y_val)
        assert model.threshold is not None
        change()
        assert model.threshold is None


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_it_is_saved_with_the_model(tmp_path: Path, name: str) -> None:
    model = trained(callbacks=[EarlyStopping(monitor="loss", restore_best_weights=True)])
    model.choose_threshold(ROWS.x_val, ROWS.y_val, "recall>=0.9")
    model.save(tmp_path / name)
    again = models.load_model(tmp_path / name)
    assert again.threshold == model.threshold
    np.testing.assert_array_equal(again.predict_classes(ROWS.x_val), model.predict_classes(ROWS.x_val))
    assert models.clone_model(model).threshold is None


@pytest.mark.parametrize(
    ("y", "objective", "message"),
    [
        (ROWS.y_val, "f11y", "K260: 'f11y' is no objective for a threshold"),
        (ROWS.y_val, "recall>=2", "K260: recall: must be above 0 and at most 1"),
        (np.zeros(len(ROWS.y_val)), "f1", "K260: choose_threshold: f1 needs rows of both classes"),
    ],
)
def test_what_cannot_be_chosen_for(y: Any, objective: str, message: str) -> None:
    model = trained()
    with pytest.raises(RecipeError, match=f"^{message}"):
        model.choose_threshold(ROWS.x_val, y, objective)
    assert model.threshold is None
