"""Scan."""

from __future__ import annotations

from steelyard.errors import DataError, RecipeError
from steelyard.keras.codes.code import Code

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
)
