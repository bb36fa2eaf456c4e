"""F1 and its relatives: one number of precision and recall."""

from __future__ import annotations

from typing import Any, Literal, get_args

from steelyard.keras.checks import real
from steelyard.keras.codes import refuse, warn
from steelyard.keras.metrics.confusion import count
from steelyard.keras.metrics.metric import Metric, Output, Target

Average = Literal["micro", "macro", "weighted"]


class FBetaScore(Metric):
    """Harmonic mean of precision and recall, recall ``beta`` times as important; NaN without positives.

    ``threshold`` is in (0, 1]. Keras' default, None, takes the class with the largest output; with one
    output that calls every row positive and the score is a constant. Here None means 0.5, with warning
    K123. ``average`` is accepted: with one class all averages are the same. The result is a float, not
    an array of length one.
    """

    direction = "up"
    needs_positives = True

    def __init__(
        self,
        average: Average | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name or "fbeta_score", dtype)
        self.average = _average("FBetaScore", average)
        self.beta = real("FBetaScore: beta", beta, above=0)
        self.given_threshold = threshold
        self.threshold: float = _f_threshold("FBetaScore", threshold)

    @classmethod
    def default_name(cls) -> str:
        """``fbeta_score``."""
        return "fbeta_score"

    @property
    def series(self) -> str | None:
        """The engine has F1 at 0.5."""
        return "f1" if self.threshold == 0.5 and self.beta == 1.0 else None

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        return count(target, output, self.threshold).f_beta(self.beta)

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.given_threshold,
        }


class F1Score(Metric):
    """Harmonic mean of precision and recall; NaN without positives. See :class:`FBetaScore`."""

    direction = "up"
    needs_positives = True

    def __init__(
        self,
        average: Average | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name or "f1_score", dtype)
        self.average = _average("F1Score", average)
        self.given_threshold = threshold
        self.threshold: float = _f_threshold("F1Score", threshold)

    @classmethod
    def default_name(cls) -> str:
        """``f1_score``."""
        return "f1_score"

    @property
    def series(self) -> str | None:
        """The engine has F1 at 0.5."""
        return "f1" if self.threshold == 0.5 else None

    def result(self, target: Target, output: Output) -> float:
        """In [0, 1], or NaN."""
        return count(target, output, self.threshold).f_beta(1.0)

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {**super().get_config(), "average": self.average, "threshold": self.given_threshold}


def _f_threshold(owner: str, threshold: float | None) -> float:
    if threshold is None:
        warn(
            "K123",
            f"{owner} without a threshold: in Keras every row then counts as predicted positive, where there "
            f"is one output, and the score is a constant; here 0.5 is used. Write {owner}(threshold=0.5).",
        )
        return 0.5
    return real(f"{owner}: threshold", threshold, above=0, high=1)


def _average(owner: str, average: Average | None) -> Average | None:
    if average is not None and average not in get_args(Average):
        raise refuse(
            "K224",
            f"{owner}(average={average!r}): allowed are None, {', '.join(map(repr, get_args(Average)))}",
        )
    return average
