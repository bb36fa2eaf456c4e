"""A network as nodes of an ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import Encoding
from steelyard.errors import SteelyardError
from steelyard.export.onnx_columns import EncodedColumns
from steelyard.export.onnx_graph import GraphBuilder
from steelyard.export.stages import one_hot_columns, stages
from steelyard.recipe.network import Activation, BatchNormalization, Dense, Dropout, Network
from steelyard.run import Weights

Tensors = Mapping[str, NDArray[np.float32]]

_OPERATORS = {
    "relu": "Relu",
    "elu": "Elu",
    "selu": "Selu",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
}
"""Activations that are one operator of ONNX, whose defaults are those of the engine."""


def add_network(
    builder: GraphBuilder,
    network: Network,
    weights: Weights,
    encoding: Encoding,
    columns: EncodedColumns,
    name: str,
) -> str:
    """Adds one network, whose nodes are named ``<name>/...``; returns the name of its logit (rows, 1)."""
    x = _inputs(builder, weights, encoding, columns, name)
    hot = columns.hot
    beside = encoding.inputs - sum(encoding.categories[j].size for j in one_hot_columns(encoding))
    for number, stage in enumerate(stages(network, weights, encoding)):
        layer = stage.layer
        place = f"{name}/{stage.name or f'{layer.layer}_at_{number}'}"
        if isinstance(layer, Dropout):  # acts in training only
            continue
        if isinstance(layer, Dense):
            x = _dense(builder, stage.tensors, x, hot, place, beside)
            hot = None
            x = _activation(builder, x, layer.activation, layer.negative_slope, place)
            continue
        if x is None or hot is not None:
            raise SteelyardError(
                f"network.layers[{number}]: {layer.layer} stands before the first dense layer although "
                "categories are one-hot; such a network can neither be trained nor exported"
            )
        if isinstance(layer, BatchNormalization):
            x = _normalised(builder, stage.tensors, layer.epsilon, x, place)
        else:
            x = _activation(builder, x, layer.activation, layer.negative_slope, place)
    assert x is not None  # a stack ends in a dense layer
    return x


def _inputs(
    builder: GraphBuilder, weights: Weights, encoding: Encoding, columns: EncodedColumns, name: str
) -> str | None:
    """Numbers, indicators and embeddings side by side; None if there is nothing but one-hot columns."""
    parts = [] if columns.dense is None else [columns.dense]
    for j, rows in columns.embedded.items():
        table = builder.constant(f"{name}/embedding_{j}/table", _with_zeros(weights[f"embedding/{j}"]))
        parts.append(builder.node("Gather", [table, rows], f"{name}/embedding_{j}"))
    if len(parts) > 1:
        return builder.node("Concat", parts, f"{name}/inputs", {"axis": 1})
    return parts[0] if parts else None


def _dense(
    builder: GraphBuilder, tensors: Tensors, x: str | None, hot: str | None, place: str, beside: int
) -> str:
    """``x @ kernel + bias``. A one-hot column picks a row of the kernel: such rows are gathered and summed.

    If there are one-hot columns (``hot``), their block of the kernel begins after ``beside`` rows.
    """
    kernel = tensors["kernel"]
    terms = []
    if x is not None:
        factor = builder.constant(f"{place}/kernel", kernel if hot is None else kernel[:beside])
        terms.append(builder.node("MatMul", [x, factor], f"{place}/product"))
    if hot is not None:
        block = builder.constant(f"{place}/one_hot_kernel", _with_zeros(kernel[beside:]))
        rows = builder.node("Gather", [block, hot], f"{place}/one_hot_rows")
        axis = builder.constant(f"{place}/axis", np.array([1], np.int64))
        terms.append(builder.node("ReduceSum", [rows, axis], f"{place}/one_hot", {"keepdims": 0}))
    if "bias" in tensors:
        terms.append(builder.constant(f"{place}/bias", tensors["bias"]))
    total = terms[0]
    for term in terms[1:]:
        total = builder.node("Add", [total, term], f"{place}/sum")
    return total


def _normalised(builder: GraphBuilder, tensors: Tensors, epsilon: float, x: str, place: str) -> str:
    """Batch normalisation with its moving averages.

    Written out rather than as ONNX's operator: runtimes fold that into ``x * a + b``, which loses digits
    where the mean is large beside the deviation.
    """
    variance = tensors["moving_variance"].astype(np.float64)
    scale = 1.0 / np.sqrt(variance + epsilon) * tensors.get("gamma", np.ones_like(variance))
    mean = builder.constant(f"{place}/moving_mean", tensors["moving_mean"])
    centred = builder.node("Sub", [x, mean], f"{place}/centred")
    factor = builder.constant(f"{place}/scale", scale.astype(np.float32))
    result = builder.node("Mul", [centred, factor], f"{place}/scaled")
    if "beta" not in tensors:
        return result
    beta = builder.constant(f"{place}/beta", tensors["beta"])
    return builder.node("Add", [result, beta], f"{place}/shifted")


def _activation(
    builder: GraphBuilder, x: str, activation: Activation, negative_slope: float, place: str
) -> str:
    place = f"{place}/{activation}"
    match activation:
        case "linear":
            return x
        case "leaky_relu":
            return builder.node("LeakyRelu", [x], place, {"alpha": negative_slope})
        case "silu":
            return builder.node("Mul", [x, builder.node("Sigmoid", [x], f"{place}/gate")], place)
        case "mish":
            gate = builder.node("Tanh", [builder.node("Softplus", [x], f"{place}/softplus")], f"{place}/gate")
            return builder.node("Mul", [x, gate], place)
        case "gelu":
            return _gelu(builder, x, place)
        case _:
            return builder.node(_OPERATORS[activation], [x], place)


def _gelu(builder: GraphBuilder, x: str, place: str) -> str:
    """``x * (1 + erf(x / sqrt(2))) / 2``: Gelu is an operator from opset 20 on only."""
    half, one, root = (
        builder.constant(f"{place}/{name}", np.array([value], np.float32))
        for name, value in (("half", 0.5), ("one", 1.0), ("sqrt_half", 0.5**0.5))
    )
    erf = builder.node("Erf", [builder.node("Mul", [x, root], f"{place}/argument")], f"{place}/erf")
    gate = builder.node("Mul", [builder.node("Add", [erf, one], f"{place}/sum"), half], f"{place}/gate")
    return builder.node("Mul", [x, gate], place)


def _with_zeros(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """With a row of zeros at the end, for a category that has no slot."""
    return np.concatenate((table, np.zeros((1, table.shape[1]), np.float32)))
