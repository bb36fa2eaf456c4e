"""A network as its dense layers, each with what follows it.

Keras may write an activation into a dense layer or behind it as a layer of its own, with batch normalisation
and dropout between. A :class:`Block` is a dense layer together with all that comes before the next one, so
that rules need not care.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from steelyard.log import LayerFact

_OF_EACH_ROW = frozenset(
    {"layer_normalization", "group_normalization", "rms_normalization", "unit_normalization"}
)
"""Normalisations by the outputs of a row itself, which are no linear function of it."""
_WIDTH_KEPT = _OF_EACH_ROW | {
    *("activation", "batch_normalization", "normalization", "rescaling", "flatten", "input", "masking"),
    "activity_regularization",
}
"""Kinds of layers, beside dense and dropout, that leave a stack of dense layers one."""


@dataclass(frozen=True)
class Block:
    """A dense layer and what stands between it and the next.

    ``activation`` is the one that applies: the layer's own or, if that is linear, one that follows; None if
    it is not known. ``dropout`` are the rates of what follows, ``normalized`` says whether a normalisation
    does, ``bent`` whether one that is not linear does.
    """

    dense: LayerFact
    activation: str | None
    dropout: tuple[float, ...] = ()
    normalized: bool = False
    bent: bool = False

    @property
    def units(self) -> int | None:
        """How many outputs it has, if that is known."""
        return self.dense.units


def blocks(layers: Sequence[LayerFact]) -> tuple[Block, ...] | None:
    """The blocks from the input to the output; None if there is a layer that is neither dense nor goes
    between dense layers, or no dense layer at all.

    >>> [b.activation for b in blocks([LayerFact("dense", 8, activation="linear"),
    ...     LayerFact("activation", activation="relu"), LayerFact("dense", 1, activation="sigmoid")])]
    ['relu', 'sigmoid']
    """
    starts = [at for at, layer in enumerate(layers) if layer.kind == "dense"]
    if not starts or not all(_known(layer.kind) for layer in layers):
        return None
    ends = [*starts[1:], len(layers)]
    return tuple(
        _block(layers[start], layers[start + 1 : end]) for start, end in zip(starts, ends, strict=True)
    )


def output(layers: Sequence[LayerFact]) -> Block | None:
    """The last dense layer and what follows it, whatever comes before; None if there is none, or what follows
    is not known.

    >>> last = output([LayerFact("lstm"), LayerFact("dense", 1, activation="linear"),
    ...     LayerFact("activation", activation="sigmoid")])
    >>> last and last.activation
    'sigmoid'
    """
    at = next((at for at in reversed(range(len(layers))) if layers[at].kind == "dense"), None)
    if at is None or not all(_known(layer.kind) for layer in layers[at:]):
        return None
    return _block(layers[at], layers[at + 1 :])


def hidden(stack: Sequence[Block]) -> tuple[Block, ...]:
    """All blocks but the last."""
    return tuple(stack[:-1])


def parameters(stack: Sequence[Block]) -> int | None:
    """Weights and biases of the dense layers; None if a width is not known."""
    widths = [stack[0].dense.inputs, *(block.units for block in stack)]
    known = [width for width in widths if width is not None]
    if len(known) < len(widths):
        return None
    return sum((wide + 1) * units for wide, units in pairwise(known))


def _known(kind: str) -> bool:
    return kind == "dense" or kind in _WIDTH_KEPT or "dropout" in kind or "noise" in kind


def _block(dense: LayerFact, followers: Sequence[LayerFact]) -> Block:
    activation = dense.activation
    for layer in followers:
        if layer.kind == "activation" and activation == "linear":
            activation = layer.activation
    return Block(
        dense,
        activation,
        dropout=tuple(layer.rate for layer in followers if layer.rate),
        normalized=any(layer.kind.endswith("normalization") for layer in followers),
        bent=any(layer.kind in _OF_EACH_ROW for layer in followers),
    )
