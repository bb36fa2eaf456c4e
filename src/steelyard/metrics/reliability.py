"""Predicted beside found, bin by bin: what the calibration error is the mean of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from steelyard.metrics.curves import curves_of
from steelyard.metrics.definition import BINS
from steelyard.metrics.rows import checked


@dataclass(frozen=True)
class Bin:
    """Rows of neighbouring probabilities."""

    rows: float
    """Their number, or summed weight."""
    lowest: float
    highest: float
    """The range of their probabilities."""
    predicted: float
    """Their mean probability."""
    found: float
    """The share of positives among them."""


def reliability(
    target: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None, *, bins: int = BINS
) -> tuple[Bin, ...]:
    """At most ``bins`` bins of nearly equal mass, lowest probabilities first; a probability is in one bin.

    The calibration error is the mean of ``|predicted - found|`` over the rows of all bins. Arrays and errors
    are those of :func:`~steelyard.metrics.score`.

    >>> [(b.rows, b.predicted, b.found) for b in reliability([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.7], bins=2)]
    [(2.0, 0.2, 0.0), (2.0, 0.7, 1.0)]
    """
    curves = curves_of(checked(target, probability, weights, "reliability"), 0.5, bins)
    edges = [*curves.blocks.bins.tolist(), len(curves.positive)]
    made = []
    for start, stop in pairwise(edges):
        inside = slice(start, stop)
        values = curves.blocks.probability[inside]
        held = (curves.positive + curves.negative)[inside]
        made.append(
            Bin(
                rows=float(held.sum()),
                lowest=float(values[-1]),
                highest=float(values[0]),
                predicted=float(np.average(values, weights=held)),
                found=float(curves.positive[inside].sum() / held.sum()),
            )
        )
    return tuple(reversed(made))
