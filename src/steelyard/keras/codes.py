"""What Keras keeps quiet about, by code: K1xx are warnings, K2xx are refusals.

Every message begins with its code. A warning is silenced by it:
``warnings.filterwarnings("ignore", "K104")``, or :func:`steelyard.silence`.
"""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass

from steelyard.errors import DataError, OutputError, RecipeError, SteelyardError, SteelyardWarning


@dataclass(frozen=True)
class Code:
    """One kind of message: what it says in a line, why it matters, what to do about it."""

    code: str
    title: str
    why: str
    remedy: str
    error: type[SteelyardError] | None = None
    """What is raised; None for a warning."""


def _table(*codes: Code) -> dict[str, Code]:
    table = {code.code: code for code in codes}
    assert len(table) == len(codes), "a code is used twice"
    return table


CODES = _table(
    # Training data and arguments of fit: K10x, K11x.
    Code(
        "K101",
        "class_weight is an array",
        "Keras wants a dictionary. Keras 2 took an array without a word and used no weights at all; "
        "Keras 3 fails on it with an AttributeError. Here the array is read in the order of the classes: 0, 1.",
        "Write class_weight={0: ..., 1: ...}.",
    ),
    Code(
        "K102",
        "class_weight names one class only",
        "The other class gets weight 1, as in Keras, which does not mention it.",
        "Name both classes.",
    ),
    Code(
        "K103",
        "validation_split takes the last rows",
        "The share is cut off the end of the arrays before any shuffling, as in Keras. Where the rows are "
        "sorted by class or by time, or synthetic rows were appended, these rows are unlike the others.",
        "Shuffle or stratify first (sklearn.model_selection.train_test_split) and pass validation_data.",
    ),
    Code(
        "K104",
        "every layer is linear",
        "A stack of linear layers is one linear layer: depth and width add nothing but noise and time.",
        "Give the hidden layers an activation, for example activation='relu'.",
    ),
    Code(
        "K105",
        "no positives in the validation rows",
        "Precision, recall, F1 and AUC of these rows are undefined; Keras reports 0.0 for them.",
        "Use a stratified split.",
    ),
    Code(
        "K106",
        "one class only in the training rows",
        "There is nothing to tell apart.",
        "Check the labels and how the rows were chosen.",
    ),
    Code(
        "K107",
        "training diverged",
        "The loss or a gradient was not finite. Keras would go on with NaN; here training stops and the "
        "model keeps its last finite weights.",
        "Lower the learning rate, scale the inputs, or clip the gradients (clipnorm=1.0).",
    ),
    # Files: K13x.
    Code(
        "K130",
        "the saved model is loaded without being compiled",
        "What it was compiled with is not understood here, so it can predict, and cannot train or be evaluated.",
        "Call model.compile(...), or load with compile=False.",
    ),
    Code(
        "K131",
        "a saved metric is left out",
        "A file holds no more of a metric function than its name, and metrics for several classes have no "
        "meaning for one output.",
        "Pass custom_objects={name: function}, or call model.compile(...).",
    ),
    Code(
        "K132",
        "the state of the optimizer is not read",
        "It was written before Keras 2.11, or with other settings. Training goes on with a fresh optimizer.",
        "Nothing, if the model only predicts; else expect the first steps to differ.",
    ),
    # Building blocks: K20x, K21x.
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
        "The engine trains stacks of layers on tables of numbers: no images, sequences, branches or own code.",
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
    # Metrics and callbacks: K12x.
    Code(
        "K121",
        "a callback monitors what is not recorded",
        "It then does nothing: training is not stopped, nothing is saved, the learning rate stays. Keras says so "
        "after every epoch, among its progress lines.",
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
        "Keras' default takes the class with the largest output. With one output that is always class 1: every row "
        "is predicted positive and the score does not depend on the network. Here 0.5 is used.",
        "Write F1Score(threshold=0.5).",
    ),
    Code(
        "K124",
        "logits compared with a probability",
        "Accuracy, precision and the like compare the output with 0.5. If the output is a logit, that is a "
        "probability of 0.62; Keras does so without a word, and here it is done likewise.",
        "Write Precision(thresholds=0), or end the network with a sigmoid.",
    ),
    Code(
        "K125",
        "an unknown mode",
        "The mode of a callback is 'auto', 'min' or 'max'; anything else is taken for 'auto', as in Keras.",
        "Write 'min' or 'max'.",
    ),
    # Metrics and callbacks: K22x.
    Code(
        "K221",
        "a hook that is not called",
        "The engine trains an epoch without returning to Python, so there is nothing that could be called after "
        "a batch; evaluate and predict have no callbacks either.",
        "Use on_epoch_begin, on_epoch_end, on_train_begin and on_train_end.",
        RecipeError,
    ),
    Code(
        "K222",
        "the direction of a metric is unknown",
        "With mode='auto' a callback must know whether more is better. Keras knows it for its own metrics only, and "
        "Keras 2 took everything but accuracy for a loss.",
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
        "steelyard.keras.backend holds what metric functions and callbacks use, in numpy; there are no tensors, "
        "variables or sessions.",
        "Use numpy.",
        RecipeError,
    ),
    # Files: K23x.
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
        "The engine trains stacks of layers on tables of numbers; leaving a layer out would change what the "
        "network predicts.",
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
        "Do not use it, unless you know where it comes from; then save it again from Keras, without that part.",
        DataError,
    ),
    Code(
        "K234",
        "a model that cannot be saved so",
        "The kind of file follows from its ending: .keras or .h5 for a model, .weights.h5 or .h5 for weights.",
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
    # Scan: K14x, K24x.
    Code(
        "K141",
        "a scan was interrupted",
        "Trials end after the epoch they are in. The table has what they reached; in talos all is lost.",
        "Scan.status says of each trial how it ended.",
    ),
    Code(
        "K142",
        "trials diverged",
        "Their loss was not finite. Their metrics in the table are NaN; the other trials are not affected.",
        "Leave these parameters out, or lower the learning rate.",
    ),
    Code(
        "K143",
        "the highest loss is not the best",
        "best_model sorts in descending order unless told otherwise, as in talos: of losses the worst.",
        "Write asc=True.",
    ),
    Code(
        "K241",
        "an argument of talos' Scan that is not supported",
        "A scan here is the whole grid, or a part of it drawn by lot, trained as one population.",
        "Leave the argument out.",
        RecipeError,
    ),
    Code(
        "K242",
        "parameters that make no grid",
        "Each parameter has a list of values, or a range (start, stop, number of values) as in talos.",
        "Write params={'batch_size': [24, 48], 'dropout': (0.0, 0.5, 5)}.",
        RecipeError,
    ),
    Code(
        "K243",
        "the model function of a scan failed",
        "It is called once for each trial as model(x_train, y_train, x_val, y_val, params) and returns what "
        "fit returned and the model.",
        "End it with: return history, model.",
        RecipeError,
    ),
    Code(
        "K244",
        "rows that a scan cannot split",
        "A scan has validation rows: its own, or a part of the rows it was given.",
        "Pass both x_val and y_val, or a val_split between 0 and 1.",
        DataError,
    ),
    Code(
        "K245",
        "the best trial cannot be told",
        "best_model needs a column of Scan.data, a trial with a value in it, and the weights of that trial.",
        "See the message.",
        RecipeError,
    ),
    # Training data and arguments of fit: K25x, K26x.
    Code(
        "K251",
        "labels are not 0 and 1",
        "Keras trains on labels such as 1 and 2 without a word; its loss is then not a log loss.",
        "Map the labels to 0 and 1 first.",
        DataError,
    ),
    Code(
        "K252",
        "missing or infinite cells",
        "In Keras one NaN cell makes every weight NaN within an epoch, while accuracy may even rise.",
        "Fill or drop them first; or use steelyard.train or SteelyardClassifier, which handle missing values.",
        DataError,
    ),
    Code(
        "K253",
        "arrays that do not fit",
        "Features need one row per label, two dimensions, and the width the network was built for.",
        "Check the shapes.",
        DataError,
    ),
    Code(
        "K254",
        "class_weight cannot be used",
        "Weights are finite, not negative, and belong to the classes 0 and 1. Keras accepts other keys, "
        "for example the strings '0' and '1', and then uses weight 1.",
        "Write class_weight={0: ..., 1: ...}.",
        RecipeError,
    ),
    Code(
        "K255",
        "the network does not end in one probability",
        "A binary classifier ends in one unit with a sigmoid, or in one linear unit with "
        "BinaryCrossentropy(from_logits=True). A softmax over one unit is always 1.",
        "End with Dense(1, activation='sigmoid').",
        RecipeError,
    ),
    Code(
        "K256",
        "used in the wrong order",
        "A model is given its layers, then compiled, then fitted.",
        "See the message.",
        RecipeError,
    ),
    Code(
        "K257",
        "an argument of fit that is not supported",
        "The engine trains on arrays in memory, whole epochs at a time.",
        "See the message.",
        RecipeError,
    ),
)
"""Every code, in the order of the documentation."""


def warn(code: str, message: str) -> None:
    """Warns with the code in front, at the line outside this package that led here."""
    assert CODES[code].error is None, f"{code} is not a warning"
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "steelyard":
        frame, level = frame.f_back, level + 1
    warnings.warn(SteelyardWarning(f"{code}: {message}", code=code), stacklevel=level)


def refuse(code: str, message: str, help: str = "") -> SteelyardError:
    """The error to raise, with the code in front; ``help`` defaults to the remedy of the table."""
    entry = CODES[code]
    assert entry.error is not None, f"{code} is not an error"
    return entry.error(f"{code}: {message}", help=help or entry.remedy)
