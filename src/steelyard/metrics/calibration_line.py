"""Calibration slope and intercept: the logistic regression of the label on the predicted logit.

Both are as Cox (1958) proposed: a slope below 1 says that predictions are too extreme, above 1 that they are
too timid; the intercept, what must be added to the logit then. Fitted by Newton's method, for many weightings
of the rows at once.

If one probability separates the classes, no finite slope is the likeliest; then the penalty of Firth (1993,
Biometrika 80:27) keeps it finite, as Heinze and Schemper (2002, Statistics in Medicine 21:2409) advise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from steelyard.metrics.curves import Curves

Numbers = NDArray[np.float64]

NEAREST_TO_CERTAIN = 1e-7
"""Probabilities nearer to 0 or 1 than this count as this: a float32 sigmoid knows nothing finer."""

MOST_STEPS = 60
"""Newton's method needs about 8."""

QUICK_STEPS = 6
"""From a start close to the answer it needs 3 or 4."""

NEAR = 1e-8
"""Steps below this, in units of the logit's spread, are the last."""


def calibration_line(curves: Curves) -> tuple[Numbers, Numbers]:
    """Slope and intercept, each (...); NaN with one class or if all logits are equal."""
    x = logit(np.clip(curves.blocks.probability, NEAREST_TO_CERTAIN, 1.0 - NEAREST_TO_CERTAIN))
    shape = curves.positives.shape
    positive = curves.positive.reshape(-1, len(x))
    rows = positive + curves.negative.reshape(-1, len(x))
    held = rows.sum(axis=0) > 0.0
    centre = float(np.average(x, weights=rows.sum(axis=0)))
    spread = float(np.sqrt(np.average((x - centre) ** 2, weights=rows.sum(axis=0))))
    slope, intercept = np.full((2, len(rows)), np.nan)
    if spread <= 1e-9 or held.sum() < 2:
        return slope.reshape(shape), intercept.reshape(shape)
    defined, separated = _kinds(x, positive, rows - positive)
    if not defined.any():
        return slope.reshape(shape), intercept.reshape(shape)
    z = (x - centre) / spread
    a, b = _fit(z, positive[defined], rows[defined], separated[defined])
    slope[defined] = b / spread
    intercept[defined] = a - b * centre / spread
    return slope.reshape(shape), intercept.reshape(shape)


def _kinds(x: Numbers, positive: Numbers, negative: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each weighting: is there a slope at all, and are the classes separated?"""
    both = (positive.sum(axis=1) > 0.0) & (negative.sum(axis=1) > 0.0)
    low_positive, low_negative = (np.where(c > 0.0, x, np.inf).min(axis=1) for c in (positive, negative))
    high_positive, high_negative = (np.where(c > 0.0, x, -np.inf).max(axis=1) for c in (positive, negative))
    equal = np.minimum(low_positive, low_negative) == np.maximum(high_positive, high_negative)
    return both & ~equal, (low_positive >= high_negative) | (high_positive <= low_negative)


def _fit(z: Numbers, positive: Numbers, rows: Numbers, firth: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Intercepts and slopes; of many weightings, most are a few steps from what fits them together."""
    if len(rows) == 1 or firth.any():
        return _careful(z, positive, rows, firth)
    together = np.zeros(1, np.bool_)
    a, b = (
        np.repeat(start, len(rows))
        for start in _careful(z, positive.sum(axis=0)[None], rows.sum(axis=0)[None], together)
    )
    for _ in range(QUICK_STEPS):
        mu, s0, s1, s2, determinant = _terms(z, rows, a, b)
        residual = positive - rows * mu
        g0, g1 = residual.sum(axis=1), residual @ z
        da, db = (s2 * g0 - s1 * g1) / determinant, (s0 * g1 - s1 * g0) / determinant
        a, b = a + da, b + db
        lost = ~(np.maximum(np.abs(da), np.abs(db)) < NEAR)
        if not lost.any():
            return a, b
    a[lost], b[lost] = _careful(z, positive[lost], rows[lost], firth[lost])
    return a, b


def _careful(
    z: Numbers, positive: Numbers, rows: Numbers, firth: NDArray[np.bool_]
) -> tuple[Numbers, Numbers]:
    """Newton's method with halved steps, on the likelihood or, where ``firth``, on Firth's."""
    a = np.log(positive.sum(axis=1) / (rows - positive).sum(axis=1))
    b = np.zeros_like(a)
    penalty = firth.astype(np.float64)
    now = _terms(z, rows, a, b)
    value = _objective(z, positive, rows, a, b, now, penalty)
    for _ in range(MOST_STEPS):
        mu, s0, s1, s2, determinant = now
        residual = positive - rows * mu
        if firth.any():
            variance = rows * mu * (1.0 - mu)
            # The diagonal of the hat matrix, summed over a block's rows.
            quadratic = s2[:, None] - 2.0 * s1[:, None] * z + s0[:, None] * z * z
            residual = residual + penalty[:, None] * variance * quadratic / determinant[:, None] * (0.5 - mu)
        g0, g1 = residual.sum(axis=1), residual @ z
        da, db = (s2 * g0 - s1 * g1) / determinant, (s0 * g1 - s1 * g0) / determinant
        step = np.ones_like(a)
        for _ in range(30):
            then = _terms(z, rows, a + step * da, b + step * db)
            reached = _objective(z, positive, rows, a + step * da, b + step * db, then, penalty)
            worse = ~(reached >= value - 1e-12 * np.abs(value))
            if not worse.any():
                break
            step = np.where(worse, step / 2.0, step)
        a, b, now, value = a + step * da, b + step * db, then, reached
        if max(np.abs(step * da).max(initial=0.0), np.abs(step * db).max(initial=0.0)) < NEAR:
            break
    return a, b


_Terms = tuple[Numbers, Numbers, Numbers, Numbers, Numbers]


def _terms(z: Numbers, rows: Numbers, a: Numbers, b: Numbers) -> _Terms:
    """The fitted probabilities, the information matrix (three numbers) and its determinant."""
    mu = expit(a[:, None] + b[:, None] * z)
    variance = rows * mu * (1.0 - mu)
    s0, s1, s2 = variance.sum(axis=1), variance @ z, variance @ (z * z)
    return mu, s0, s1, s2, np.maximum(s0 * s2 - s1 * s1, np.finfo(np.float64).tiny)


def _objective(
    z: Numbers, positive: Numbers, rows: Numbers, a: Numbers, b: Numbers, terms: _Terms, penalty: Numbers
) -> Numbers:
    """Log likelihood, and half the logarithm of the information's determinant where it is penalised."""
    mu, determinant = terms[0], terms[4]
    # log(1 - mu) = log(mu) - eta, and the smaller of the two is the one to take the logarithm of.
    eta = a[:, None] + b[:, None] * z
    tiny = np.finfo(np.float64).tiny
    log_mu = np.where(eta < 0.0, eta, 0.0) + np.log(np.maximum(np.where(eta < 0.0, 1.0 - mu, mu), tiny))
    likelihood = np.einsum("bk,bk->b", rows, log_mu) - np.einsum("bk,bk->b", rows - positive, eta)
    return np.asarray(likelihood + 0.5 * penalty * np.log(determinant))
