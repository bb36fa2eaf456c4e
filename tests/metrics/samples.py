"""Rows to measure: calibrated probabilities of two normal distributions, and odd little tables."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit

from steelyard.metrics.rows import Rows, checked

SEPARATION = 1.2


def binormal(positives: int, negatives: int, seed: int) -> Rows:
    """Probabilities that are right, for two normal distributions one ``SEPARATION`` apart."""
    random = np.random.default_rng(seed)
    y = np.repeat([1, 0], [positives, negatives])
    score = random.normal(size=len(y)) + SEPARATION * y
    return checked(y, expit(SEPARATION * score - SEPARATION**2 / 2 + np.log(positives / negatives)))


def noisier(rows: Rows, seed: int, noise: float = 0.5) -> Rows:
    """The same rows, judged by a worse model."""
    shaken = logit(rows.probability) + noise * np.random.default_rng(seed).normal(size=len(rows.target))
    return checked(rows.target, expit(shaken), rows.weights)


@st.composite
def small_rows(
    draw: st.DrawFn, weighted: bool = False
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """Labels of both classes, probabilities with many ties, weights (whole numbers, or all 1)."""
    probability = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]) | st.floats(0.0, 1.0, width=32)
    weight = st.integers(1, 4) if weighted else st.just(1)
    table = draw(st.lists(st.tuples(st.booleans(), probability, weight), min_size=2, max_size=30))
    y = np.array([label for label, _, _ in table], np.uint8)
    y[:2] = 0, 1
    return y, np.array([p for _, p, _ in table]), np.array([w for _, _, w in table], np.float64)
