"""What frameworks have in the curves they log: weights, penalties, dropout, the mean over an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from steelyard.history import PLAIN, Quantity
from steelyard.log import UNKNOWN_KIND, Facts, LayerFact

Manner: TypeAlias = Callable[[str, str, Facts], Quantity]
"""Split, canonical metric and what else is known of the run -> what such a curve is."""


def keras(split: str, metric: str, facts: Facts) -> Quantity:
    """Keras, as far as the facts tell.

    Values of an epoch on training rows are means over its batches (streaming metrics: counts over them),
    while the network changes and dropout is active. Those on validation rows are taken at its end. Class
    weights are in the training loss and in ``weighted_metrics``; the penalty is in the loss of both splits.
    Source: ``Trainer.fit`` and ``Trainer.compute_loss`` in ``keras/src/trainers``.
    """
    if metric in ("learning_rate", "penalty"):
        return PLAIN
    train = split == "train"
    loss = metric == "loss"
    return Quantity(
        weighted=_weighted(facts) if train and (loss or metric.startswith("weighted_")) else False,
        penalized=_penalized(facts) if loss else False,
        dropout=_dropout(facts) if train else False,
        epoch_mean=train,
    )


def unknown(split: str, metric: str, facts: Facts) -> Quantity:
    """A log that does not say how its values were taken."""
    return PLAIN if metric == "learning_rate" else Quantity()


def end_of_epoch(split: str, metric: str, facts: Facts) -> Quantity:
    """Training loops that log means over an epoch's batches, and evaluate the rest without dropout (skorch,
    Lightning); what their loss function adds to the loss they do not say."""
    if metric == "learning_rate":
        return PLAIN
    train = split == "train"
    return Quantity(dropout=_dropout(facts) if train else False, epoch_mean=train)


def _weighted(facts: Facts) -> bool | None:
    """None also where weights were given in a form that Keras takes without using it."""
    if facts.class_weight_type in ("dict", "balanced") or facts.sample_weight:
        return True
    return False if facts.class_weight_type == "none" and facts.sample_weight is False else None


def _penalized(facts: Facts) -> bool | None:
    return _in_any(facts, lambda layer: bool(layer.l1 or layer.l2))


def _dropout(facts: Facts) -> bool | None:
    return _in_any(facts, lambda layer: "dropout" in layer.kind or bool(layer.rate))


def _in_any(facts: Facts, has: Callable[[LayerFact], bool]) -> bool | None:
    """Has any layer something? None if those that are known have not, and there are others."""
    if facts.layers is None:
        return None
    if any(map(has, facts.layers)):
        return True
    return None if any(layer.kind == UNKNOWN_KIND for layer in facts.layers) else False
