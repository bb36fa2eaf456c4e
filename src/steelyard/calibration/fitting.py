"""Fits calibrators to logits and labels.

All of them are fitted to softened labels ``(1 - m) y + m * sigmoid(z + d)``: the network's own
probabilities, moved by d to the base rate of these rows, count for as much as one row of the rarer class:
m = 1 / (1 + rows of the rarer class). With many rows this is the maximum of the likelihood. With few, or if
a threshold separates the classes and the likelihood has no maximum, the slope is drawn towards 1, which is
the network as it is. (Platt's own softening, 1999, draws it towards 0.) The base rate stays exactly that of
the rows.
"""

from __future__ import annotations

from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from steelyard.calibration.applying import bounded
from steelyard.data.calibrator import Beta, Calibrator, Isotonic, Logistic, Temperature
from steelyard.errors import DataError, did_you_mean

Numbers = NDArray[np.float64]

Method = Literal["logistic", "beta", "temperature", "isotonic"]
METHODS: tuple[Method, ...] = ("logistic", "beta", "temperature", "isotonic")

LEAST_SLOPE = 0.01
"""A fit that would ignore or reverse the network's order gets this slope: almost one probability for all
rows, but still in the order of the network."""

_MOST_STEPS = 100
_TOLERANCE = 1e-10


def fit_calibrator(
    z: ArrayLike, target: ArrayLike, method: Method = "logistic", weights: ArrayLike | None = None
) -> Calibrator:
    """The calibrator of this kind with the least log loss on these rows.

    ``z`` are logits with the prior already put right (infinite ones are allowed), ``target`` holds 0 and 1,
    ``weights`` are non-negative and count as so many rows; all (rows,). Raises :class:`DataError` for
    unusable arrays, one class only, or an unknown method.

    >>> z = np.array([-3.0, -1.0, 1.0, 3.0] * 100)
    >>> y = np.array([0, 0, 1, 1] * 80 + [1, 1, 0, 0] * 20)
    >>> fit_calibrator(z, y, "temperature").temperature > 1.0
    True
    """
    if method not in METHODS:
        raise DataError(
            f"calibration: {method!r} is unknown{did_you_mean(method, METHODS)}; "
            f"allowed: {', '.join(METHODS)}"
        )
    x, y, w = checked(z, target, weights)
    if rarer(y, w) == 0.0:
        raise DataError(
            f"calibration: needs rows of both classes; found {int(y.sum()):,} positive of {len(y):,}"
        )
    shift = _matching_shift(x, y, w)
    mixed = 1.0 / (1.0 + rarer(y, w))
    soft = (1.0 - mixed) * y + mixed * expit(x + shift)
    match method:
        case "logistic":
            slope, intercept = _least(np.column_stack([x, np.ones_like(x)]), soft, w, (1.0, shift), slopes=1)
            return Logistic(slope=slope, intercept=intercept)
        case "beta":
            sides = np.column_stack([-np.logaddexp(0.0, -x), np.logaddexp(0.0, x), np.ones_like(x)])
            a, b, c = _least(sides, soft, w, (1.0, 1.0, shift), slopes=2)
            return Beta(a=a, b=b, c=c)
        case "temperature":
            (slope,) = _least(x[:, None], soft, w, (1.0,), slopes=1)
            return Temperature(temperature=1.0 / slope)
        case "isotonic":
            return _isotonic(x, soft, w)


def checked(z: ArrayLike, target: ArrayLike, weights: ArrayLike | None) -> tuple[Numbers, Numbers, Numbers]:
    """Bounded logits, labels and weights (1 if none are given) as float64, or a :class:`DataError`."""
    x = bounded(z)
    y = np.asarray(target, np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, np.float64)
    if x.ndim != 1 or y.shape != x.shape or w.shape != x.shape:
        raise DataError(
            "calibration: arrays of one and the same length are needed; "
            f"found logits {x.shape}, target {y.shape}, weights {w.shape}"
        )
    if len(x) == 0:
        raise DataError("calibration: there are no rows to calibrate on")
    if not ((y == 0.0) | (y == 1.0)).all():
        raise DataError("calibration: the target may hold 0 and 1 only")
    if not (np.isfinite(w).all() and (w >= 0.0).all() and w.sum() > 0.0):
        raise DataError("calibration: weights must be finite and not negative, and not all zero")
    return x, y, w


def rarer(y: Numbers, w: Numbers) -> float:
    """Weight of the rows of the rarer class."""
    return float(min(w @ y, w @ (1.0 - y)))


def _matching_shift(x: Numbers, y: Numbers, w: Numbers) -> float:
    """What is added to all logits so that the mean probability is the base rate."""
    rate = float(w @ y / w.sum())
    goal = float(np.log(rate / (1.0 - rate)))
    low, high = goal - float(x.max()), goal - float(x.min())
    if high - low < _TOLERANCE:
        return (low + high) / 2.0

    def excess(shift: float) -> float:
        return float(w @ expit(x + shift) / w.sum() - rate)

    # At these bounds no row alone would have too large, or too small, a probability.
    if excess(low) >= 0.0 or excess(high) <= 0.0:  # equal but for rounding
        return low if excess(low) >= 0.0 else high
    return float(brentq(excess, low, high, xtol=1e-12))


def _least(
    columns: Numbers, target: Numbers, w: Numbers, start: tuple[float, ...], *, slopes: int
) -> list[float]:
    """Coefficients with the least log loss of ``sigmoid(columns @ coefficients)``, the first ``slopes`` of
    them at least :data:`LEAST_SLOPE`.

    The loss is convex, so its minimum under the bounds is the best of the minima with some slopes held at
    the bound whose other slopes keep to it.
    """
    best, least = np.array(start), np.inf
    for free in product((True, False), repeat=slopes):
        moving = np.array([*free, *(True,) * (len(start) - slopes)])
        begin = np.where(moving, start, LEAST_SLOPE)
        found, loss = _newton(columns, target, w / w.sum(), begin, moving)
        if loss < least and (found[:slopes] >= LEAST_SLOPE).all():
            best, least = found, loss
        if all(free) and least < np.inf:
            break
    return [float(coefficient) for coefficient in best]


def _newton(
    columns: Numbers, target: Numbers, w: Numbers, start: Numbers, moving: NDArray[np.bool_]
) -> tuple[Numbers, float]:
    """Newton's method with halved steps on the coefficients that may move, and the loss it reaches."""

    def loss_at(coefficients: Numbers) -> float:
        eta = columns @ coefficients
        return float(w @ (np.logaddexp(0.0, eta) - target * eta))

    here, loss = start.copy(), loss_at(start)
    inside = columns[:, moving]
    for _ in range(_MOST_STEPS if moving.any() else 0):
        p = expit(columns @ here)
        gradient = inside.T @ (w * (p - target))
        curvature = (inside * (w * p * (1.0 - p))[:, None]).T @ inside
        # The shortest solution where columns say the same (all logits equal): what is not told stays.
        step = np.linalg.lstsq(curvature, gradient, rcond=1e-12)[0]
        fall = float(gradient @ step)
        if fall <= _TOLERANCE * _TOLERANCE + 1e-15 * abs(loss):
            break
        size = 1.0
        while size > 1e-10:
            then = here.copy()
            then[moving] -= size * step
            reached = loss_at(then)
            if reached <= loss - 1e-4 * size * fall:
                break
            size /= 2.0
        else:
            break  # the loss is flat to rounding
        here, loss = then, reached
    return here, loss


def _isotonic(x: Numbers, soft: Numbers, w: Numbers) -> Isotonic:
    model = IsotonicRegression(out_of_bounds="clip").fit(x, soft, sample_weight=w)
    # Rounding may let neighbours fall by an ulp, or reach 0 or 1 at logits of 36.
    tiny = np.finfo(np.float64).eps / 2.0
    probabilities = np.clip(np.maximum.accumulate(model.y_thresholds_), tiny, 1.0 - tiny)
    return Isotonic(
        logits=tuple(map(float, model.X_thresholds_)), probabilities=tuple(map(float, probabilities))
    )
