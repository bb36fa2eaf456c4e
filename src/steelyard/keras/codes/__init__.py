"""What Keras keeps quiet about, by code: K1xx are warnings, K2xx are refusals.

Every message begins with its code. A warning is silenced by it:
``warnings.filterwarnings("ignore", "K104")``, or :func:`steelyard.silence`.
"""

from __future__ import annotations

from steelyard import codes
from steelyard.codes import Code as Code
from steelyard.errors import SteelyardError
from steelyard.keras.codes import building, files, scanning, training, watching

CODES = codes.table(
    code for family in (training, building, watching, files, scanning) for code in family.CODES
)
"""Every code, in the order of the documentation."""


def warn(code: str, message: str) -> None:
    """Warns with the code in front, at the line outside this package that led here."""
    codes.warn(CODES[code], message)


def refuse(code: str, message: str, help: str = "") -> SteelyardError:
    """The error to raise, with the code in front; ``help`` defaults to the remedy of the table."""
    return codes.refusal(CODES[code], message, help)
