"""Scan."""

from __future__ import annotations

from steelyard.codes import Code
from steelyard.errors import DataError, RecipeError

CODES = (
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
        "best_model sorts in descending order unless told, as in talos: of losses the worst comes first.",
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
        "It is called once for each trial as model(x_train, y_train, x_val, y_val, params) and "
        "returns what fit returned and the model.",
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
    Code(
        "K246",
        "arguments of a scan that do not go together",
        "With storage, folds, seeds or pruning a scan keeps the numbers of its trials, not their models, and "
        "measures on rows of its own choice.",
        "Leave one of them out.",
        RecipeError,
    ),
    Code(
        "K247",
        "a scan that would not be known again",
        "What is stored under a name belongs to one model function and one set of parameters: both must be "
        "something that can be written down and compared.",
        "Define the model function with def in a file or a notebook; give parameters as numbers and text and "
        "make objects of them in the model function.",
        RecipeError,
    ),
    Code(
        "K248",
        "a trial that cannot be compared",
        "A score needs validation rows. Pruning needs fits that train side by side: a model function that "
        "reads its history, predicts, or fits on arrays of its own is trained before the others are known.",
        "Fit on the arrays the model function is given, with validation_data=(x_val, y_val), and return the "
        "history unread; or leave pruning out.",
        RecipeError,
    ),
)
