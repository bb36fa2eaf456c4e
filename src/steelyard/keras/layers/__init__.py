"""Layers by Keras' names (``keras.layers``): those that make sense on tables.

Layers that Keras has besides are refused by name with K202, which says why and what there is.
"""

from typing import TYPE_CHECKING

from steelyard.keras.layers.activation import ELU as ELU
from steelyard.keras.layers.activation import Activation as Activation
from steelyard.keras.layers.activation import LeakyReLU as LeakyReLU
from steelyard.keras.layers.activation import ReLU as ReLU
from steelyard.keras.layers.dense import Dense as Dense
from steelyard.keras.layers.dropout import Dropout as Dropout
from steelyard.keras.layers.identity import Flatten as Flatten
from steelyard.keras.layers.identity import Identity as Identity
from steelyard.keras.layers.inputs import Input as Input
from steelyard.keras.layers.inputs import InputLayer as InputLayer
from steelyard.keras.layers.layer import Layer as Layer
from steelyard.keras.layers.naming import KNOWN as KNOWN
from steelyard.keras.layers.naming import LAYERS as LAYERS
from steelyard.keras.layers.naming import deserialize as deserialize
from steelyard.keras.layers.naming import not_a_layer as not_a_layer
from steelyard.keras.layers.naming import serialize as serialize
from steelyard.keras.layers.naming import unsupported as unsupported
from steelyard.keras.layers.normalization import BatchNormalization as BatchNormalization
from steelyard.keras.layers.variable import Variable as Variable

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name in KNOWN:
            raise unsupported(name, f"keras.layers.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
