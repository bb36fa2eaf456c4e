"""Models as ``.keras`` files: real Keras loads them and predicts what Steelyard predicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard.data import Features, Table
from steelyard.engine import predict_probability
from steelyard.errors import SteelyardWarning
from steelyard.export import to_keras
from steelyard.keras.models import load_model
from steelyard.preprocessing import encode
from steelyard.recipe.network import (
    Activation,
    ActivationLayer,
    BatchNormalization,
    Dense,
    Dropout,
    MultilayerPerceptron,
    Network,
    Stack,
)
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.run import Model
from tests.export.models import READOUTS, random_model
from tests.export.real_tables import Prepared

TOLERANCE = 1e-5

EVERY_KIND = Stack(
    layers=(
        Dropout(rate=0.2),
        Dense(units=7, use_bias=False, activation="leaky_relu", negative_slope=0.4, l1=0.01),
        BatchNormalization(scale=False, momentum=0.9),
        ActivationLayer(activation="leaky_relu", negative_slope=0.05),
        Dense(units=6, activation="tanh", bias_l2=0.5),
        BatchNormalization(center=False, epsilon=1e-5),
        ActivationLayer(activation="gelu"),
        Dropout(rate=0.5),
        Dense(units=1, l2=0.1),
    )
)


def loaded(model: Model, folder: Path) -> keras.Model:
    path = folder / "model.keras"
    path.write_bytes(to_keras(model))
    return keras.models.load_model(path)


def predicted(network: keras.Model, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    output = network(inputs).detach().numpy()
    assert output.shape == (len(inputs), 1)
    probability: NDArray[np.float32] = output[:, 0]
    return probability


def assert_agrees(model: Model, table: Table, folder: Path) -> keras.Model:
    network = loaded(model, folder)
    expected = predict_probability(model, table.features)
    assert np.ptp(expected) > 0.03
    found = predicted(network, encode(table.features, model.encoding).toarray())
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
    return network


def test_real_tables(prepared: Prepared, tmp_path: Path) -> None:
    rows = np.arange(max(0, len(prepared.features) - 4000), len(prepared.features))
    inputs = encode(prepared.features, prepared.model.encoding, rows).toarray()
    model = replace(prepared.model, readout=replace(prepared.model.readout, calibrator=None))
    found = predicted(loaded(model, tmp_path), inputs)
    features = Features(prepared.features.numeric[rows], prepared.features.codes[rows])
    np.testing.assert_allclose(found, predict_probability(model, features), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_activations(mixed: Table, tmp_path: Path, activation: Activation) -> None:
    network = MultilayerPerceptron(hidden_units=(8, 8), activation=activation)
    assert_agrees(random_model(mixed, network), mixed, tmp_path)


@pytest.mark.parametrize("one_hot_levels", [2000, 6, 0])
@pytest.mark.parametrize(
    "network", [MultilayerPerceptron(hidden_units=(6,)), EVERY_KIND], ids=["mlp", "stack"]
)
@pytest.mark.parametrize("networks", [1, 3])
def test_layers_embeddings_and_averages(
    mixed: Table, tmp_path: Path, one_hot_levels: int, network: Network, networks: int
) -> None:
    preprocessing = Preprocessing(one_hot_levels=one_hot_levels, embedding_dim=3)
    assert_agrees(random_model(mixed, network, preprocessing, networks), mixed, tmp_path)


def test_one_network_is_a_sequential_of_the_layers_of_the_recipe(mixed: Table, tmp_path: Path) -> None:
    network = assert_agrees(random_model(mixed, EVERY_KIND), mixed, tmp_path)
    assert isinstance(network, keras.Sequential)
    assert [type(layer).__name__ for layer in network.layers] == [
        *("Dropout", "Dense", "LeakyReLU", "BatchNormalization", "LeakyReLU", "Dense"),
        *("BatchNormalization", "Activation", "Dropout", "Dense"),
    ]
    assert [layer.name for layer in network.layers][1:6] == [
        *("dense", "leaky_re_lu", "batch_normalization", "leaky_re_lu_1", "dense_1")
    ]
    assert network.layers[0].rate == 0.2
    assert network.layers[1].kernel_regularizer.l1 == pytest.approx(0.01)
    assert network.layers[3].momentum == 0.9
    assert network.layers[5].bias_regularizer.l2 == pytest.approx(0.5)
    assert network.layers[-1].activation is keras.activations.sigmoid


@pytest.mark.parametrize("networks", [1, 2])
def test_the_prior_is_in_the_last_layer(mixed: Table, tmp_path: Path, networks: int) -> None:
    model = random_model(mixed, networks=networks, readout=READOUTS["prior"])
    assert_agrees(model, mixed, tmp_path)


@pytest.mark.parametrize("readout", ["logistic", "temperature"])
@pytest.mark.parametrize("use_bias", [True, False])
def test_a_calibrator_that_is_a_line_is_in_the_last_layer(
    mixed: Table, tmp_path: Path, readout: str, use_bias: bool
) -> None:
    network = Stack(layers=(Dense(units=5, activation="tanh"), Dense(units=1)))
    model = random_model(mixed, network, readout=READOUTS[readout])
    if not use_bias:
        bare = Stack(layers=(*network.layers[:-1], Dense(units=1, use_bias=False)))
        weights = {name: tensor for name, tensor in model.weights[0].items() if name != "dense_1/bias"}
        model = replace(model, network=bare, weights=(weights,))
    assert_agrees(model, mixed, tmp_path)


@pytest.mark.parametrize(("readout", "networks"), [("beta", 1), ("isotonic", 1), ("logistic", 2)])
def test_a_calibrator_keras_has_no_layers_for_is_told(
    mixed: Table, tmp_path: Path, readout: str, networks: int
) -> None:
    model = random_model(mixed, networks=networks, readout=READOUTS[readout])
    with pytest.warns(SteelyardWarning, match=f"lacks the {readout} calibration"):
        network = loaded(model, tmp_path)
    uncalibrated = replace(model, readout=replace(model.readout, calibrator=None))
    found = predicted(network, encode(mixed.features, model.encoding).toarray())
    np.testing.assert_allclose(
        found, predict_probability(uncalibrated, mixed.features), rtol=0, atol=TOLERANCE
    )


def test_a_loaded_network_can_be_trained_on(mixed: Table, tmp_path: Path) -> None:
    model = random_model(mixed, networks=2)
    network = loaded(model, tmp_path)
    network.compile("sgd", "binary_crossentropy")
    inputs = encode(mixed.features, model.encoding).toarray()
    network.fit(inputs, mixed.target.astype(np.float32), epochs=1, verbose=0)
    assert np.abs(predicted(network, inputs) - predict_probability(model, mixed.features)).max() > 1e-4


def test_steelyard_itself_reads_a_single_network(mixed: Table, tmp_path: Path) -> None:
    model = random_model(mixed, EVERY_KIND, Preprocessing(one_hot_levels=6))
    path = tmp_path / "model.keras"
    path.write_bytes(to_keras(model))
    found = load_model(path).predict(encode(mixed.features, model.encoding).toarray(), verbose=0)
    expected = predict_probability(model, mixed.features)
    np.testing.assert_allclose(np.asarray(found)[:, 0], expected, rtol=0, atol=TOLERANCE)


def test_several_networks_are_averaged_by_one_model(mixed: Table, tmp_path: Path) -> None:
    network = assert_agrees(random_model(mixed, networks=2), mixed, tmp_path)
    assert [layer.name for layer in network.layers] == ["encoded", "network_0", "network_1", "average"]
    assert "network_1" in network.to_json()
