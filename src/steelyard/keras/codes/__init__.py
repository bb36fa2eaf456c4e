"""What Keras keeps quiet about, by code: K1xx are warnings, K2xx are refusals.

Every message begins with its code. A warning is silenced by it:
``warnings.filterwarnings("ignore", "K104")``, or :func:`steelyard.silence`.
"""

from __future__ import annotations

import inspect
import warnings

from steelyard.errors import SteelyardError, SteelyardWarning
from steelyard.keras.codes import building, files, scanning, training, watching
from steelyard.keras.codes.code import Code as Code

CODES: dict[str, Code] = {
    code.code: code for family in (training, building, watching, files, scanning) for code in family.CODES
}
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
