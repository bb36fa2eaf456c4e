"""The trials of a study as drawings see them: one score each, or why there is none."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics import Metric, as_loss, metric
from steelyard.run import RunStatus
from steelyard.study import Plan, Trial, TrialState

_TELL_LITTLE = ("length", "name", "layer")
"""Last steps of paths that say nothing without the step before."""


@dataclass(frozen=True, eq=False)
class Scored:
    """A trial with its score: the mean over its networks at their best epochs; NaN if one diverged."""

    trial: Trial
    score: float

    @property
    def diverged(self) -> bool:
        """Did a network diverge?"""
        return any(network.status is RunStatus.DIVERGED for network in self.trial.networks)

    @property
    def pruned(self) -> bool:
        """Was it stopped for want of hope? Its score is then of the epochs until it was."""
        return self.trial.state is TrialState.PRUNED

    @property
    def ranked(self) -> bool:
        """Is its score one to compare with others?"""
        return not self.pruned and math.isfinite(self.score)

    @property
    def told(self) -> str:
        """Number, score and state, for whoever points at it."""
        value = f"{self.score:.4f}" if math.isfinite(self.score) else "no score"
        state = "diverged" if self.diverged else "pruned" if self.pruned else ""
        return f"trial {self.trial.number}: {value}{f' ({state})' if state else ''}"


@dataclass(frozen=True, eq=False)
class Scores:
    """All trials that have finished, in the order of their numbers, and what their score is."""

    metric: Metric
    scored: tuple[Scored, ...]

    @property
    def ranked(self) -> list[Scored]:
        """Those that can be compared, the best first."""
        return sorted(
            (one for one in self.scored if one.ranked), key=lambda one: as_loss(self.metric, one.score)
        )

    @property
    def states(self) -> str:
        """How many were pruned and how many diverged, as a clause, or an empty string."""
        counts = {
            "pruned": sum(one.pruned for one in self.scored),
            "diverged": sum(one.diverged and not one.pruned for one in self.scored),
        }
        return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def scores(plan: Plan, trials: Sequence[Trial], name: str | None = None) -> Scores:
    """By the metric ``name`` of the plan, or by its first one."""
    chosen = metric(plan.metrics[0] if name is None else name)
    key = next(given for given in plan.metrics if metric(given).name == chosen.name)
    finished = sorted(
        (trial for trial in trials if trial.state is not TrialState.RUNNING), key=lambda trial: trial.number
    )
    return Scores(chosen, tuple(Scored(trial, _score(trial, key)) for trial in finished))


def _score(trial: Trial, key: str) -> float:
    values = [network.best.get(key, math.nan) for network in trial.networks]
    if not values or any(network.status is RunStatus.DIVERGED for network in trial.networks):
        return math.nan
    return float(np.mean(values))


def usual_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Where nearly all values lie: without those that would press the others together.

    That is, without those more than three times the distance of the quartiles beyond these (Tukey's outer
    fences). With fewer than eight values, all.
    """
    low, high = float(values.min()), float(values.max())
    if len(values) < 8:
        return low, high
    first, third = np.quantile(values, (0.25, 0.75))
    reach = 3.0 * float(third - first)
    if reach <= 0.0:
        return low, high
    inside = values[(values >= first - reach) & (values <= third + reach)]
    return float(inside.min()), float(inside.max())


def short_names(paths: Sequence[str]) -> Mapping[str, str]:
    """The shortest end of each path that no other path has.

    >>> short_names(["optimizer.learning_rate", "network.activation"])["optimizer.learning_rate"]
    'learning_rate'
    """
    found = {}
    for path in paths:
        steps = path.split(".")
        others = [other for other in paths if other != path]
        for count in range(1, len(steps) + 1):
            end = ".".join(steps[-count:])
            telling = not steps[-count].isdecimal() and steps[-count] not in _TELL_LITTLE
            if telling and not any(other == end or other.endswith("." + end) for other in others):
                break
        found[path] = end
    return found


def counted(number: int, word: str) -> str:
    """How many of a thing, in words.

    >>> counted(1, "trial"), counted(2, "trial")
    ('1 trial', '2 trials')
    """
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def value_text(value: Any) -> str:
    """A value of a parameter in few letters.

    >>> value_text([64, 32]), value_text(0.0003), value_text(True), value_text(None)
    ('64-32', '0.0003', 'yes', 'off')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "off"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return "-".join(value_text(one) for one in value)
    if isinstance(value, Mapping):
        return str(value.get("name", json.dumps(value)))
    return str(value)


def shortened(text: str, most: int) -> str:
    """At most so many letters; the middle gives way, since ends tell more.

    >>> shortened("BorderlineSMOTE, 5 neighbours", 15)
    'Borderl…ghbours'
    """
    if len(text) <= most:
        return text
    kept = most - 1
    return f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
