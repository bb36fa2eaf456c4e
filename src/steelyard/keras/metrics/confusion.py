"""Metrics of a threshold: counts of right and wrong predictions, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.keras.checks import real
from steelyard.keras.codes import refuse
from steelyard.keras.metrics.metric import Metric, Output, Target, only_one_output

Thresholds = float | Sequence[float] | None
"""Keras also takes several thresholds, and then puts arrays into the history; here one at most."""


@dataclass(frozen=True)
class Counts:
    """The confusion matrix."""

    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int

    @property
    def accuracy(self) -> float:
        """Share of rows predicted right."""
        right = self.true_positives + self.true_negatives
        rows = right + self.false_positives + self.false_negatives
        return right / rows if rows else np.nan

    @property
    def precision(self) -> float:
        """Share of positives among rows predicted positive; 0 if there are none, as in Keras."""
        predicted = self.true_positives + self.false_positives
        return self.true_positives / predicted if predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of positives that were found; NaN if there are none."""
        positives = self.true_positives + self.false_negatives
        return self.true_positives / positives if positives else np.nan

    def f_beta(self, beta: float) -> float:
        """Harmonic mean of precision and recall, recall ``beta`` times as important, or NaN."""
        positives = self.true_positives + self.false_negatives
        if not positives:
            return np.nan
        squared = beta * beta
        missed = squared * self.false_negatives + self.false_positives
        return (1 + squared) * self.true_positives / ((1 + squared) * self.true_positives + missed)


def count(target: Target, output: Output, threshold: float) -> Counts:
    """A row is predicted positive if its output exceeds ``threshold``; a NaN never does."""
    positive = target != 0
    predicted = output > threshold
    hits = int(np.count_nonzero(positive & predicted))
    alarms = int(np.count_nonzero(predicted)) - hits
    positives = int(np.count_nonzero(positive))
    return Counts(hits, alarms, len(target) - positives - alarms, positives - hits)


class BinaryAccuracy(Metric):
    """Share of rows predicted right. ``threshold`` lies between 0 and 1, exclusively."""

    direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(name, dtype)
        self.threshold: float = real("BinaryAccuracy: threshold", threshold, above=0, below=1)

    @property
    def series(self) -> str | None:
        """The engine's accuracy is at 0.5."""
        return "accuracy" if self.threshold == 0.5 else None

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1]."""
        return count(target, output, self.threshold).accuracy

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {**super().get_config(), "threshold": self.threshold}


class Precision(Metric):
    """Share of positives among rows predicted positive; 0.0 if no row is, as in Keras.

    ``thresholds`` is one number in [0, 1], 0.5 if None; give 0 for a model whose output is a logit.
    """

    direction = "up"

    def __init__(
        self,
        thresholds: Thresholds = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        only_one_output("Precision", top_k=top_k, class_id=class_id)
        self.threshold: float = _one_threshold("Precision", thresholds)
        self.thresholds = thresholds
        self.class_id = class_id

    @property
    def series(self) -> str | None:
        """The engine's precision is at a probability of 0.5."""
        return "precision" if self.threshold == 0.5 else None

    @property
    def logit_series(self) -> str | None:
        """A probability of 0.5 is a logit of 0."""
        return "precision" if self.threshold == 0 else None

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1]."""
        return count(target, output, self.threshold).precision

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {
            **super().get_config(),
            "thresholds": self.thresholds,
            "top_k": None,
            "class_id": self.class_id,
        }


class Recall(Metric):
    """Share of positives that are predicted positive; NaN without positives.

    ``thresholds`` is one number in [0, 1], 0.5 if None; give 0 for a model whose output is a logit.
    """

    direction = "up"
    needs_positives = True

    def __init__(
        self,
        thresholds: Thresholds = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        only_one_output("Recall", top_k=top_k, class_id=class_id)
        self.threshold: float = _one_threshold("Recall", thresholds)
        self.thresholds = thresholds
        self.class_id = class_id

    @property
    def series(self) -> str | None:
        """The engine's recall is at a probability of 0.5."""
        return "recall" if self.threshold == 0.5 else None

    @property
    def logit_series(self) -> str | None:
        """A probability of 0.5 is a logit of 0."""
        return "recall" if self.threshold == 0 else None

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        return count(target, output, self.threshold).recall

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {
            **super().get_config(),
            "thresholds": self.thresholds,
            "top_k": None,
            "class_id": self.class_id,
        }


class _Count(Metric):
    """What the four counts have in common: their arguments."""

    def __init__(self, thresholds: Thresholds = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.threshold: float = _one_threshold(type(self).__name__, thresholds)
        self.thresholds = thresholds

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {**super().get_config(), "thresholds": self.thresholds}


class TruePositives(_Count):
    """Number of positives predicted positive; ``thresholds`` as in :class:`Precision`."""

    def result(self, target: Target, output: Output) -> float:
        """A whole number."""
        return float(count(target, output, self.threshold).true_positives)


class FalsePositives(_Count):
    """Number of negatives predicted positive; ``thresholds`` as in :class:`Precision`."""

    def result(self, target: Target, output: Output) -> float:
        """A whole number."""
        return float(count(target, output, self.threshold).false_positives)


class TrueNegatives(_Count):
    """Number of negatives predicted negative; ``thresholds`` as in :class:`Precision`."""

    def result(self, target: Target, output: Output) -> float:
        """A whole number."""
        return float(count(target, output, self.threshold).true_negatives)


class FalseNegatives(_Count):
    """Number of positives predicted negative; ``thresholds`` as in :class:`Precision`."""

    def result(self, target: Target, output: Output) -> float:
        """A whole number."""
        return float(count(target, output, self.threshold).false_negatives)


def _one_threshold(owner: str, thresholds: Thresholds) -> float:
    if thresholds is None:
        return 0.5
    values = list(thresholds) if isinstance(thresholds, list | tuple) else [thresholds]
    if len(values) != 1:
        raise refuse(
            "K224",
            f"{owner}(thresholds={thresholds!r}): one threshold is one number in the history",
            help=f"Write one {owner} for each threshold, each with a name of its own.",
        )
    return real(f"{owner}: thresholds", values[0], low=0, high=1)
