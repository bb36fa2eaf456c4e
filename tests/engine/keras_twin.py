"""A Keras model that is the twin of a job: same network, weights, loss and optimizer.

Keras gets its batches one by one, in the engine's order, through ``train_on_batch``; the plain losses
are then measured on its own predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Encoding, Features
from steelyard.recipe import Recipe
from steelyard.recipe.loss import BinaryCrossentropy, FocalCrossentropy, LogitAdjusted, Loss
from steelyard.recipe.network import ActivationLayer, BatchNormalization, Dense, Dropout, Network
from steelyard.run import Weights
from tests.engine import reference


def build(keras: ModuleType, network: Network, encoding: Encoding) -> Any:
    """A functional model: [numbers and indicators, one-hot columns, one input per embedding] -> logit."""
    embedded = [c for c in encoding.categories if c.embedding_dim]
    one_hot_width = sum(c.size for c in encoding.categories if not c.embedding_dim)
    numbers = keras.Input((len(encoding.shift) + len(encoding.indicators),))
    one_hot = keras.Input((one_hot_width,))
    slots = [keras.Input((), dtype="int32") for _ in embedded]
    looked_up = [
        keras.layers.Embedding(c.size, c.embedding_dim, name=f"embedding_{column}")(slot)
        for slot, (column, c) in zip(
            slots, ((i, c) for i, c in enumerate(encoding.categories) if c.embedding_dim), strict=True
        )
    ]
    x = keras.layers.Concatenate()([numbers, *looked_up, one_hot])
    layers = network.stack()
    for layer, name in zip(layers, reference.layer_names(layers), strict=True):
        x = _layer(keras, layer, name)(x)
    return keras.Model([numbers, one_hot, *slots], x)


def _layer(keras: ModuleType, layer: Any, name: str) -> Any:
    match layer:
        case Dense():
            return keras.layers.Dense(
                layer.units,
                activation=_activation(keras, layer.activation, layer.negative_slope),
                use_bias=layer.use_bias,
                kernel_regularizer=keras.regularizers.L1L2(layer.l1, layer.l2)
                if layer.l1 or layer.l2
                else None,
                bias_regularizer=(
                    keras.regularizers.L1L2(layer.bias_l1, layer.bias_l2)
                    if layer.bias_l1 or layer.bias_l2
                    else None
                ),
                name=name,
            )
        case ActivationLayer():
            return keras.layers.Activation(
                _activation(keras, layer.activation, layer.negative_slope), name=name
            )
        case BatchNormalization():
            return keras.layers.BatchNormalization(
                momentum=layer.momentum,
                epsilon=layer.epsilon,
                center=layer.center,
                scale=layer.scale,
                name=name,
            )
        case Dropout():
            return keras.layers.Dropout(layer.rate, name=name)
    raise AssertionError(layer)


def _activation(keras: ModuleType, name: str, negative_slope: float) -> Any:
    if name == "leaky_relu":
        return lambda x: keras.activations.leaky_relu(x, negative_slope=negative_slope)
    return name


def inputs_of(features: Features, encoding: Encoding, rows: NDArray[np.int64]) -> list[NDArray[Any]]:
    """What :func:`build`'s model takes; every embedded code needs a slot."""
    no_embeddings = {
        f"embedding/{column}": np.zeros((c.size, 0))
        for column, c in enumerate(encoding.categories)
        if c.embedding_dim
    }
    x = reference.inputs(features, encoding, rows, no_embeddings).astype(np.float32)
    width = len(encoding.shift) + len(encoding.indicators)
    slots = [
        c.slots[features.codes[rows, column]]
        for column, c in enumerate(encoding.categories)
        if c.embedding_dim
    ]
    assert all((slot >= 0).all() for slot in slots)
    return [x[:, :width], x[:, width:], *slots]


def _variables(model: Any) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        for variable in layer.weights:
            kind = variable.path.rsplit("/", 1)[-1]
            if layer.name.startswith("embedding_"):
                yield layer.name.replace("embedding_", "embedding/"), variable
            else:
                yield f"{layer.name}/{kind}", variable


def set_weights(model: Any, weights: Weights) -> None:
    """Gives the model our weights; every tensor on both sides must find its partner."""
    variables = dict(_variables(model))
    assert variables.keys() == weights.keys()
    for name, variable in variables.items():
        variable.assign(weights[name])


def get_weights(model: Any) -> dict[str, NDArray[np.float32]]:
    return {name: np.asarray(variable.value.detach()) for name, variable in _variables(model)}


def loss_of(keras: ModuleType, loss: Loss, base_rate: float) -> Any:
    match loss:
        case BinaryCrossentropy():
            return keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=loss.label_smoothing)
        case FocalCrossentropy():
            return keras.losses.BinaryFocalCrossentropy(
                apply_class_balancing=loss.alpha is not None,
                alpha=0.25 if loss.alpha is None else loss.alpha,
                gamma=loss.gamma,
                from_logits=True,
                label_smoothing=loss.label_smoothing,
            )
        case LogitAdjusted():
            shift = loss.tau * np.log(base_rate / (1 - base_rate))
            crossentropy = keras.losses.BinaryCrossentropy(
                from_logits=True, label_smoothing=loss.label_smoothing, reduction=None
            )
            return lambda y, z: crossentropy(y, z + shift)


def optimizer_of(keras: ModuleType, recipe: Recipe) -> Any:
    """Keras' optimizer with every option of ours under Keras' name; schedules are fed step by step."""
    given = recipe.optimizer.model_dump(exclude={"name", "schedule", "decay_biases"})
    renamed = {"clip_value": "clipvalue", "clip_norm": "clipnorm", "global_clip_norm": "global_clipnorm"}
    options = {renamed.get(key, key): value for key, value in given.items()}
    if not options["weight_decay"]:
        options["weight_decay"] = None
    classes = {
        "sgd": keras.optimizers.SGD,
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "adadelta": keras.optimizers.Adadelta,
        "adagrad": keras.optimizers.Adagrad,
        "rmsprop": keras.optimizers.RMSprop,
        "adamax": keras.optimizers.Adamax,
        "nadam": keras.optimizers.Nadam,
    }
    if recipe.optimizer.name == "adamw" and options["weight_decay"] is None:
        options["weight_decay"] = 0.0
    made = classes[recipe.optimizer.name](**options)
    if not recipe.optimizer.decay_biases:
        made.exclude_from_weight_decay(var_names=["bias"])
    return made


@dataclass(frozen=True)
class Trajectory:
    """Per epoch: mean objective over the epoch, penalty and plain losses at its end; and the end."""

    objective: NDArray[np.float64]
    penalty: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    validation_loss: NDArray[np.float64]
    weights: dict[str, NDArray[np.float32]]


def train(
    keras: ModuleType,
    recipe: Recipe,
    features: Features,
    target: NDArray[np.uint8],
    encoding: Encoding,
    train_rows: NDArray[np.int64],
    validation_rows: NDArray[np.int64],
    weights: Weights,
    order: Callable[[int], NDArray[np.int64]],
    *,
    row_weights: NDArray[np.float32] | None = None,
    factor: Callable[[int], float] = lambda step: 1.0,
) -> Trajectory:
    """Trains the twin; ``order(epoch)`` permutes the training rows, ``factor(step)`` scales the rate."""
    batch_size = recipe.training.batch_size
    assert isinstance(batch_size, int)
    y = target.astype(np.float32)[:, None]
    model = build(keras, recipe.network, encoding)
    set_weights(model, weights)
    negative, positive = reference.class_weights(recipe.imbalance, target[train_rows])
    row_weight = np.where(target == 1, positive, negative).astype(np.float32)
    if row_weights is not None:
        row_weight = row_weight * row_weights
    optimizer = optimizer_of(keras, recipe)
    model.compile(
        optimizer=optimizer,
        loss=loss_of(keras, recipe.loss, float(target[train_rows].mean())),
        run_eagerly=True,
    )

    def plain_loss(rows: NDArray[np.int64]) -> float:
        logits = model.predict_on_batch(inputs_of(features, encoding, rows))[:, 0].astype(np.float64)
        return reference.log_loss(logits, target[rows].astype(np.float64))

    curves: list[tuple[float, float, float, float]] = []
    step = 0
    for epoch in range(1, recipe.training.epochs + 1):
        rows = train_rows[order(epoch)]
        total = 0.0
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            optimizer.learning_rate = recipe.optimizer.learning_rate * factor(step)
            model.reset_metrics()
            mean = model.train_on_batch(
                inputs_of(features, encoding, batch), y[batch], sample_weight=row_weight[batch]
            )
            total += float(mean) * len(batch)
            step += 1
        penalty = float(sum(float(loss.detach()) for loss in model.losses))
        curves.append((total / len(rows), penalty, plain_loss(train_rows), plain_loss(validation_rows)))
    objective, penalties, train_loss, validation_loss = np.array(curves).T
    return Trajectory(objective, penalties, train_loss, validation_loss, get_weights(model))
