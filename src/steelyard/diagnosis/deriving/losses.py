"""The plain losses behind the logged ones: penalty, class weights, dropout and averaging taken out.

What is known to be in a logged loss and cannot be taken out widens the result: ``low`` and ``high`` enclose
the plain loss, and ``how`` says why they differ. What may or may not be in it stays None in ``quantity``, and
the curve is as logged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from steelyard.diagnosis.arithmetic import noise_of
from steelyard.diagnosis.arithmetic.entropy import Weights
from steelyard.diagnosis.deriving.curves import PENALTY, PLAIN_LOSS, Curves
from steelyard.diagnosis.deriving.floors import is_cross_entropy
from steelyard.diagnosis.deriving.intervals import Numbers, at_epochs, curve_like
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.log import Facts

_UNKNOWN_RATE = 0.5
"""Of dropout that is said to be there, without its rate."""
_NOISES = 2.0
"""Standard deviations of a curve's wiggle that moving it by half an epoch may be wrong by."""
_JUST_LEARNED = 0.08
"""By what share the loss of training rows is lower after an epoch than its mean suggests: each row was
measured before the network learned from it. Two to seven percent in runs of our own."""


@dataclass(frozen=True)
class Inside:
    """What is in the logged losses. None: not known.

    ``weighted`` is of the training loss. ``weights`` multiply the loss of a negative and a positive training
    row; ``maybe`` says that they may not have been in force. ``crossed``: but for these the loss is the
    cross-entropy.
    """

    crossed: bool
    penalized: bool | None
    dropout: bool | None
    rate: float
    """Of the strongest dropout."""
    weighted: bool | None
    weights: Weights | None
    maybe: bool


def inside(logged: Curve | None, facts: Facts, weights: Weights | None, in_force: bool | None) -> Inside:
    """From the layers, and from what the reader knows of the logged training loss."""
    quantity = None if logged is None else logged.quantity
    layers = facts.layers
    drops = [layer for layer in layers or () if "dropout" in layer.kind and layer.rate != 0.0]
    dropout = None if quantity is None else quantity.dropout
    penalized = None if quantity is None else quantity.penalized
    if layers is not None:
        dropout = bool(drops) if dropout is None else dropout
        # A bias may be penalised, which layers do not tell and the reader may know.
        penalized = any(layer.l1 or layer.l2 for layer in layers) or bool(penalized)
    ignored = facts.class_weight_type in ("array", "list", "string keys")
    return Inside(
        # What Steelyard logs as loss is plain, whatever it minimised.
        crossed=is_cross_entropy(facts) or facts.framework == "steelyard",
        penalized=penalized,
        dropout=dropout,
        rate=max((layer.rate or _UNKNOWN_RATE for layer in drops), default=_UNKNOWN_RATE),
        weighted=_weighted(logged, in_force, ignored),
        weights=None if in_force is False else weights,
        maybe=ignored or in_force is None,
    )


def _weighted(logged: Curve | None, in_force: bool | None, ignored: bool) -> bool | None:
    if in_force is False:
        return False
    if in_force and not ignored:
        return True
    return None if logged is None else logged.quantity.weighted


def penalty_of(curves: Curves) -> Curve | None:
    """As logged, or as the validation loss less the cross-entropy logged beside it."""
    for split in ("train", "validation"):
        if (found := curves.find(split, *PENALTY)) is not None:
            return found
    whole, bare = curves.find("validation", "loss"), curves.find("validation", *PLAIN_LOSS)
    if whole is None or bare is None or not np.array_equal(whole.epochs, bare.epochs):
        return None
    margin = curves.margin(whole.values) + curves.margin(bare.values)
    values = whole.values - bare.values
    if (values < -margin).any():
        return None
    return Curve(
        whole.epochs,
        np.maximum(values, 0.0),
        np.maximum(values - margin, 0.0),
        np.maximum(values + margin, 0.0),
        replace(whole.quantity, penalized=True),
        "the validation loss less the cross-entropy logged beside it",
    )


def validation_loss_of(
    curves: Curves, known: Inside, penalty: Curve | None, floor: Estimate | None
) -> Curve | None:
    """The unweighted cross-entropy of the validation rows at the end of each epoch."""
    bare = curves.find("validation", *PLAIN_LOSS)
    if bare is not None and _is_crossed(bare):
        return replace(bare, quantity=replace(bare.quantity, penalized=False))
    logged = _finite(curves.loss("validation"))
    if logged is None or logged.quantity.weighted or not (known.crossed and _is_crossed(logged)):
        return None
    return _without_penalty(logged, known, penalty, floor)


def train_loss_of(
    curves: Curves, known: Inside, penalty: Curve | None, floor: Estimate | None
) -> Curve | None:
    """The unweighted cross-entropy of the training rows, without dropout, at the end of each epoch."""
    plain = curves.find("train", "loss")
    if plain is not None and curves.find("train", "objective") is not None:
        return plain
    bare = curves.find("train", *PLAIN_LOSS)
    if bare is not None and _is_crossed(bare):
        clear = replace(bare, quantity=replace(bare.quantity, penalized=False, weighted=False))
        return _at_the_end(_without_dropout(clear, known))
    logged = _finite(curves.loss("train"))
    if logged is None or not (known.crossed and _is_crossed(logged)):
        return None
    found = _without_penalty(logged, known, penalty, floor)
    found = replace(found, quantity=replace(found.quantity, weighted=known.weighted))
    if known.weighted is not False and known.weights is not None:
        found = _without_weights(found, known.weights, known.maybe)
    elif known.weighted:
        return None  # by weights that are not known
    return _at_the_end(_without_dropout(found, known))


def gap_of(curves: Curves, known: Inside, train: Curve | None, validation: Curve | None) -> Curve | None:
    """Plain validation loss less plain training loss, narrower than the two where a penalty is in both."""
    if train is None or validation is None:
        return None
    if known.penalized is not False and _wide(validation) and known.weights is None:
        # The same penalty is in both at the end of an epoch, and cancels.
        logged = {split: _finite(curves.loss(split)) for split in ("train", "validation")}
        if logged["train"] is not None and logged["validation"] is not None:
            train = _at_the_end(_without_dropout(logged["train"], known))
            validation = logged["validation"]
    beside = at_epochs(train, validation.epochs)
    if beside is None:
        return None
    values, low, high = beside
    how = (
        "as logged"
        if train.how == validation.how == "as logged"
        else f"validation: {validation.how}; training: {train.how}"
    )
    return replace(
        validation,
        values=validation.values - values,
        low=validation.low - high,
        high=validation.high - low,
        quantity=train.quantity,
        how=how,
    )


def _without_penalty(curve: Curve, known: Inside, penalty: Curve | None, floor: Estimate | None) -> Curve:
    if curve.quantity.penalized is False or known.penalized is False:
        return replace(curve, quantity=replace(curve.quantity, penalized=False))
    clear = replace(curve, quantity=replace(curve.quantity, penalized=False))
    if penalty is not None and (found := at_epochs(penalty, curve.epochs)) is not None:
        return _less(clear, *_over_the_epoch(curve, found))
    if known.penalized is None:
        return curve
    # A cross-entropy is not negative, so the penalty is at most the loss. A network is rarely worse than its
    # base rate, so what lies above that floor is probably penalty.
    zero = np.zeros(len(curve))
    likely = curve.values * 0.5 if floor is None else np.minimum(curve.values, floor.value)
    how = "as logged, less a penalty of between nothing and all of it (it was not logged)"
    return curve_like(clear, likely, zero, curve.high, how)


def _over_the_epoch(
    curve: Curve, found: tuple[Numbers, Numbers, Numbers]
) -> tuple[Numbers, Numbers, Numbers]:
    """A penalty at the ends of epochs, for a loss that is their mean: between this end and the one before."""
    values, low, high = found
    if curve.quantity.epoch_mean is False or len(values) < 2:
        return found
    # Before the first epoch it was changing at least as much as in the next.
    before = np.concatenate([[2.0 * values[0] - values[1]], values[:-1]])
    before = np.maximum(before, 0.0)
    return (values + before) / 2.0, np.minimum(low, before), np.maximum(high, before)


def _less(curve: Curve, value: Numbers, low: Numbers, high: Numbers) -> Curve:
    return curve_like(
        curve,
        curve.values - value,
        np.maximum(curve.low - high, 0.0),
        np.maximum(curve.high - low, 0.0),
        "as logged, less the penalty",
    )


def _without_weights(curve: Curve, weights: Weights, maybe: bool) -> Curve:
    """A weighted mean of losses is between the least and the greatest weight times their plain mean."""
    least, most = min(weights), max(weights)
    low, high = curve.low / most, curve.high / least
    if maybe:
        low, high = np.minimum(low, curve.low), np.maximum(high, curve.high)
    clear = replace(curve, quantity=replace(curve.quantity, weighted=False))
    typical = curve.values / np.sqrt(least * most)
    how = f"{curve.how}, divided by class weights of {least:.4g} to {most:.4g}"
    return curve_like(clear, typical, low, high, how)


def _without_dropout(curve: Curve, known: Inside) -> Curve:
    """Without dropout the loss is lower, by a share rarely above the rate of the strongest one."""
    if known.dropout is None:
        return curve
    clear = replace(curve, quantity=replace(curve.quantity, dropout=False))
    if not known.dropout:
        return clear
    how = f"{curve.how}, up to {known.rate:.0%} lower without dropout"
    return curve_like(clear, curve.values, curve.low * (1.0 - known.rate), curve.high, how)


def _at_the_end(curve: Curve) -> Curve:
    """A mean over each epoch, moved to its end: that lies between this epoch's mean and the next."""
    if curve.quantity.epoch_mean is False:
        return curve
    wiggle = noise_of(curve.values)
    slack = _NOISES * wiggle if np.isfinite(wiggle) else 0.0
    # After the last epoch it goes on as it went, at most.
    v, low, high = (_continued(part) for part in (curve.values, curve.low, curve.high))
    how = (
        "as logged, moved to the end of the epoch"
        if curve.how == "as logged"
        else f"{curve.how}, moved to the end of the epoch"
    )
    quantity = (
        curve.quantity if curve.quantity.epoch_mean is None else replace(curve.quantity, epoch_mean=False)
    )
    return curve_like(
        replace(curve, quantity=quantity),
        (v[:-1] + v[1:]) / 2.0,
        np.maximum(np.minimum(low[:-1], low[1:]) * (1.0 - _JUST_LEARNED) - slack, 0.0),
        np.maximum(high[:-1], high[1:]) + slack,
        how,
    )


def _continued(values: Numbers) -> Numbers:
    if len(values) < 2:
        return np.append(values, values)
    return np.append(values, max(2.0 * values[-1] - values[-2], 0.0))


def _finite(curve: Curve | None) -> Curve | None:
    """Without epochs whose loss is no number; None if there are no others."""
    if curve is None:
        return None
    kept = np.isfinite(curve.values)
    if not kept.any():
        return None
    return replace(
        curve,
        epochs=curve.epochs[kept],
        values=curve.values[kept],
        low=curve.low[kept],
        high=curve.high[kept],
    )


def _is_crossed(logged: Curve) -> bool:
    """A loss below zero is no cross-entropy, whatever the log says."""
    return not bool((logged.values < 0.0).any())


def _wide(curve: Curve) -> bool:
    return bool((curve.high > curve.low).any())
