"""All metrics by name: what each means, which way is better, what is reached without looking at a column."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from steelyard.errors import DataError
from steelyard.metrics import confusion as decided
from steelyard.metrics import curves as ranked
from steelyard.metrics import exact
from steelyard.metrics.calibration_line import calibration_line
from steelyard.metrics.costs import CostMatrix, shortest
from steelyard.metrics.definition import BINS, Direction, Metric
from steelyard.metrics.rows import Rows

Numbers = NDArray[np.float64]


def f_beta(beta: float) -> Metric:
    """F-beta at the threshold."""
    if not 1e-3 <= beta <= 1e3:
        raise DataError(f"fbeta={beta:g}: beta must lie between 0.001 and 1000")
    name = f"f{beta:.0f}" if beta in range(1, 100) else f"fbeta={shortest(beta)}"
    b = beta * beta
    times = "as much as" if beta == 1.0 else f"{beta:g} times as much as"
    return _of_decision(
        name,
        f"weighted harmonic mean of precision and recall; recall counts {times} precision",
        partial(decided.f_beta, beta=beta),
        lambda rate: (1.0 + b) * rate / (b * rate + 1.0) if rate > 0.0 else math.nan,
        needs="positives",
    )


def recall_at_precision(precision: float) -> Metric:
    """The largest recall of a threshold whose precision is at least that."""
    if not 0.0 < precision <= 1.0:
        raise DataError(f"recall_at_precision={precision:g}: a precision lies above 0 and is at most 1")
    return Metric(
        name=f"recall_at_precision={shortest(precision)}",
        meaning=f"largest recall of a threshold with a precision of at least {precision:g}",
        direction="higher",
        ideal=1.0,
        worst=0.0,
        floor=lambda rate: math.nan if rate == 0.0 else float(rate >= precision),
        statistic=partial(ranked.recall_at_precision, precision=precision),
        needs="positives",
    )


def precision_at_top(top: float) -> Metric:
    """Share of positives among the ``top`` rows, or the share ``top`` of all rows, of highest probability."""
    which = _top_text(top)
    return Metric(
        name=f"precision_at_top={which}",
        meaning=f"share of positives among the {which} rows of highest probability",
        direction="higher",
        ideal=1.0,
        worst=0.0,
        floor=lambda rate: rate,
        statistic=partial(ranked.precision_at_top, top=top),
        needs="any",
        top=top,
    )


def lift_at_top(top: float) -> Metric:
    """:func:`precision_at_top` as a multiple of the base rate."""
    which = _top_text(top)
    return Metric(
        name=f"lift_at_top={which}",
        meaning=f"share of positives among the {which} rows of highest probability, over the base rate",
        direction="higher",
        ideal=math.inf,
        worst=0.0,
        floor=lambda rate: 1.0 if rate > 0.0 else math.nan,
        statistic=partial(ranked.lift_at_top, top=top),
        needs="positives",
        top=top,
    )


def expected_cost(costs: CostMatrix) -> Metric:
    """Mean cost of a row at the threshold."""
    return _of_decision(
        str(costs),
        f"mean cost of a row, with {', '.join(str(costs).split()[1:])}",
        partial(decided.expected_cost, costs=costs),
        lambda rate: min(
            rate * costs.fn + (1.0 - rate) * costs.tn, rate * costs.tp + (1.0 - rate) * costs.fp
        ),
        needs="any",
        direction="lower",
        ideal=min(costs.tp, costs.fn, costs.tn, costs.fp),
        worst=max(costs.tp, costs.fn, costs.tn, costs.fp),
    )


def _of_decision(
    name: str,
    meaning: str,
    function: Callable[[decided.Confusion], Numbers],
    floor: Callable[[float], float],
    *,
    needs: Literal["any", "positives", "both"],
    direction: Direction = "higher",
    ideal: float = 1.0,
    worst: float = 0.0,
) -> Metric:
    return Metric(
        name=name,
        meaning=f"{meaning}, at the threshold",
        direction=direction,
        ideal=ideal,
        worst=worst,
        floor=floor,
        statistic=lambda curves: function(curves.confusion),
        needs_threshold=True,
        needs=needs,
    )


def _top_text(top: float) -> str:
    if top >= 1.0:
        return f"{top:.0f}"
    percent = f"{100.0 * top:g}"
    return f"{percent}%" if float(percent) / 100.0 == top else shortest(top)


def _log_losses(rows: Rows) -> Numbers:
    """As scikit-learn clips them."""
    p = np.clip(rows.probability, np.finfo(np.float64).eps, 1.0 - np.finfo(np.float64).eps)
    return -np.log(np.where(rows.target == 1, p, 1.0 - p))


_ALL = (
    Metric(
        "roc_auc",
        "chance that a positive has a higher probability than a negative",
        "higher",
        1.0,
        0.0,
        lambda rate: 0.5 if 0.0 < rate < 1.0 else math.nan,
        statistic=ranked.roc_auc,
        exact=exact.roc_auc,
    ),
    Metric(
        "average_precision",
        "precision at each positive, from the highest probability down; area under precision and recall",
        "higher",
        1.0,
        0.0,
        lambda rate: rate if rate > 0.0 else math.nan,
        ranked.average_precision,
        exact=exact.average_precision,
        needs="positives",
    ),
    Metric(
        "log_loss",
        "mean cross-entropy of the probabilities, in nats",
        "lower",
        0.0,
        math.inf,
        lambda rate: float(entr(rate) + entr(1.0 - rate)),
        statistic=None,
        row_loss=_log_losses,
        exact=exact.log_loss,
        needs="any",
    ),
    Metric(
        "brier",
        "mean squared difference of probability and label",
        "lower",
        0.0,
        1.0,
        lambda rate: rate * (1.0 - rate),
        statistic=None,
        row_loss=lambda rows: (rows.probability - rows.target) ** 2,
        exact=exact.brier,
        needs="any",
    ),
    Metric(
        "calibration_error",
        f"mean distance of predicted and found share of positives in {BINS} bins of equal mass",
        "lower",
        0.0,
        1.0,
        lambda rate: math.nan,  # The base rate itself is perfectly calibrated, and of no use.
        ranked.calibration_error,
        noise=ranked.calibration_noise,
        needs="any",
    ),
    Metric(
        "calibration_slope",
        "slope of the label on the predicted logit: below 1 predictions are too extreme, above 1 too timid",
        "nearest",
        1.0,
        math.inf,
        lambda rate: math.nan,
        lambda curves: calibration_line(curves)[0],
    ),
    Metric(
        "calibration_intercept",
        "intercept that goes with the calibration slope, on the logit scale",
        "nearest",
        0.0,
        math.inf,
        lambda rate: math.nan,
        lambda curves: calibration_line(curves)[1],
    ),
    _of_decision(
        "accuracy",
        "share of right decisions",
        decided.accuracy,
        lambda rate: max(rate, 1.0 - rate),
        needs="any",
    ),
    _of_decision(
        "precision",
        "share of positives among the rows predicted positive",
        decided.precision,
        lambda rate: rate,
        needs="any",
    ),
    _of_decision(
        "recall",
        "share of the positives that are predicted positive",
        decided.recall,
        lambda rate: math.nan,  # Predicting every row positive reaches 1.
        needs="positives",
    ),
    f_beta(1.0),
    f_beta(2.0),
    _of_decision(
        "balanced_accuracy",
        "mean of the recalls of both classes",
        decided.balanced_accuracy,
        lambda rate: 0.5 if 0.0 < rate < 1.0 else math.nan,
        needs="both",
    ),
    _of_decision(
        "g_mean",
        "geometric mean of the recalls of both classes",
        decided.g_mean,
        lambda rate: 0.0 if 0.0 < rate < 1.0 else math.nan,
        needs="both",
    ),
    _of_decision(
        "mcc",
        "Matthews' correlation of decision and label",
        decided.mcc,
        lambda rate: 0.0 if 0.0 < rate < 1.0 else math.nan,
        needs="both",
        worst=-1.0,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({chosen.name: chosen for chosen in _ALL})
"""The metrics without a parameter, and the usual F-betas."""
