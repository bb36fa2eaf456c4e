"""Losses by name: reading and writing them, and refusing those there are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import import_hint, listed
from steelyard.keras.codes import refuse
from steelyard.keras.losses.crossentropy import BinaryCrossentropy, binary_crossentropy
from steelyard.keras.losses.focal import BinaryFocalCrossentropy, binary_focal_crossentropy
from steelyard.keras.losses.logit_adjusted import LogitAdjustedBinaryCrossentropy
from steelyard.keras.losses.loss import Loss
from steelyard.keras.serialized import Config, read_form, serialized

Kind = type[BinaryCrossentropy] | type[BinaryFocalCrossentropy] | type[LogitAdjustedBinaryCrossentropy]

_NAMES: Mapping[str, Kind] = {
    "binary_crossentropy": BinaryCrossentropy,
    "BinaryCrossentropy": BinaryCrossentropy,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
    "binary_focal_crossentropy": BinaryFocalCrossentropy,
    "BinaryFocalCrossentropy": BinaryFocalCrossentropy,
    "logit_adjusted_binary_crossentropy": LogitAdjustedBinaryCrossentropy,
    "LogitAdjustedBinaryCrossentropy": LogitAdjustedBinaryCrossentropy,
    "logit_adjusted": LogitAdjustedBinaryCrossentropy,
}
"""What people write, and the class they mean; "logit_adjusted" is what a recipe calls it."""

_REASONS: Mapping[str, str] = {
    (
        "a label of two classes needs one output: end with Dense(1, activation='sigmoid') and write "
        "loss='binary_crossentropy', with labels 0 and 1"
    ): (
        "categorical_crossentropy CategoricalCrossentropy sparse_categorical_crossentropy "
        "SparseCategoricalCrossentropy categorical_focal_crossentropy CategoricalFocalCrossentropy "
        "categorical_generalized_cross_entropy CategoricalGeneralizedCrossEntropy categorical_hinge "
        "CategoricalHinge"
    ),
    "the label is 0 or 1: write loss='binary_crossentropy'": (
        "mean_squared_error MeanSquaredError mse MSE mean_absolute_error MeanAbsoluteError mae  MAE "
        "mean_absolute_percentage_error MeanAbsolutePercentageError mape MAPE "
        "mean_squared_logarithmic_error MeanSquaredLogarithmicError msle MSLE huber Huber huber_loss "
        "log_cosh  logcosh LogCosh poisson Poisson kl_divergence kullback_leibler_divergence KLDivergence "
        "kld KLD  cosine_similarity CosineSimilarity ctc CTC"
    ),
    "labels are 0 and 1 and the output is a probability: write loss='binary_crossentropy'": (
        "hinge Hinge squared_hinge SquaredHinge circle Circle"
    ),
    "for a rare class write loss=BinaryFocalCrossentropy(), or class_weight or resampling in fit": (
        "dice Dice tversky Tversky"
    ),
}
"""Losses that Keras 2 or 3 has and we do not, by what to write instead."""
OTHERS: Mapping[str, str] = {name: reason for reason, names in _REASONS.items() for name in names.split()}


def get(identifier: object) -> Loss:
    """The loss meant by a name, a function or class of this module, an instance or a configuration.

    Anything else is refused with K207.
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, Mapping):
        name, config = read_form("loss", identifier)
        if name != "function":
            if name not in _NAMES:
                raise unsupported(name)
            return _NAMES[name].from_config(config)
        identifier = config
    if isinstance(identifier, str):
        if identifier not in _NAMES:
            raise unsupported(identifier)
        return _NAMES[identifier]()
    if identifier is binary_crossentropy or identifier is BinaryCrossentropy:
        return BinaryCrossentropy()
    if identifier is binary_focal_crossentropy or identifier is BinaryFocalCrossentropy:
        return BinaryFocalCrossentropy()
    if identifier is LogitAdjustedBinaryCrossentropy:
        return LogitAdjustedBinaryCrossentropy()
    if identifier is None:
        raise refuse("K207", "loss is None; a network needs one to be trained")
    raise unsupported(identifier)


def serialize(loss: Loss) -> Config:
    """Keras 3's serialized form."""
    return serialized("keras.losses", type(loss).__name__, loss.get_config())


def deserialize(config: Mapping[str, Any] | str) -> Loss:
    """The inverse of :func:`serialize`; reads Keras 2's form and names too."""
    return get(config)


def unsupported(found: object) -> SteelyardError:
    """The refusal of a loss that is none of these."""
    name = found if isinstance(found, str) else getattr(found, "__name__", type(found).__name__)
    names = f"there are {listed([kind.__name__ for kind in dict.fromkeys(_NAMES.values())])}"
    if name in OTHERS:
        return refuse("K207", f"loss {name!r} is not supported; {names}", OTHERS[name])
    if not isinstance(found, str):
        help = import_hint(found, _NAMES, "steelyard.keras.losses")
        return refuse("K207", f"loss {name} is Python code, which the engine cannot run; {names}", help)
    return refuse("K207", f"loss {name!r} is not supported{did_you_mean(name, _NAMES)}; {names}")
