"""How a model's logits are read: calibrator and threshold, chosen on rows its networks did not learn from."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from steelyard.calibration import Asked, CalibrationChoice, apply_calibrator, choose_calibrator
from steelyard.data.calibrator import Calibrator, Temperature
from steelyard.errors import RecipeError
from steelyard.jobs import Task
from steelyard.recipe import Recipe
from steelyard.run import Readout
from steelyard.thresholds import ThresholdChoice, choose_threshold, parse_objective
from steelyard.thresholds.objectives import Fixed

AS_TRAINED = "as_trained"
"""The objective of a threshold where the network itself is undecided."""


def check_objective(text: str) -> None:
    """Raises :class:`~steelyard.errors.RecipeError` for a threshold's objective that is none."""
    if text == AS_TRAINED:
        return
    try:
        parse_objective(text)
    except RecipeError as error:
        help = f"{error.help} | {AS_TRAINED}" if error.help.startswith("allowed: ") else error.help
        raise RecipeError(*error.problems, help=help) from None


def uncalibrated(task: Task) -> Readout:
    """The prior undone, no calibrator, and the threshold that needs no rows to be chosen on.

    That is a number, if the recipe names one; else ``sigmoid(-offset)``, which a network that was trained
    with weights or on resampled rows puts where it is undecided: w0 / (w0 + w1) for weights w0 and w1, the
    best threshold if they are what mistakes cost.

    For which base rate the probabilities are is known if taking the offset away is all they need.
    """
    asked = task.recipe.decision.threshold
    spec = None if asked == AS_TRAINED else parse_objective(asked)
    fixed = spec if isinstance(spec, Fixed) else None
    right = task.exact and not task.recipe.leaves_shift
    return Readout(
        offset=task.offset,
        threshold=float(expit(-task.offset)) if fixed is None else fixed.threshold,
        objective=AS_TRAINED if fixed is None else str(fixed),
        base_rate=task.base_rate if right else math.nan,
    )


def can_choose(target: NDArray[np.uint8], weights: NDArray[np.float32] | None) -> bool:
    """Whether rows (rows,) can choose a calibrator and a threshold: both classes are there, with weight."""
    counted = target if weights is None else target[weights > 0.0]
    return len(np.unique(counted)) == 2


def choose_readout(
    task: Task,
    probability: ArrayLike,
    target: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> tuple[Readout, CalibrationChoice, ThresholdChoice]:
    """Calibrator and threshold as the recipe's ``decision`` has it.

    ``probability`` (rows,) is the model's with the prior undone and no calibrator, on validation or
    out-of-fold rows that hold both classes. A calibrator is cross-fitted with rows of one of the ``groups``
    (rows,) in one fold. After SMOTE, focal loss and the like ``auto`` means logistic; where the recipe wants
    probabilities left as they are, none.
    """
    method, reason = _method(task)
    z = logit(np.asarray(probability, np.float64))
    calibration = choose_calibrator(z, target, method, weights=weights, groups=groups, seed=seed)
    if reason:
        calibration = dataclasses.replace(calibration, asked="auto", reason=reason)
    readout = _calibrated(uncalibrated(task), calibration.calibrator, target, weights)
    calibrated = apply_calibrator(calibration.calibrator, z)
    objective = task.recipe.decision.threshold
    if objective == AS_TRAINED:
        chosen = choose_threshold(target, calibrated, Fixed(readout.threshold), weights)
        return readout, calibration, chosen
    chosen = choose_threshold(target, calibrated, objective, weights)
    readout = dataclasses.replace(readout, threshold=chosen.threshold, objective=chosen.objective)
    return readout, calibration, chosen


def chosen_by_rows(readout: Readout) -> bool:
    """Whether rows chose the threshold, not training itself or whoever gave a number."""
    return readout.objective != AS_TRAINED and not isinstance(parse_objective(readout.objective), Fixed)


def rows_that_chose(
    recipe: Recipe, readout: Readout, calibration: CalibrationChoice | None, threshold: ThresholdChoice | None
) -> dict[str, str | None]:
    """Which part of the split chose ``preprocessing``, ``epoch``, ``calibrator`` and ``threshold``; None for
    what no rows chose."""
    training = recipe.training
    by_epoch = training.restore_best_weights or training.patience is not None
    tried = calibration is not None and len(calibration.tried) > 0
    chosen = threshold is not None and chosen_by_rows(readout)
    return {
        "preprocessing": "train",
        "epoch": recipe.monitor.partition("_")[0] if by_epoch else None,
        "calibrator": "validation" if tried else None,
        "threshold": "validation" if chosen else None,
    }


def _method(task: Task) -> tuple[Asked, str]:
    """The calibrator to ask for, and why, where ``auto`` leaves no choice."""
    asked = task.recipe.decision.calibration
    if asked == "auto" and task.recipe.leaves_shift:
        return "none", "imbalance.correct_prior is off, so probabilities stay as the networks give them"
    if asked == "auto" and not task.exact:
        return "logistic", "needed after this loss or resampling, which no formula undoes"
    return asked, ""


def _calibrated(
    readout: Readout, calibrator: Calibrator | None, target: ArrayLike, weights: ArrayLike | None
) -> Readout:
    """With the calibrator; but for a temperature, that puts the mean probability at the rate of its rows."""
    if calibrator is None or isinstance(calibrator, Temperature):
        return dataclasses.replace(readout, calibrator=calibrator)
    counted = None if weights is None else np.asarray(weights, np.float64)
    rate = float(np.average(np.asarray(target, np.float64), weights=counted))
    return dataclasses.replace(readout, calibrator=calibrator, base_rate=rate)
