"""How a model's logits are read: calibrator and threshold, chosen on rows its networks did not learn from."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from steelyard.calibration import CalibrationChoice, apply_calibrator, choose_calibrator
from steelyard.jobs import Task
from steelyard.run import Readout
from steelyard.thresholds import ThresholdChoice, choose_threshold, parse_objective
from steelyard.thresholds.objectives import Fixed

AS_TRAINED = "as_trained"
"""The objective of a threshold where the network itself is undecided."""


def check_objective(text: str) -> None:
    """Raises :class:`~steelyard.errors.RecipeError` for a threshold's objective that is none."""
    if text != AS_TRAINED:
        parse_objective(text)


def uncalibrated(task: Task) -> Readout:
    """The prior undone, no calibrator, and the threshold that needs no rows to be chosen on.

    That is a number, if the recipe names one; else ``sigmoid(-offset)``, which a network that was trained
    with weights or on resampled rows puts where it is undecided: w0 / (w0 + w1) for weights w0 and w1, the
    best threshold if they are what mistakes cost.
    """
    asked = task.recipe.decision.threshold
    spec = None if asked == AS_TRAINED else parse_objective(asked)
    fixed = spec if isinstance(spec, Fixed) else None
    return Readout(
        offset=task.offset,
        threshold=float(expit(-task.offset)) if fixed is None else fixed.threshold,
        objective=AS_TRAINED if fixed is None else str(fixed),
        base_rate=task.base_rate if task.known_population else math.nan,
    )


def choose_readout(
    task: Task,
    probability: ArrayLike,
    target: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    seed: int = 0,
) -> tuple[Readout, CalibrationChoice, ThresholdChoice]:
    """Calibrator and threshold as the recipe's ``decision`` has it.

    ``probability`` (rows,) is the model's with the prior undone and no calibrator, on validation or
    out-of-fold rows that hold both classes. After SMOTE, focal loss and the like ``auto`` means logistic.
    """
    decision = task.recipe.decision
    bent = decision.calibration == "auto" and not task.exact
    method = "logistic" if bent else decision.calibration
    z = logit(np.asarray(probability, np.float64))
    calibration = choose_calibrator(z, target, method, weights=weights, seed=seed)
    if bent:
        reason = "needed after this loss or resampling, which no formula undoes"
        calibration = dataclasses.replace(calibration, asked="auto", reason=reason)
    readout = dataclasses.replace(uncalibrated(task), calibrator=calibration.calibrator)
    calibrated = apply_calibrator(calibration.calibrator, z)
    if decision.threshold == AS_TRAINED:
        chosen = choose_threshold(target, calibrated, Fixed(readout.threshold), weights)
        return readout, calibration, chosen
    chosen = choose_threshold(target, calibrated, decision.threshold, weights)
    readout = dataclasses.replace(readout, threshold=chosen.threshold, objective=chosen.objective)
    return readout, calibration, chosen
