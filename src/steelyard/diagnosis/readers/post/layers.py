"""Layers of a network from the calls that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from steelyard.diagnosis.readers.post.values import ABSENT, Call, Name, number, whole
from steelyard.diagnosis.readers.post.words import snake_case, spoken
from steelyard.log import UNKNOWN_KIND, LayerFact

_ACTIVATIONS = frozenset({"relu", "leaky_relu", "prelu", "elu", "selu", "softmax", "thresholded_relu"})
_KEEP_THE_WIDTH = frozenset(
    {"dropout", "alpha_dropout", "gaussian_noise", "gaussian_dropout", "batch_normalization", "activation"}
    | {"layer_normalization", "normalization", "spatial_dropout1d", "activity_regularization"}
)
_INPUTS = frozenset({"input", "input_layer"})
_OTHERS = frozenset(
    {"flatten", "reshape", "embedding", "lstm", "gru", "simple_rnn", "cu_dnnlstm", "cu_dnngru"}
    | {f"{kind}{n}d" for kind in ("conv", "convolution", "max_pooling", "average_pooling") for n in (1, 2, 3)}
    | {f"global_{kind}_pooling{n}d" for kind in ("max", "average") for n in (1, 2, 3)}
)
"""Layers that are known by name; what they compute is not looked at."""
_WRAPPERS = frozenset({"bidirectional", "time_distributed"})
_RECURRENT = ("recurrent_dropout", "dropout_U")
_DEFAULT_PENALTY = 0.01
"""Of ``l1()`` and ``l2()`` in Keras."""


def layer_facts(calls: Sequence[Any], inputs: int | None = None) -> tuple[LayerFact, ...] | None:
    """What is known of each layer, inputs left out; ``inputs`` is the width of the first where the calls do
    not say it. Of what is no call of a class all that is known is that it is there. None if there is no
    layer."""
    layers: list[LayerFact] = []
    width = inputs
    for call in calls:
        if not isinstance(call, Call) or not call.name[:1].isupper():
            layers.append(LayerFact(UNKNOWN_KIND))
            width = None
            continue
        kind = snake_case(call.name)
        stated = _stated_inputs(call)
        if not layers and stated is not None:
            width = stated
        if kind in _INPUTS:
            width = whole(_first(call.argument(0, "shape", "input_shape"))) or width
            continue
        layer = replace(_layer(kind, call), inputs=width)
        width = layer.units if kind == "dense" else width if kind in _KEEP_THE_WIDTH | _ACTIVATIONS else None
        layers.append(layer)
    return tuple(layers) if any(one.kind != UNKNOWN_KIND for one in layers) else None


def is_layer(value: Any) -> bool:
    """Is it the call of a layer's class by its name?"""
    return isinstance(value, Call) and snake_case(value.name) in (
        _KEEP_THE_WIDTH | _ACTIVATIONS | _INPUTS | _OTHERS | _WRAPPERS | {"dense"}
    )


def _layer(kind: str, call: Call) -> LayerFact:
    trainable = call.argument(None, "trainable") is not False
    if kind == "dense":
        l1, l2 = _penalty(call.argument(None, "kernel_regularizer", "W_regularizer"))
        return LayerFact(
            "dense",
            units=whole(call.argument(0, "units", "output_dim")),
            activation=_activation(call.argument(1, "activation")),
            l1=l1,
            l2=l2,
            kernel_initializer=_initializer(
                call.argument(None, "kernel_initializer", "init"), "glorot_uniform"
            ),
            bias_initializer=_initializer(call.argument(None, "bias_initializer"), "zeros"),
            trainable=trainable,
        )
    if kind in _ACTIVATIONS:
        return LayerFact("activation", activation=kind, trainable=trainable)
    if kind == "activation":
        return LayerFact(kind, activation=_activation(call.argument(0, "activation")), trainable=trainable)
    if "dropout" in kind:
        return LayerFact(kind, rate=number(call.argument(0, "rate", "p")), trainable=trainable)
    return _other(kind, call, trainable)


def _other(kind: str, call: Call, trainable: bool) -> LayerFact:
    """A layer of which only the penalty and, of a recurrent one, the dropout is asked for."""
    inside = call.argument(0, "layer") if kind in _WRAPPERS else call
    if not isinstance(inside, Call):
        return LayerFact(UNKNOWN_KIND, trainable=trainable)
    l1, l2 = _penalty(inside.argument(None, "kernel_regularizer", "W_regularizer"))
    rates = [number(inside.argument(None, *names)) for names in (("dropout", "dropout_W"), _RECURRENT)]
    rate = max((one for one in rates if one), default=None)
    return LayerFact(kind, rate=rate, l1=l1, l2=l2, trainable=trainable)


def _stated_inputs(call: Call) -> int | None:
    direct = whole(call.argument(None, "input_dim"))
    if direct is not None:
        return direct
    shape = call.argument(None, "input_shape", "batch_input_shape", "batch_shape")
    return whole(_first(shape[-1:] if isinstance(shape, list | tuple) else shape))


def _first(shape: Any) -> Any:
    return shape[0] if isinstance(shape, list | tuple) and len(shape) == 1 else shape


def _activation(value: Any) -> str | None:
    """By Keras' name; ``linear`` if none was given, None if it is not known which."""
    if value is ABSENT or value is None:
        return "linear"
    return spoken(value)


def _initializer(value: Any, default: str) -> str | None:
    if value is ABSENT:
        return default
    name = spoken(value)
    if name in ("zero", "one", "uniform", "normal"):
        return {"zero": "zeros", "one": "ones", "uniform": "random_uniform", "normal": "random_normal"}[name]
    return name


def _penalty(value: Any) -> tuple[float, float]:
    """L1 and L2 of a regularizer."""
    name = spoken(value) or ""
    if isinstance(value, str | Name):
        return (
            _DEFAULT_PENALTY if name in ("l1", "l1_l2", "l1l2") else 0.0,
            _DEFAULT_PENALTY if name in ("l2", "l1_l2", "l1l2") else 0.0,
        )
    if not isinstance(value, Call):
        return 0.0, 0.0
    if name in ("l1_l2", "l1l2"):
        return (
            _rate(value.argument(0, "l1"), _DEFAULT_PENALTY if not value.keywords else 0.0),
            _rate(value.argument(1, "l2"), _DEFAULT_PENALTY if not value.keywords else 0.0),
        )
    rate = _rate(value.argument(0, "l1", "l2", "l"), _DEFAULT_PENALTY)
    return (rate if name == "l1" else 0.0, rate if name == "l2" else 0.0)


def _rate(value: Any, default: float) -> float:
    found = number(value)
    return default if found is None else found
