"""How the metrics of a plan are measured on a fold, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from steelyard.calibration import apply_calibrator
from steelyard.calibration.fitting import fit_calibrator
from steelyard.data import Table
from steelyard.jobs import Task
from steelyard.metrics import Metric
from steelyard.metrics.definition import values_of
from steelyard.metrics.rows import Rows
from steelyard.readout import AS_TRAINED, uncalibrated
from steelyard.thresholds import choose_threshold, parse_objective
from steelyard.thresholds.objectives import Fixed, Objective

SERIES: Mapping[str, str] = MappingProxyType(
    {
        "log_loss": "validation_loss",
        **{
            name: f"validation_{name}"
            for name in ("accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")
        },
    }
)
"""What the engine records, by the metric it is. It counts every row once and decides at 0.5."""

_BY_RANK = ("roc_auc", "average_precision", "recall_at_precision", "precision_at_top", "lift_at_top")
"""Metrics that a calibrator does not change."""


@dataclass(frozen=True, eq=False)
class Gauge:
    """Measures the metrics of a plan for one task.

    ``recorded`` are those the engine measures anyway: the series of the history by the name in the plan.
    ``computed`` are the others. They are measured on the task's validation rows, from probabilities with the
    prior undone. Where no formula undoes it (SMOTE, focal loss: ``task.exact`` is false) and a metric needs
    more than the order of the rows, probabilities go through a logistic calibrator that is fitted to the same
    rows; metrics of decisions are at the threshold the recipe asks for, chosen on the same rows. Both flatter
    a little, all trials alike.
    """

    recorded: Mapping[str, str]
    computed: Mapping[str, Metric]
    target: NDArray[np.uint8]
    weights: NDArray[np.float64] | None
    calibrates: bool
    decides: Objective | None
    """What the threshold is chosen for; None if no metric needs one."""

    def measure(self, logits: NDArray[np.float32]) -> tuple[float, ...]:
        """The ``computed`` metrics, in their order; NaN where one is undefined."""
        z = logits.astype(np.float64)
        calibrator = fit_calibrator(z, self.target, "logistic", self.weights) if self.calibrates else None
        probability = expit(z) if calibrator is None else apply_calibrator(calibrator, z)
        threshold = 0.5
        if isinstance(self.decides, Fixed):
            threshold = self.decides.threshold
        elif self.decides is not None:
            threshold = choose_threshold(self.target, probability, self.decides, self.weights).threshold
        rows = Rows(self.target, probability, self.weights)
        return tuple(values_of(list(self.computed.values()), rows, threshold, exact=False))


def gauge_of(table: Table, task: Task, metrics: Mapping[str, Metric]) -> Gauge:
    """How ``metrics``, by their names in the plan, are measured for the task."""
    bent = not task.exact and not task.recipe.leaves_shift
    decided = any(one.needs_threshold for one in metrics.values())
    objective = _objective(task) if decided else None
    at_half = objective == Fixed(0.5) and not bent
    recorded, computed = {}, {}
    for name, one in metrics.items():
        as_recorded = table.weights is None and (
            one.name in _BY_RANK or (at_half if one.needs_threshold else not bent)
        )
        if as_recorded and one.name in SERIES:
            recorded[name] = SERIES[one.name]
        else:
            computed[name] = one
    rows = task.split.validation
    return Gauge(
        recorded=recorded,
        computed=computed,
        target=table.target[rows],
        weights=None if table.weights is None else table.weights[rows].astype(np.float64),
        calibrates=bent and any(one.name.partition("=")[0] not in _BY_RANK for one in computed.values()),
        decides=objective if any(one.needs_threshold for one in computed.values()) else None,
    )


def _objective(task: Task) -> Objective:
    """What the threshold of the task's recipe is chosen for."""
    asked = task.recipe.decision.threshold
    return Fixed(uncalibrated(task).threshold) if asked == AS_TRAINED else parse_objective(asked)
