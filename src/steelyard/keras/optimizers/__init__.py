"""Optimizers by Keras' names (``keras.optimizers``).

An optimizer here is a description; the engine has the update rules. ``learning_rate`` may be set between
epochs, as callbacks do. Optimizers that Keras has besides, and schedules, are refused by name.
"""

from typing import TYPE_CHECKING

from steelyard.keras.codes import refuse as _refuse
from steelyard.keras.optimizers.naming import OTHERS as OTHERS
from steelyard.keras.optimizers.naming import deserialize as deserialize
from steelyard.keras.optimizers.naming import get as get
from steelyard.keras.optimizers.naming import serialize as serialize
from steelyard.keras.optimizers.naming import unsupported as unsupported
from steelyard.keras.optimizers.optimizer import OPTIONS as OPTIONS
from steelyard.keras.optimizers.optimizer import Optimizer as Optimizer
from steelyard.keras.optimizers.rules import SGD as SGD
from steelyard.keras.optimizers.rules import Adadelta as Adadelta
from steelyard.keras.optimizers.rules import Adagrad as Adagrad
from steelyard.keras.optimizers.rules import Adam as Adam
from steelyard.keras.optimizers.rules import Adamax as Adamax
from steelyard.keras.optimizers.rules import AdamW as AdamW
from steelyard.keras.optimizers.rules import Nadam as Nadam
from steelyard.keras.optimizers.rules import RMSprop as RMSprop

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name == "schedules":
            raise _refuse(
                "K209",
                "keras.optimizers.schedules: schedules of the learning rate are not supported",
                "Use fit(callbacks=[LearningRateScheduler(...)]).",
            )
        if name in OTHERS:
            raise unsupported(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
