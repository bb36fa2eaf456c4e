"""What a recipe means, said a second time: plain numpy in float64, written for reading.

Nothing here shares code with the engine. There is no backward pass: gradients are central finite
differences of the objective, so that an error in a derivation cannot hide in both places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, log_expit

from steelyard.data import Encoding, Features
from steelyard.recipe import Recipe
from steelyard.recipe.imbalance import ClassWeight, Imbalance
from steelyard.recipe.loss import FocalCrossentropy, LogitAdjusted, Loss
from steelyard.recipe.network import ActivationLayer, BatchNormalization, Dense, Dropout, Layer, Network

Array = NDArray[np.float64]
Tensors = Mapping[str, Array]
Masks = Mapping[int, NDArray[np.bool_]]
"""Dropout masks (rows, units), True where a unit is kept, by the layer's position in the stack."""


def double(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, Array]:
    """The same weights in float64."""
    return {name: np.asarray(value, np.float64) for name, value in weights.items()}


# --- rows -> inputs -------------------------------------------------------------------------------


def inputs(features: Features, encoding: Encoding, rows: NDArray[np.int64], weights: Tensors) -> Array:
    """The first layer's input: numbers, missing indicators, embeddings, one-hot columns."""
    raw = features.numeric[rows].astype(np.float64)
    z = (raw - encoding.shift) * encoding.scale.astype(np.float64)
    z = np.where(np.isnan(raw), encoding.fill, z)
    z = z / np.sqrt(1.0 + (z * encoding.inverse_clip) ** 2)
    missing = np.isnan(raw[:, encoding.indicators]).astype(np.float64)

    embedded, one_hot = [], []
    for column, category in enumerate(encoding.categories):
        slot = category.slots[features.codes[rows, column]]
        chosen = (slot[:, None] == np.arange(category.size)).astype(np.float64)  # a slot of -1 chooses none
        if category.embedding_dim:
            embedded.append(chosen @ weights[f"embedding/{column}"])
        else:
            one_hot.append(chosen)
    return np.concatenate([z, missing, *embedded, *one_hot], axis=1)


# --- inputs -> logits -----------------------------------------------------------------------------

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def softplus(x: Array) -> Array:
    """log(1 + exp(x)) without overflow."""
    return np.logaddexp(0.0, x)


def activate(name: str, x: Array, negative_slope: float = 0.2) -> Array:
    """An activation by its Keras name."""
    negative = np.minimum(x, 0.0)
    functions: dict[str, Callable[[], Array]] = {
        "linear": lambda: x,
        "relu": lambda: np.maximum(x, 0.0),
        "leaky_relu": lambda: np.where(x > 0.0, x, negative_slope * x),
        "elu": lambda: np.where(x > 0.0, x, np.expm1(negative)),
        "selu": lambda: SELU_SCALE * np.where(x > 0.0, x, SELU_ALPHA * np.expm1(negative)),
        "gelu": lambda: 0.5 * x * (1.0 + erf(x / np.sqrt(2.0))),
        "silu": lambda: x * expit(x),
        "mish": lambda: x * np.tanh(softplus(x)),
        "tanh": lambda: np.tanh(x),
        "sigmoid": lambda: expit(x),
        "softplus": lambda: softplus(x),
    }
    return functions[name]()


def layer_names(layers: tuple[Layer, ...]) -> list[str]:
    """dense, dense_1, ...: layers of a kind are numbered from input to logit."""
    seen: dict[str, int] = {}
    names = []
    for layer in layers:
        number = seen.get(layer.layer, 0)
        seen[layer.layer] = number + 1
        names.append(f"{layer.layer}_{number}" if number else layer.layer)
    return names


@dataclass(frozen=True)
class Pass:
    """One forward pass. ``outputs[i]`` is what layer i of the stack gives; ``preactivations[i]`` what
    enters the activation of a dense or activation layer; ``moments[name]`` the mean and (biased)
    variance over the batch that a batch normalisation saw."""

    logits: Array
    outputs: list[Array]
    preactivations: dict[int, Array]
    moments: dict[str, tuple[Array, Array]]


def forward(
    network: Network, weights: Tensors, x: Array, *, training: bool = False, masks: Masks | None = None
) -> Pass:
    """The network's logits; while training with batch statistics and, where given, dropout masks."""
    layers = network.stack()
    outputs: list[Array] = []
    preactivations: dict[int, Array] = {}
    moments: dict[str, tuple[Array, Array]] = {}
    for index, (layer, name) in enumerate(zip(layers, layer_names(layers), strict=True)):
        match layer:
            case Dense():
                x = x @ weights[f"{name}/kernel"]
                if layer.use_bias:
                    x = x + weights[f"{name}/bias"]
                preactivations[index] = x
                x = activate(layer.activation, x, layer.negative_slope)
            case ActivationLayer():
                preactivations[index] = x
                x = activate(layer.activation, x, layer.negative_slope)
            case Dropout():
                if training and masks is not None and index in masks:
                    x = x * masks[index] / (1.0 - layer.rate)
            case BatchNormalization():
                if training:
                    mean, variance = x.mean(axis=0), x.var(axis=0)
                    moments[name] = (mean, variance)
                else:
                    mean, variance = weights[f"{name}/moving_mean"], weights[f"{name}/moving_variance"]
                x = (x - mean) / np.sqrt(variance + layer.epsilon)
                if layer.scale:
                    x = x * weights[f"{name}/gamma"]
                if layer.center:
                    x = x + weights[f"{name}/beta"]
        outputs.append(x)
    return Pass(x[:, 0], outputs, preactivations, moments)


# --- logits -> loss -------------------------------------------------------------------------------


def log_loss(logits: Array, y: Array) -> float:
    """The plain loss: mean binary cross-entropy."""
    return float(np.mean(softplus(logits) - y * logits))


def row_losses(loss: Loss, logits: Array, y: Array, base_rate: float) -> Array:
    """What each row costs, before any weight."""
    if isinstance(loss, LogitAdjusted):
        logits = logits + loss.tau * np.log(base_rate / (1.0 - base_rate))
    y = y * (1.0 - loss.label_smoothing) + 0.5 * loss.label_smoothing
    costs: Array = -y * log_expit(logits) - (1.0 - y) * log_expit(-logits)
    if isinstance(loss, FocalCrossentropy):
        p = expit(logits)
        p_true = y * p + (1.0 - y) * (1.0 - p)
        costs = (1.0 - p_true) ** loss.gamma * costs
        if loss.alpha is not None:
            costs = costs * (y * loss.alpha + (1.0 - y) * (1.0 - loss.alpha))
    return costs


def class_weights(imbalance: Imbalance, train_target: NDArray[np.uint8]) -> tuple[float, float]:
    """Weight of a negative and of a positive row."""
    n = len(train_target)
    positives = int(train_target.sum())
    match imbalance.class_weight:
        case "none":
            return 1.0, 1.0
        case "balanced":
            return n / (2 * (n - positives)), n / (2 * positives)
        case "square_root":
            return float(np.sqrt(n / (2 * (n - positives)))), float(np.sqrt(n / (2 * positives)))
        case ClassWeight() as given:
            return given.negative, given.positive


def penalty(network: Network, weights: Tensors) -> float:
    """L1 and L2 penalties of all layers, Keras' convention: no division by two or by rows."""
    total = 0.0
    layers = network.stack()
    for layer, name in zip(layers, layer_names(layers), strict=True):
        if isinstance(layer, Dense):
            kernel = weights[f"{name}/kernel"]
            total += layer.l1 * np.abs(kernel).sum() + layer.l2 * (kernel**2).sum()
            if layer.use_bias:
                bias = weights[f"{name}/bias"]
                total += layer.bias_l1 * np.abs(bias).sum() + layer.bias_l2 * (bias**2).sum()
    return float(total)


@dataclass(frozen=True)
class Objective:
    """What a step of training descends on: weighted mean loss of a batch plus penalty."""

    recipe: Recipe
    features: Features
    encoding: Encoding
    target: NDArray[np.uint8]
    train_rows: NDArray[np.int64]
    rows: NDArray[np.int64]
    row_weights: NDArray[np.float32] | None = None
    training: bool = True
    masks: Masks | None = None

    def __call__(self, weights: Tensors) -> float:
        y = self.target[self.rows].astype(np.float64)
        train_target = self.target[self.train_rows]
        x = inputs(self.features, self.encoding, self.rows, weights)
        logits = forward(self.recipe.network, weights, x, training=self.training, masks=self.masks).logits
        costs = row_losses(self.recipe.loss, logits, y, float(train_target.mean()))
        w = np.array(class_weights(self.recipe.imbalance, train_target))[self.target[self.rows]]
        if self.row_weights is not None:
            w = w * self.row_weights[self.rows]
        return float((w * costs).sum() / len(self.rows)) + penalty(self.recipe.network, weights)


def trainable(name: str) -> bool:
    """Whether a tensor is descended on; a batch normalisation's moving averages are not."""
    return not name.endswith(("/moving_mean", "/moving_variance"))


def finite_differences(
    objective: Callable[[Tensors], float], weights: Tensors, step: float = 1e-5
) -> dict[str, Array]:
    """Central differences (error of order step²) of the objective in every trainable weight."""
    gradient = {}
    for name, value in weights.items():
        if not trainable(name):
            continue
        slope = np.zeros_like(value)
        for position in np.ndindex(value.shape):
            sides = []
            for signed in (step, -step):
                moved = value.copy()
                moved[position] += signed
                sides.append(objective({**weights, name: moved}))
            slope[position] = (sides[0] - sides[1]) / (2 * step)
        gradient[name] = slope
    return gradient


# --- weights --------------------------------------------------------------------------------------


def weight_shapes(network: Network, encoding: Encoding) -> dict[str, tuple[int, ...]]:
    """Every tensor of a network, by name."""
    shapes: dict[str, tuple[int, ...]] = {
        f"embedding/{column}": (category.size, category.embedding_dim)
        for column, category in enumerate(encoding.categories)
        if category.embedding_dim
    }
    layers = network.stack()
    width = encoding.inputs
    for layer, name in zip(layers, layer_names(layers), strict=True):
        match layer:
            case Dense():
                shapes[f"{name}/kernel"] = (width, layer.units)
                if layer.use_bias:
                    shapes[f"{name}/bias"] = (layer.units,)
                width = layer.units
            case BatchNormalization():
                if layer.scale:
                    shapes[f"{name}/gamma"] = (width,)
                if layer.center:
                    shapes[f"{name}/beta"] = (width,)
                shapes[f"{name}/moving_mean"] = (width,)
                shapes[f"{name}/moving_variance"] = (width,)
    return shapes


def random_weights(
    network: Network, encoding: Encoding, seed: int = 7, spread: float = 0.6
) -> dict[str, NDArray[np.float32]]:
    """Weights without symmetry: no zeros, no units alike, variances positive."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in weight_shapes(network, encoding).items():
        value = rng.normal(scale=spread, size=shape)
        if name.endswith(("/gamma", "/moving_variance")):
            value = 0.5 + np.abs(value)
        weights[name] = value.astype(np.float32)
    return weights
