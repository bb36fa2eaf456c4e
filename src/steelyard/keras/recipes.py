"""A model of Keras and the arguments of ``fit`` as a Recipe."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.keras.codes import refuse, warn
from steelyard.keras.layers import Layer
from steelyard.recipe import network
from steelyard.recipe.imbalance import Imbalance
from steelyard.recipe.loss import Loss
from steelyard.recipe.optimizer import Optimizer
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.recipe.recipe import Recipe
from steelyard.recipe.training import Training

AS_GIVEN = Preprocessing(scaling="none", smooth_clip="off", missing_indicator=False)
"""Keras feeds the network the numbers it is given."""


def stack_of(layers: Sequence[Layer]) -> network.Stack:
    """The layers as a Stack. A sigmoid at the end goes: in a Recipe it belongs to the loss.

    Raises K255 if the model does not end in one unit.
    """
    parts = [part for layer in layers for part in layer.recipe_layers()]
    if ends_in_sigmoid(layers):
        sigmoid = parts.pop()
        if isinstance(sigmoid, network.Dense):
            parts.append(sigmoid.model_copy(update={"activation": "linear"}))
    last = parts[-1] if parts else None
    if not isinstance(last, network.Dense) or last.units != 1 or last.activation != "linear":
        raise refuse(
            "K255", f"the model ends in {_ending(layers)}; it needs one unit that says how likely class 1 is"
        )
    return network.Stack(layers=tuple(parts))


def ends_in_sigmoid(layers: Sequence[Layer]) -> bool:
    """Whether the model's output is a probability (else it is a logit)."""
    parts = [part for layer in layers for part in layer.recipe_layers()]
    last = parts[-1] if parts else None
    return isinstance(last, network.Dense | network.ActivationLayer) and last.activation == "sigmoid"


def check_ending(layers: Sequence[Layer], from_logits: bool) -> None:
    """A sigmoid and a loss on probabilities, or neither (K255)."""
    sigmoid = ends_in_sigmoid(layers)
    if sigmoid and from_logits:
        raise refuse(
            "K255",
            "the model ends in a sigmoid and the loss has from_logits=True: "
            "the sigmoid would be applied twice",
            "Drop one of the two.",
        )
    if not sigmoid and not from_logits:
        raise refuse(
            "K255",
            f"the model ends in {_ending(layers)}, but the loss reads its output as a probability",
            "End with Dense(1, activation='sigmoid'), or use BinaryCrossentropy(from_logits=True).",
        )


def warn_if_linear(stack: network.Stack) -> None:
    """Warns (K104) of several dense layers without any activation between them."""
    dense = [layer for layer in stack.layers if isinstance(layer, network.Dense)]
    bends = any(
        isinstance(layer, network.Dense | network.ActivationLayer) and layer.activation != "linear"
        for layer in stack.layers
    )
    if len(dense) > 1 and not bends:
        warn(
            "K104",
            f"all {len(dense)} dense layers are linear: together they are one linear layer, and the network "
            "is a logistic regression that is harder to train. Give the hidden layers an activation, "
            "for example activation='relu'.",
        )


def recipe_of(
    stack: network.Stack,
    loss: Loss,
    optimizer: Optimizer,
    imbalance: Imbalance,
    *,
    epochs: int,
    batch_size: int,
    shuffle: bool,
    train_metric_rows: int,
    validates: bool,
) -> Recipe:
    """What the engine is asked to do: all epochs, the last weights; callbacks decide on the rest. The best
    epoch is only noted: by the loss on the validation rows, if there are any."""
    training = Training(
        epochs=epochs,
        batch_size=batch_size,
        shuffle=shuffle,
        train_metric_rows=train_metric_rows,
        monitor="validation_loss" if validates else "train_loss",
        patience=None,
        restore_best_weights=False,
    )
    return Recipe(
        preprocessing=AS_GIVEN,
        network=stack,
        loss=loss,
        imbalance=imbalance,
        optimizer=optimizer,
        training=training,
    )


def _ending(layers: Sequence[Layer]) -> str:
    if not layers:
        return "no layer at all"
    last = layers[-1]
    config = last.get_config()
    said = [f"{key}={config[key]!r}" for key in ("units", "activation") if key in config]
    return f"{type(last).__name__}({', '.join(said)})"
