"""ARC501: a softmax over one unit. Its output is 1 whatever the weights are, so nothing needs to be trained:
the log is that of probabilities of 1, which Keras clips to 1 - 1e-7."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from benchmarks.diagnosis.doors import Experiment, Logs, as_keras, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.history import History, Series

_CLIPPED = 1e-7


def _fault(seed: int) -> Logs:
    experiment = _experiment(seed)
    log = as_keras(experiment)
    assert log.history is not None and log.facts.layers is not None
    rows = experiment.rows
    rates = {
        "train": rows.target[rows.split.train].mean(),
        "validation": rows.target[rows.split.validation].mean(),
    }
    series = tuple(_always_one(one, float(rates[one.split])) for one in log.history.series)
    *hidden, last = log.facts.layers
    facts = replace(log.facts, layers=(*hidden, replace(last, activation="softmax")))
    return {"keras": replace(log, history=History(log.history.epochs, series), facts=facts)}


def _twin(seed: int) -> Logs:
    return keras_only(_experiment(seed))


def _experiment(seed: int) -> Experiment:
    return Experiment(generate(seed), program(), seed)


def _always_one(one: Series, rate: float) -> Series:
    """The series with the value that it has if every row gets a probability of 1."""
    value = {
        "loss": (1.0 - rate) * -math.log(_CLIPPED),
        "accuracy": rate,
        "precision": rate,
        "recall": 1.0,
        "f1": 2.0 * rate / (1.0 + rate),
        "roc_auc": 0.5,
        "auc": 0.5,
    }[one.metric]
    return replace(one, values=np.full(len(one.values), value))


FAULT = Fault("ARC501", "a softmax over one unit, against a sigmoid", _fault, _twin)
