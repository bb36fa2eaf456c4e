"""Metrics of the order of the rows: areas under curves, and the best point of a curve under a condition.

Keras cuts the scores into 200 bins and interpolates. Where one class is rare nearly all scores lie in a
few bins near 0, and its areas are far off. Here the rows are sorted: every distinct score is a threshold,
so ``num_thresholds`` is accepted and has nothing to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.checks import real
from steelyard.keras.codes import refuse
from steelyard.keras.metrics.metric import Metric, Output, Target, only_one_output

CurveName = Literal["ROC", "PR"]


@dataclass(frozen=True, eq=False)
class Curve:
    """Rows predicted positive at every threshold, from above the highest score to the lowest: true and
    false positives, float64, first 0 and last all."""

    true_positives: NDArray[np.float64]
    false_positives: NDArray[np.float64]
    positives: int
    negatives: int

    @property
    def recall(self) -> NDArray[np.float64]:
        """Also called sensitivity."""
        return self.true_positives / self.positives

    @property
    def specificity(self) -> NDArray[np.float64]:
        """Share of negatives predicted negative."""
        return (self.negatives - self.false_positives) / self.negatives

    @property
    def precision(self) -> NDArray[np.float64]:
        """0 where no row is predicted positive."""
        return self.true_positives / np.maximum(self.true_positives + self.false_positives, 1.0)


def curve(target: Target, output: Output) -> Curve | None:
    """None if an output is not finite: then there is no order."""
    if not np.isfinite(output).all():
        return None
    order = np.argsort(output, kind="stable")[::-1]
    score, positive = output[order], target[order] != 0
    last_of_its_score = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    hits = np.cumsum(positive, dtype=np.float64)[last_of_its_score]
    alarms = np.cumsum(~positive, dtype=np.float64)[last_of_its_score]
    positives = int(np.count_nonzero(positive))
    return Curve(
        np.concatenate([[0.0], hits]), np.concatenate([[0.0], alarms]), positives, len(positive) - positives
    )


class AUC(Metric):
    """Area under a curve: ``'ROC'`` (the floor is 0.5) or ``'PR'`` (the floor is the base rate).

    ROC: the share of pairs of a positive and a negative that are ordered right, ties counting half.
    PR: average precision, the mean over the positives of the precision at their score.

    ``num_thresholds``, ``thresholds`` and ``summation_method`` describe how Keras approximates the
    curve. They are accepted, and without effect, because nothing is approximated here. ``from_logits``
    makes no difference either: logits order rows as probabilities do. ``multi_label`` and
    ``label_weights`` are for several outputs and refused.
    """

    direction = "up"
    needs_positives = True

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: CurveName = "ROC",
        summation_method: Literal["interpolation", "minoring", "majoring"] = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name, dtype)
        only_one_output("AUC", multi_label=multi_label, num_labels=num_labels, label_weights=label_weights)
        if curve not in get_args(CurveName):
            raise refuse("K224", f"AUC(curve={curve!r}): allowed are 'ROC' and 'PR'")
        if summation_method not in ("interpolation", "minoring", "majoring"):
            raise refuse(
                "K224",
                f"AUC(summation_method={summation_method!r}): allowed are 'interpolation', 'minoring', "
                "'majoring'",
            )
        self.num_thresholds = num_thresholds
        self.curve = curve
        self.summation_method = summation_method
        self.thresholds = None if thresholds is None else list(thresholds)
        self.from_logits = from_logits
        self.needs_negatives = curve == "ROC"

    @property
    def series(self) -> str | None:
        """Either curve is one of the engine's."""
        return "roc_auc" if self.curve == "ROC" else "average_precision"

    @property
    def logit_series(self) -> str | None:
        """The same: only the order of the rows matters."""
        return self.series

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        points = _defined_curve(self, target, output)
        if points is None:
            return np.nan
        if self.curve == "ROC":
            recall = points.recall
            return float(-np.sum(np.diff(points.specificity) * (recall[1:] + recall[:-1])) / 2.0)
        return float(np.sum(np.diff(points.recall) * points.precision[1:]))

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": False,
            "num_labels": None,
            "label_weights": None,
            "from_logits": self.from_logits,
        }
        return config if self.thresholds is None else {**config, "thresholds": self.thresholds}


class _Best(Metric):
    """What the four following have in common: the number of their condition, and their arguments."""

    direction = "up"
    needs_positives = True
    condition: str

    def __init__(
        self, at_least: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        super().__init__(name, dtype)
        owner = type(self).__name__
        only_one_output(owner, class_id=class_id)
        self.at_least = real(f"{owner}: {self.condition}", at_least, low=0, high=1)
        self.num_thresholds = num_thresholds
        self.class_id = class_id

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self.condition: self.at_least,
        }


class PrecisionAtRecall(_Best):
    """The best precision of all thresholds whose recall is at least ``recall``."""

    condition = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        points = _defined_curve(self, target, output)
        return np.nan if points is None else _best(points.precision, points.recall, self.at_least)


class RecallAtPrecision(_Best):
    """The best recall of all thresholds whose precision is at least ``precision``; 0 if there is none."""

    condition = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        points = _defined_curve(self, target, output)
        return np.nan if points is None else _best(points.recall, points.precision, self.at_least)


class SensitivityAtSpecificity(_Best):
    """The best sensitivity (recall) of all thresholds whose specificity is at least ``specificity``."""

    condition = "specificity"
    needs_negatives = True

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        points = _defined_curve(self, target, output)
        return np.nan if points is None else _best(points.recall, points.specificity, self.at_least)


class SpecificityAtSensitivity(_Best):
    """The best specificity of all thresholds whose sensitivity (recall) is at least ``sensitivity``."""

    condition = "sensitivity"
    needs_negatives = True

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        points = _defined_curve(self, target, output)
        return np.nan if points is None else _best(points.specificity, points.recall, self.at_least)


def _defined_curve(metric: Metric, target: Target, output: Output) -> Curve | None:
    positives = int(np.count_nonzero(target))
    if metric.needs_positives and positives == 0:
        return None
    if metric.needs_negatives and positives == len(target):
        return None
    return curve(target, output)


def _best(value: NDArray[np.float64], condition: NDArray[np.float64], at_least: float) -> float:
    allowed = condition >= at_least
    return float(value[allowed].max()) if allowed.any() else 0.0
