"""A model as a ``.keras`` file, which Keras 3 loads without code of ours."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any
from warnings import warn

import h5py
import numpy as np
from numpy.typing import NDArray

from steelyard.data.calibrator import Logistic, Temperature
from steelyard.data.encoding import Encoding
from steelyard.errors import SteelyardWarning
from steelyard.export.stages import Stage, embedded_columns, stages
from steelyard.keras.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    InputLayer,
    Layer,
    LeakyReLU,
)
from steelyard.keras.layers.layer import FLOAT32
from steelyard.keras.regularizers import L1L2
from steelyard.keras.saving.configs import model_form
from steelyard.keras.saving.weights import write_tensors
from steelyard.keras.saving.writing import archive_of
from steelyard.keras.serialized import Config, serialized, snake_case
from steelyard.recipe import network
from steelyard.run import Model, Weights

NAME = "steelyard"
INPUT = "encoded"

Network = list[tuple[Layer, tuple[NDArray[np.float32], ...]]]
"""Layers from input to probability, each with its tensors in Keras' order."""


def to_keras(model: Model) -> bytes:
    """The bytes of a ``.keras`` file for Keras 3.4 or newer: from the encoded matrix to the probability.

    Keras has no layers for what Steelyard does with columns, so the input is the matrix that
    :func:`steelyard.preprocessing.encode` gives, and ``encode`` in the file of
    :func:`~steelyard.export.to_numpy_source`: scaled numbers, indicators, and every category one-hot. The
    output has the shape (rows, 1). A network is a ``Sequential``; an embedding becomes its first layer, a
    linear ``Dense`` without bias. Several networks become one functional model that averages them.
    Dropout and penalties are kept for those who train on.

    The last layer has in its weights what undoes class weights and resampling, and for one network a logistic
    or temperature calibrator. For others Keras has no layers: they are left out, and a warning says so.
    But for these, probabilities agree with :func:`steelyard.predict_probability` to about 1e-6.
    """
    _warn_of_what_is_left_out(model)
    encoding = model.encoding
    width = len(encoding.shift) + len(encoding.indicators) + sum(c.size for c in encoding.categories)
    line = _line(model)
    networks = [_network(model.network, weights, encoding, width, line) for weights in model.weights]
    form = _form(networks[0], NAME, width) if len(networks) == 1 else _average(networks, width)
    return archive_of(form, _weights(networks))


def _warn_of_what_is_left_out(model: Model) -> None:
    calibrator = model.readout.calibrator
    if calibrator is None or _is_line(model):
        return
    of = "the mean of several networks" if len(model.weights) > 1 else "a network"
    warn(
        SteelyardWarning(
            f"keras: the file lacks the {calibrator.name} calibration of the model, for which Keras has no "
            f"layers on {of}; rows are ranked alike. --format onnx and numpy have it."
        ),
        stacklevel=3,
    )


def _is_line(model: Model) -> bool:
    """Is the calibrator linear in the logit of a network?"""
    return len(model.weights) == 1 and isinstance(model.readout.calibrator, Logistic | Temperature)


def _line(model: Model) -> tuple[float, float]:
    """Slope and intercept by which the logit of a network becomes that of its probability."""
    offset, calibrator = model.readout.offset, model.readout.calibrator
    if _is_line(model):
        if isinstance(calibrator, Logistic):
            return calibrator.slope, calibrator.intercept - calibrator.slope * offset
        if isinstance(calibrator, Temperature):
            return 1.0 / calibrator.temperature, -offset / calibrator.temperature
    return 1.0, -offset


def _network(
    described: network.Network, weights: Weights, encoding: Encoding, width: int, line: tuple[float, float]
) -> Network:
    found: Network = []
    if embedded_columns(encoding):
        block = _embeddings(weights, encoding, width)
        found.append((Dense(block.shape[1], use_bias=False, name="embedding"), (block,)))
    parts = stages(described, weights, encoding)
    for stage in parts[:-1]:
        found += _layers(stage)
    found += _layers(_read_out(parts[-1], *line), last=True)
    counts: Counter[str] = Counter()
    for layer, _ in found:
        kind = snake_case(type(layer).__name__)
        if layer.name is None:
            layer.name = f"{kind}_{counts[kind]}" if counts[kind] else kind
            counts[kind] += 1
    return found


def _embeddings(weights: Weights, encoding: Encoding, width: int) -> NDArray[np.float32]:
    """All embeddings as one matrix (encoded, inputs), which numbers and one-hot columns pass unchanged."""
    block = np.zeros((width, encoding.inputs), np.float32)
    row = column = len(encoding.shift) + len(encoding.indicators)
    np.fill_diagonal(block[:row, :column], 1.0)
    for j in embedded_columns(encoding):
        table = weights[f"embedding/{j}"]
        block[row : row + len(table), column : column + table.shape[1]] = table
        row, column = row + len(table), column + table.shape[1]
    np.fill_diagonal(block[row:, column:], 1.0)
    return block


def _read_out(stage: Stage, slope: float, intercept: float) -> Stage:
    """The last layer, with a line for its logit in its weights."""
    if (slope, intercept) == (1.0, 0.0):
        return stage
    assert isinstance(stage.layer, network.Dense)  # a stack ends in one
    kernel = stage.tensors["kernel"].astype(np.float64) * slope
    bias = stage.tensors.get("bias", np.zeros(1, np.float32)).astype(np.float64) * slope + intercept
    tensors = {"kernel": kernel.astype(np.float32), "bias": bias.astype(np.float32)}
    return Stage(stage.layer.model_copy(update={"use_bias": True}), stage.name, tensors)


def _layers(stage: Stage, *, last: bool = False) -> Network:
    """One layer of a recipe; leaky relu becomes a layer of its own, the only one with a slope to keep."""
    layer, tensors = stage.layer, tuple(stage.tensors.values())
    match layer:
        case network.Dense():
            leaky = layer.activation == "leaky_relu"
            activation = "sigmoid" if last else "linear" if leaky else layer.activation
            dense = Dense(
                layer.units,
                activation=activation,
                use_bias=layer.use_bias,
                kernel_regularizer=L1L2(layer.l1, layer.l2) if layer.l1 or layer.l2 else None,
                bias_regularizer=L1L2(layer.bias_l1, layer.bias_l2)
                if layer.bias_l1 or layer.bias_l2
                else None,
            )
            return [(dense, tensors), *([(LeakyReLU(layer.negative_slope), ())] if leaky else [])]
        case network.ActivationLayer(activation="leaky_relu"):
            return [(LeakyReLU(layer.negative_slope), ())]
        case network.ActivationLayer():
            return [(Activation(layer.activation), ())]
        case network.Dropout():
            return [(Dropout(layer.rate), ())]
        case network.BatchNormalization():
            normalisation = BatchNormalization(
                momentum=layer.momentum, epsilon=layer.epsilon, center=layer.center, scale=layer.scale
            )
            return [(normalisation, tensors)]


def _form(layers: Network, name: str, width: int) -> Config:
    return model_form(name, [layer for layer, _ in layers], InputLayer(shape=(width,), name=INPUT))


def _average(networks: Sequence[Network], width: int) -> Config:
    """A functional model as Keras 3 describes it (``serialize_node`` in ``keras/src/models/functional.py``):
    the input goes to each network, and ``Average`` joins their outputs."""
    names = _names(networks)
    input = InputLayer(shape=(width,), name=INPUT)
    source = _tensor(INPUT, width)
    entries: list[Config] = [
        {**serialized("keras.layers", "InputLayer", input.get_config()), "name": INPUT, "inbound_nodes": []}
    ]
    for name, layers in zip(names, networks, strict=True):
        node = {"args": [source], "kwargs": {"mask": None}}
        entries.append({**_form(layers, name, width), "name": name, "inbound_nodes": [node]})
    config = {"name": "average", "trainable": True, "dtype": FLOAT32}
    joined = {"args": [[_tensor(name, 1) for name in names]], "kwargs": {}}
    entries.append(
        {**serialized("keras.layers", "Average", config), "name": "average", "inbound_nodes": [joined]}
    )
    return serialized(
        "keras.src.models.functional",  # the only place where Keras 3 finds the class
        "Functional",
        {
            "name": NAME,
            "trainable": True,
            "layers": entries,
            "input_layers": [INPUT, 0, 0],
            "output_layers": ["average", 0, 0],
        },
    )


def _tensor(layer: str, width: int) -> Config:
    config: dict[str, Any] = {"shape": [None, width], "dtype": "float32", "keras_history": [layer, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def _weights(networks: Sequence[Network]) -> bytes:
    """The HDF5 file within. Keras calls the folders of several networks by their class, not their names."""
    content = io.BytesIO()
    with h5py.File(content, "w") as root:
        if len(networks) == 1:
            _write(root, NAME, networks[0])
        else:
            for number, (name, layers) in enumerate(zip(_names(networks), networks, strict=True)):
                folder = f"sequential_{number}" if number else "sequential"
                _write(root.create_group(f"layers/{folder}"), name, layers)
            root.create_group("vars").attrs["name"] = NAME
    return content.getvalue()


def _write(root: h5py.Group, name: str, layers: Network) -> None:
    write_tensors(root, name, [layer for layer, _ in layers], tuple(tensors for _, tensors in layers), None)


def _names(networks: Sequence[Network]) -> list[str]:
    return [f"network_{number}" for number in range(len(networks))]
