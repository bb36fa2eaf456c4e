"""Curves logged by optimizer step, several values per epoch, as curves by epoch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.assembling import Points
from steelyard.diagnosis.readers.names import shown, split_and_metric

_CONSECUTIVE = 0.9
"""Share of gaps of exactly 1 from which steps are taken to be epochs."""


def one_per_epoch(name: str, points: Points) -> tuple[Points, str]:
    """One value for each epoch, and a note where several were there: on training rows their mean (each is of
    other rows and another state of the network), otherwise the last. Values that are not finite stay so."""
    epochs, values = points.epochs, points.values
    if bool((epochs[1:] < epochs[:-1]).any()):
        order = np.argsort(epochs, kind="stable")
        epochs, values = epochs[order], values[order]
    new = np.ones(len(epochs), np.bool_)
    new[1:] = epochs[1:] != epochs[:-1]
    if new.all():
        return Points(epochs, values), ""
    first = np.flatnonzero(new)
    after = np.append(first[1:], len(epochs))
    if _is_of_batches(name):
        with np.errstate(invalid="ignore", over="ignore"):
            means = np.add.reduceat(values, first) / (after - first)
        return Points(epochs[first], means), f"{shown(name)} is the mean of the values logged in each epoch"
    return Points(epochs[first], values[after - 1]), f"{shown(name)} is the last value logged in each epoch"


def epochs_of_steps(steps: Mapping[str, NDArray[np.int64]]) -> tuple[dict[str, NDArray[np.int64]], str]:
    """Epochs (from 1) of the steps of several curves, and a note where something had to be assumed.

    Steps that follow each other by 1 are epochs. Otherwise each validation ends an epoch; without one each
    step is counted as one.
    """
    every = np.unique(np.concatenate(list(steps.values())))
    gaps = np.diff(every)
    if not len(gaps) or np.mean(gaps == 1) >= _CONSECUTIVE:
        first = 1 if len(every) and every[0] == 0 else 0
        return {name: one + first for name, one in steps.items()}, ""
    validations = [one for name, one in steps.items() if split_and_metric(name)[0] == "validation"]
    if validations:
        ends = np.unique(np.concatenate(validations))
        note = "steps are of the optimizer: an epoch is taken to end at each validation"
    else:
        ends = every
        note = "steps are of the optimizer, and nothing tells the epochs: each step with values counts as one"
    return {name: np.searchsorted(ends, one).astype(np.int64) + 1 for name, one in steps.items()}, note


def _is_of_batches(name: str) -> bool:
    split, metric = split_and_metric(name)
    return split == "train" and metric != "learning_rate"
