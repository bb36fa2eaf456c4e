"""Losses by Keras' names (``keras/src/losses/losses.py``): those of a label that is 0 or 1.

The engine computes losses from the logit, which loses nothing to rounding where a probability is close to 0
or 1; Keras clips probabilities to [1e-7, 1 - 1e-7]. The functions here are numpy, as Keras defines them.
"""

from typing import TYPE_CHECKING

from steelyard.keras.losses.crossentropy import BinaryCrossentropy as BinaryCrossentropy
from steelyard.keras.losses.crossentropy import binary_crossentropy as binary_crossentropy
from steelyard.keras.losses.focal import BinaryFocalCrossentropy as BinaryFocalCrossentropy
from steelyard.keras.losses.focal import binary_focal_crossentropy as binary_focal_crossentropy
from steelyard.keras.losses.logit_adjusted import (
    LogitAdjustedBinaryCrossentropy as LogitAdjustedBinaryCrossentropy,
)
from steelyard.keras.losses.loss import Loss as Loss
from steelyard.keras.losses.naming import OTHERS as OTHERS
from steelyard.keras.losses.naming import deserialize as deserialize
from steelyard.keras.losses.naming import get as get
from steelyard.keras.losses.naming import serialize as serialize
from steelyard.keras.losses.naming import unsupported as unsupported

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name in OTHERS:
            raise unsupported(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
