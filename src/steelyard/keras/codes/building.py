"""Layers, optimizers, losses and their arguments."""

from __future__ import annotations

from steelyard.codes import Code
from steelyard.errors import RecipeError

CODES = (
    Code(
        "K201",
        "an argument that does not exist",
        "A misspelt argument would silently leave the default in force.",
        "Check the spelling.",
        RecipeError,
    ),
    Code(
        "K202",
        "a layer that is not supported",
        "The engine trains stacks of layers on tables of numbers: no images, sequences, branches or "
        "own code.",
        "Build the network from Dense, Dropout, BatchNormalization and activation layers.",
        RecipeError,
    ),
    Code(
        "K203",
        "an activation that is not supported",
        "The engine has its activations compiled in; it cannot run Python functions.",
        "Write the name of an activation, for example activation='relu'.",
        RecipeError,
    ),
    Code(
        "K204",
        "an initializer that is not supported",
        "The engine draws the first weights itself.",
        "Write the name of an initializer, for example kernel_initializer='glorot_uniform'.",
        RecipeError,
    ),
    Code(
        "K205",
        "a regularizer that is not supported",
        "Penalties are l1 * sum(|w|) and l2 * sum(w ** 2), of kernels and biases.",
        "Write keras.regularizers.L1, L2 or L1L2.",
        RecipeError,
    ),
    Code(
        "K206",
        "an optimizer that is not supported",
        "The engine has its update rules compiled in.",
        "Write the name of an optimizer, for example optimizer='adam'.",
        RecipeError,
    ),
    Code(
        "K207",
        "a loss that is not supported",
        "Classifiers of two classes are trained here: the label is 0 or 1, the output one probability.",
        "Write loss='binary_crossentropy'.",
        RecipeError,
    ),
    Code(
        "K208",
        "an argument of a layer that is not supported",
        "Ignoring it would train another network than the one written down.",
        "Leave the argument out.",
        RecipeError,
    ),
    Code(
        "K209",
        "an argument of an optimizer or a loss that is not supported",
        "Ignoring it would train in another way than the one written down.",
        "Leave the argument out.",
        RecipeError,
    ),
    Code(
        "K210",
        "a value that makes no sense",
        "It is of another type, or outside the range, that the argument has in Keras.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K211",
        "the input is no table",
        "Every row is a list of numbers: the shape of the input has one dimension besides the rows.",
        "Write keras.Input(shape=(columns,)).",
        RecipeError,
    ),
    Code(
        "K212",
        "a configuration that cannot be read",
        "It is not in a form that Keras 2 or Keras 3 writes.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K213",
        "weights that do not fit the layer",
        "A layer takes its tensors in Keras' order and in the shapes it was built with.",
        "Compare with layer.get_weights().",
        RecipeError,
    ),
)
