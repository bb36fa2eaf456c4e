"""A log together with what a person says of the run, by a flag or an argument."""

from __future__ import annotations

from dataclasses import fields, replace

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.enriching import with_facts
from steelyard.history import Quantity, Series
from steelyard.log import Facts, LayerFact, Log


def told(log: Log, facts: Facts, *, l2: float | None = None, dropout: float | None = None) -> Log:
    """The log with these facts, which count more than what a reader found.

    ``l2`` and ``dropout`` are for a network whose layers are not known: whether there is a penalty on weights
    (0: none) inside the losses, and whether units are left out while the training curves are taken. Where
    layers are known, 0 takes the penalty or the dropout off them.
    """
    log = with_facts(log, facts, over=True)
    layers = log.facts.layers
    if layers is not None:
        layers = tuple(_without(layer, l2 == 0.0, dropout == 0.0) for layer in layers)
        log = replace(log, facts=replace(log.facts, layers=layers))
    if log.history is None:
        return log
    series = tuple(
        replace(one, quantity=_quantity(one, log.facts, l2, dropout)) for one in log.history.series
    )
    return replace(log, history=replace(log.history, series=series))


def _without(layer: LayerFact, penalty: bool, dropout: bool) -> LayerFact:
    if penalty:
        layer = replace(layer, l1=0.0, l2=0.0)
    if dropout and "dropout" in layer.kind:
        layer = replace(layer, rate=0.0)
    return layer


def _quantity(one: Series, facts: Facts, l2: float | None, dropout: float | None) -> Quantity:
    found = one.quantity
    if (facts.framework or "").startswith("keras"):
        found = _over(quantities.keras(one.split, one.metric, facts), found)
    if l2 is not None and one.metric == "loss":
        found = replace(found, penalized=l2 > 0.0)
    if dropout is not None and one.split == "train" and found.dropout is not False:
        found = replace(found, dropout=dropout > 0.0)
    return found


def _over(said: Quantity, known: Quantity) -> Quantity:
    return Quantity(
        *(
            getattr(known, one.name) if getattr(said, one.name) is None else getattr(said, one.name)
            for one in fields(Quantity)
        )
    )
