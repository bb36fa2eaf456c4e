"""Metrics, callbacks and the backend."""

from __future__ import annotations

from steelyard.codes import Code
from steelyard.errors import RecipeError

CODES = (
    Code(
        "K121",
        "a callback monitors what is not recorded",
        "It then does nothing: training is not stopped, nothing is saved, the learning rate stays. "
        "Keras says so after every epoch, among its progress lines.",
        "Monitor one of the names that the message lists.",
    ),
    Code(
        "K122",
        "a metric that needs positives and has none",
        "Recall, F1 and areas under curves are then undefined and recorded as NaN; Keras records 0.0.",
        "Use a stratified split.",
    ),
    Code(
        "K123",
        "F1Score without a threshold",
        "Keras' default takes the class with the largest output. With one output that is always class"
        " 1: every row is predicted positive and the score does not depend on the network. Here 0.5 "
        "is used.",
        "Write F1Score(threshold=0.5).",
    ),
    Code(
        "K124",
        "logits compared with a probability",
        "Accuracy, precision and the like compare the output with 0.5. If the output is a logit, that"
        " is a probability of 0.62; Keras does so without a word, and here it is done likewise.",
        "Write Precision(thresholds=0), or end the network with a sigmoid.",
    ),
    Code(
        "K125",
        "an unknown mode",
        "The mode of a callback is 'auto', 'min' or 'max'; anything else is taken for 'auto', as in Keras.",
        "Write 'min' or 'max'.",
    ),
    Code(
        "K221",
        "a hook that is not called",
        "The engine trains an epoch without returning to Python, so there is nothing that could be "
        "called after a batch; evaluate and predict have no callbacks either.",
        "Use on_epoch_begin, on_epoch_end, on_train_begin and on_train_end.",
        RecipeError,
    ),
    Code(
        "K222",
        "the direction of a metric is unknown",
        "With mode='auto' a callback must know whether more is better. Keras knows it for its own "
        "metrics only, and Keras 2 took everything but accuracy for a loss.",
        "Write mode='max' or mode='min'.",
        RecipeError,
    ),
    Code(
        "K223",
        "a metric that is not known",
        "Metrics are those of binary classification with one output, and functions of whole arrays.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K224",
        "an argument of a metric",
        "Arguments for several classes or outputs do not apply; others have limits.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K225",
        "a metric function failed",
        "Functions are called with numpy arrays; those of TensorFlow's or Keras' backend may want tensors.",
        "Use numpy, or: from steelyard.keras import backend as K.",
        RecipeError,
    ),
    Code(
        "K226",
        "two metrics of one name",
        "The later would overwrite the earlier in the history, which is what Keras does.",
        "Give one of them another name=.",
        RecipeError,
    ),
    Code(
        "K227",
        "a callback that is not supported",
        "Callbacks are called between epochs, in this process.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K228",
        "an argument of a callback",
        "It cannot be used as it is.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K229",
        "a backend function that is not supported",
        "steelyard.keras.backend holds what metric functions and callbacks use, in numpy; there are "
        "no tensors, variables or sessions.",
        "Use numpy.",
        RecipeError,
    ),
)
