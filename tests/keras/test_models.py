"""Sequential: architecture, weights, order of use."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from steelyard import keras
from steelyard.errors import SteelyardError
from steelyard.keras.layers import BatchNormalization, Dense, Dropout, Input
from steelyard.keras.models import Sequential, clone_model, model_from_json
from tests.keras.twins import table

ROWS = table()


def small(**options: Any) -> Sequential:
    model = Sequential(
        [Dense(4, activation="relu", input_dim=5), BatchNormalization(), Dropout(0.2), Dense(1, "sigmoid")]
    )
    model.compile("adam", "binary_crossentropy", **options)
    return model


def test_names_are_keras_own() -> None:
    model = Sequential([Input((5,)), Dense(3), Dense(3, name="dense_1"), Dropout(0.1), Dense(1)])
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dropout", "dense_2"]
    with pytest.raises(SteelyardError, match="K256: sequential has a layer named 'dense' already"):
        model.add(Dense(1, name="dense"))


def test_shapes_and_counts(keras: ModuleType) -> None:
    model = small()
    layers = keras.layers
    twin = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(4, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    assert model.input_shape == twin.input_shape
    assert model.output_shape == twin.output_shape
    assert model.count_params() == twin.count_params()
    assert [w.shape for w in model.get_weights()] == [w.shape for w in twin.get_weights()]
    assert [w.path.split("/")[1] for w in model.weights] == [w.path.split("/")[-1] for w in twin.weights]
    assert len(model.layers) == len(twin.layers)
    assert model.get_layer("dense").units == model.get_layer(index=0).units == 4
    twin.set_weights(model.get_weights())
    np.testing.assert_allclose(model.predict(ROWS.x, verbose=0), twin.predict(ROWS.x, verbose=0), atol=1e-6)


def test_input_dim_on_every_layer_counts_on_the_first_only() -> None:
    """As the question's program has it."""
    model = Sequential()
    for _ in range(3):
        model.add(Dense(7, input_dim=9, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    assert model.input_shape == (None, 9)
    assert [tensor.shape for tensor in model.get_weights()][::2] == [(9, 7), (7, 7), (7, 7), (7, 1)]


def test_weights_can_be_read_and_set_anywhere() -> None:
    model = small()
    tensors = [np.full(t.shape, i, np.float32) for i, t in enumerate(model.get_weights())]
    model.set_weights(tensors)
    np.testing.assert_array_equal(model.layers[0].get_weights()[1], tensors[1])
    model.layers[3].set_weights([np.ones((4, 1)), [5.0]])
    assert model.get_weights()[-1][0] == 5.0
    np.testing.assert_array_equal(model.get_weights()[0], tensors[0])
    with pytest.raises(SteelyardError, match="K213: sequential takes tensors of the shapes"):
        model.set_weights(tensors[:-1])
    with pytest.raises(SteelyardError, match="K213"):
        model.layers[0].set_weights([np.ones((5, 5)), np.ones(5)])


def test_a_seed_of_an_initializer_is_kept_to() -> None:
    def build() -> Sequential:
        initializer = keras.initializers.glorot_normal(seed=42)
        return Sequential(
            [Dense(8, "relu", input_dim=5, kernel_initializer=initializer), Dense(1, "sigmoid")]
        )

    first, second = build(), build()
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])
    assert not np.array_equal(first.get_weights()[2], second.get_weights()[2]), "no seed: another draw"


def test_models_differ_and_programs_do_not() -> None:
    def program() -> list[Any]:
        keras.utils.set_random_seed(7)
        first, second = small(), small()
        for model in (first, second):
            model.fit(ROWS.x, ROWS.y, epochs=2, verbose=0)
        return [first.predict(ROWS.x, verbose=0), second.predict(ROWS.x, verbose=0)]

    once, again = program(), program()
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once[0], once[1])


def test_adding_a_layer_draws_weights_anew() -> None:
    model = small()
    before = model.get_weights()
    last = model.pop()
    model.add(Dense(3, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    assert len(model.get_weights()) == len(before) + 2
    assert last.get_weights() == []
    assert len(small().layers) == 4


def test_a_layer_belongs_to_one_model() -> None:
    layer = Dense(3, name="shared")
    Sequential([layer])
    with pytest.raises(SteelyardError, match="K256: layer 'shared' is part of 'sequential' already"):
        Sequential([layer])


def test_clones_and_json() -> None:
    model = small()
    for copy in (clone_model(model), model_from_json(model.to_json())):
        assert copy.get_config() == model.get_config()
        assert not np.array_equal(copy.get_weights()[0], model.get_weights()[0])
    assert Sequential.from_config(model.get_config()).get_config() == model.get_config()


def test_files_hold_the_whole_model(tmp_path: Any) -> None:
    model = small(metrics=["accuracy", "AUC"])
    model.fit(ROWS.x, ROWS.y, epochs=2, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.predict(ROWS.x, verbose=0), model.predict(ROWS.x, verbose=0))
    assert loaded.evaluate(ROWS.x, ROWS.y, verbose=0) == model.evaluate(ROWS.x, ROWS.y, verbose=0)
    model.save_weights(tmp_path / "m.weights.h5")
    other = small()
    other.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(other.predict(ROWS.x, verbose=0), model.predict(ROWS.x, verbose=0))


def test_a_loaded_model_goes_on_with_its_optimizers_memory(tmp_path: Any) -> None:
    """Batches come in the given order, so that only the memory could make a difference."""
    options: dict[str, Any] = {"verbose": 0, "shuffle": False, "epochs": 3}

    def build() -> Sequential:
        model = Sequential([Dense(4, "relu", input_dim=5), Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    model = build()
    model.fit(ROWS.x, ROWS.y, **options)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    for each in (model, loaded):
        each.fit(ROWS.x, ROWS.y, **options)
    for mine, theirs in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_predictions() -> None:
    model = small()
    probability = model.predict(ROWS.x, verbose=0)
    assert probability.shape == (len(ROWS.x), 1)
    assert probability.dtype == np.float32
    np.testing.assert_array_equal(model.predict_classes(ROWS.x), probability > 0.5)
    np.testing.assert_array_equal(model.predict_proba(ROWS.x), probability)


WRONG: dict[str, tuple[Any, str]] = {
    "fit before compile": (
        lambda: Sequential([Dense(1, "sigmoid")]).fit(ROWS.x, ROWS.y),
        "K256: fit: sequential is not compiled",
    ),
    "no layers": (lambda: Sequential().fit(ROWS.x, ROWS.y), "K256: fit: sequential has no layers"),
    "weights before the width": (
        lambda: Sequential([Dense(1, "sigmoid")]).get_weights(),
        "K256: weights: sequential does not know how many columns",
    ),
    "another width": (lambda: small().fit(ROWS.x[:, :3], ROWS.y), "K253: the number of columns of x is 3"),
    "another width to predict": (
        lambda: small().predict(ROWS.x[:, :3]),
        "K253: x has 3 columns; .* built for 5",
    ),
    "no loss": (lambda: small().compile("adam"), "K257: compile needs a loss"),
    "loss weights": (
        lambda: small().compile("adam", "binary_crossentropy", loss_weights=[2.0]),  # type: ignore[arg-type]
        "K257: compile: loss_weights is not supported",
    ),
    "steps": (lambda: small().fit(ROWS.x, ROWS.y, steps_per_epoch=3), "K257: fit: steps_per_epoch"),
    "no labels": (lambda: small().fit(ROWS.x), "K257: fit needs x and y"),
    "epochs": (lambda: small().fit(ROWS.x, ROWS.y, epochs=-1), "fit: epochs is -1"),
    "no such layer": (lambda: small().get_layer("dens"), "K256: sequential has no layer 'dens'"),
    "not a layer": (lambda: Sequential(["dense"]), "K2"),
    "input in the middle": (
        lambda: Sequential([Dense(2), Input((3,))]),
        "K256: sequential: the input must come",
    ),
    "pop of nothing": (lambda: Sequential().pop(), "K256: sequential: there is no layer"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_told(name: str) -> None:
    call, message = WRONG[name]
    with pytest.raises(SteelyardError, match=message):
        call()
