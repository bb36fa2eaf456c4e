"""How far the validation metrics can be trusted: noise, the best epoch give or take, the interval of AUC."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic import auc_error, log_loss_error, noise_of
from steelyard.diagnosis.deriving.curves import AUC, AVERAGE_PRECISION, Curves
from steelyard.diagnosis.deriving.rates import Rate
from steelyard.diagnosis.signals import BestEpoch, Curve, Estimate
from steelyard.log import Log, Predictions
from steelyard.metrics.delong import interval, placements, variance
from steelyard.metrics.rows import checked

_AS_GOOD_AS = 1e-6
"""Nearer to 0 or 1 than this, an AUC is taken to be 0 or 1."""
_CLIP = 1e-7
"""Keras keeps probabilities this far from 0 and 1 in its cross-entropy."""


def validation_noise_of(log: Log, rate: Rate, loss: Curve | None) -> float | None:
    """Standard error of the validation loss: of the predictions if known, else about the most it can be."""
    predicted = log.predictions.get("validation")
    if predicted is not None and len(predicted.target) > 1:
        each = row_losses(predicted)
        return float(each.std(ddof=1) / math.sqrt(len(each)))
    if rate.share is None or not rate.rows:
        return None
    typical = float(np.median(loss.values)) if loss is not None and len(loss) else None
    found = log_loss_error(rate.rows, rate.share.value, typical)
    return found if math.isfinite(found) else None


def row_losses(predicted: Predictions) -> NDArray[np.float64]:
    """The log loss of each row, float64 (rows,)."""
    p = np.clip(predicted.probability, _CLIP, 1.0 - _CLIP)
    return np.asarray(-np.where(predicted.target == 1, np.log(p), np.log1p(-p)), np.float64)


def best_epoch_of(
    curves: Curves, loss: Curve | None, noise: float | None, positives: Estimate | None, rows: int | None
) -> BestEpoch | None:
    """By the validation loss; without one by average precision or AUC.

    Epochs within one standard error of the best are not told from it. Where rows are not known the wiggle of
    the curve itself stands in.
    """
    if loss is not None and _finite(loss):
        # By what was logged: a penalty that had to be guessed would blur the order of epochs.
        logged = curves.loss("validation")
        curve = logged if logged is not None and (loss.high > loss.low).any() else loss
        return _best(curve, curve.values, noise, "validation loss")
    for names, label in ((AVERAGE_PRECISION, "average precision"), (AUC, "ROC AUC")):
        ranking = curves.find("validation", *names)
        if ranking is None or not _finite(ranking):
            continue
        error = None
        if positives is not None and rows:
            best = min(max(float(np.nanmax(ranking.values)), 0.0), 1.0)
            error = (
                auc_error(best, positives.value, rows - positives.value)
                if label == "ROC AUC"
                else math.sqrt(best * (1.0 - best) / max(positives.value, 1.0))
            )
        return _best(ranking, -ranking.values, error, label)
    return None


def auc_interval_of(log: Log, curves: Curves | None, rate: Rate) -> Estimate | None:
    """Of the predictions by DeLong; else of the last value logged, or one reported, by Hanley and McNeil."""
    predicted = log.predictions.get("validation")
    if predicted is not None and 0 < int(predicted.target.sum()) < len(predicted.target):
        rows = checked(predicted.target, predicted.probability)
        placed = placements(rows)
        value = float(placed.positive @ placed.positive_weights)
        ones = int(predicted.target.sum())
        low, high = interval(value, variance(placed), ones, len(predicted.target) - ones, 0.95)
        return Estimate(value, low, high, "of the predictions (DeLong)")
    auc, how = _last_auc(log, curves)
    positives = rate.positives
    if auc is None or positives is None or not rate.rows:
        return None
    fewest = round(max(positives.low, 1.0))
    if not 0 < fewest < rate.rows:
        return None
    if min(auc, 1.0 - auc) < _AS_GOOD_AS:
        auc = float(round(auc))
    variance_of_auc = auc_error(auc, fewest, rate.rows - fewest) ** 2
    ends = interval(auc, variance_of_auc, fewest, rate.rows - fewest, 0.95)
    return Estimate(auc, *ends, f"{how}, with {positives.value:,.0f} positives (Hanley and McNeil)")


def _last_auc(log: Log, curves: Curves | None) -> tuple[float | None, str]:
    logged = None if curves is None else curves.find("validation", *AUC)
    if logged is not None and len(logged) and 0.0 <= logged.values[-1] <= 1.0:
        return float(logged.values[-1]), f"logged at epoch {logged.epochs[-1]}"
    facts = log.facts
    judged = facts.reported_on == "validation" or (facts.reported_on == "test" and facts.validation_is_test)
    return (facts.reported_auc, "reported") if judged else (None, "")


def _best(curve: Curve, falling: NDArray[np.float64], noise: float | None, by: str) -> BestEpoch:
    """Of a curve that is better the lower it is."""
    values = np.where(np.isfinite(falling), falling, np.inf)
    at = int(values.argmin())
    reach = noise if noise is not None and math.isfinite(noise) else noise_of(values)
    near = np.flatnonzero(values <= values[at] + (reach if math.isfinite(reach) else 0.0))
    epochs = curve.epochs
    return BestEpoch(int(epochs[at]), int(epochs[near[0]]), int(epochs[near[-1]]), by)


def _finite(curve: Curve) -> bool:
    return bool(np.isfinite(curve.values).any())
