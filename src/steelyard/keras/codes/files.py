"""Models in files, and the summary."""

from __future__ import annotations

from steelyard.codes import Code
from steelyard.errors import DataError, OutputError, RecipeError

CODES = (
    Code(
        "K130",
        "the saved model is loaded without being compiled",
        "What it was compiled with is not understood here, so it can predict, and cannot train or be "
        "evaluated.",
        "Call model.compile(...), or load with compile=False.",
    ),
    Code(
        "K131",
        "a saved metric is left out",
        "A file holds no more of a metric function than its name, and metrics for several classes "
        "have no meaning for one output.",
        "Pass custom_objects={name: function}, or call model.compile(...).",
    ),
    Code(
        "K132",
        "the state of the optimizer is not read",
        "It was written before Keras 2.11, or with other settings. Training goes on with a fresh optimizer.",
        "Nothing, if the model only predicts; else expect the first steps to differ.",
    ),
    Code(
        "K230",
        "a file that cannot be read",
        "It is damaged, or not in a form that Keras 2 or Keras 3 writes.",
        "Save the model again: model.save('model.keras').",
        DataError,
    ),
    Code(
        "K231",
        "a saved network that is not supported",
        "The engine trains stacks of layers on tables of numbers; leaving a layer out would change "
        "what the network predicts.",
        "Build the network from the layers there are, or go on with Keras.",
        RecipeError,
    ),
    Code(
        "K232",
        "saved weights that do not fit the layers",
        "Every layer needs its tensors, in their shapes and finite.",
        "Build the model as it was when the weights were saved.",
        DataError,
    ),
    Code(
        "K233",
        "a file that is not safe to read",
        "It holds code, points outside itself, or claims a size that its network does not need.",
        "Do not use it, unless you know where it comes from; then save it again from Keras, without "
        "that part.",
        DataError,
    ),
    Code(
        "K234",
        "a model that cannot be saved so",
        "The kind of file follows from its ending: .keras or .h5 for a model, .weights.h5 or .h5 for "
        "weights.",
        "See the message.",
        OutputError,
    ),
    Code(
        "K235",
        "a summary that cannot be printed so",
        "Every column needs some width.",
        "Leave line_length, positions and layer_range out.",
        RecipeError,
    ),
)
