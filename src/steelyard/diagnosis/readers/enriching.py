"""A log together with facts from elsewhere: a model file, flags."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.areas import with_areas
from steelyard.history import History, Quantity
from steelyard.log import Facts, Log


def with_facts(log: Log, more: Facts, over: bool = False) -> Log:
    """The log with facts it lacks; with ``over`` also in place of those it has (what a person says by a flag
    counts more than what a reader found).

    What is unknown of the curves of Keras, which depends on layers and weights, is filled in.
    """
    facts = merged(more, log.facts) if over else merged(log.facts, more)
    return replace(log, facts=facts, history=_told(log.history, facts))


def merged(first: Facts, second: Facts) -> Facts:
    """The facts of both; where both know, the first counts."""
    known = {
        one.name: getattr(second, one.name)
        for one in fields(Facts)
        if one.name != "origins"
        and getattr(first, one.name) is None
        and getattr(second, one.name) is not None
    }
    origins = {name: origin for name, origin in second.origins.items() if name in known}
    return replace(first, **known, origins={**origins, **first.origins})


def learning_rate_of(log: Log) -> Log:
    """The log with the learning rate, if it has that curve: the highest, since a schedule may warm up."""
    if log.history is None or log.facts.learning_rate is not None or "train_learning_rate" not in log.history:
        return log
    rates = log.history["train_learning_rate"]
    if not np.isfinite(rates).any():
        return log
    at = int(np.argmax(np.where(np.isfinite(rates), rates, -np.inf)))
    origin = {"learning_rate": f"the log, epoch {log.history.epochs[at]}"}
    return replace(log, facts=merged(log.facts, Facts(learning_rate=float(rates[at]), origins=origin)))


def _told(history: History | None, facts: Facts) -> History | None:
    if history is None or not (facts.framework or "").startswith("keras"):
        return history
    told = tuple(
        replace(one, quantity=_filled(one.quantity, quantities.keras(one.split, one.metric, facts)))
        for one in history.series
    )
    return with_areas(History(history.epochs, told), facts)


def _filled(known: Quantity, told: Quantity) -> Quantity:
    return Quantity(
        *(
            getattr(told, one.name) if getattr(known, one.name) is None else getattr(known, one.name)
            for one in fields(Quantity)
        )
    )
