"""What a sampler sees of a search: parameters as distributions, trials with their losses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState as State

from steelyard.metrics import Metric, as_loss, metric
from steelyard.study import Parameter, Plan, Point, Range, SamplerName, Trial, TrialState
from steelyard.tuning.distributions import distribution, external
from steelyard.tuning.sampling.seen import Seen, Shown, key_of
from steelyard.tuning.space import is_active
from steelyard.tuning.space.enumeration import level, level_count

MEMORY: Mapping[SamplerName, int] = MappingProxyType({"tpe": 250, "gp": 100})
"""How many finished trials a sampler is shown at most: its time grows with their number, that of the Gaussian
process with the third power of it. Those that count generations are shown all.

Of 600 trials in seven parameters, TPE that was shown 250 came as near to the optimum as when it was shown all
(0.007 and 0.005 above it, in the mean of 8 searches), and with 120 it did not (0.09)."""
_BEST = 25
"""Of these so many are the best of all; TPE never takes more for good (Optuna's ``default_gamma``). The
others are the latest, which TPE weighs most."""
_SOMETIME = datetime(2000, 1, 1)
"""Optuna wants to know when a trial was; no sampler does."""


@dataclass(frozen=True)
class Sight:
    """What the sampler of a plan sees.

    TPE sees all parameters; ranges with steps as if they had none (a draw is rounded to the nearest step),
    which takes a fifth of the time. The others see those without conditions, CMA-ES of these the ranges. A
    metric of which more is better becomes its negative; a score that is not a number is as bad as can be. A
    pruned trial ranks for TPE behind those that were not pruned; for the others it has the score it had when
    it was stopped, since they would know nothing of it otherwise.
    """

    plan: Plan

    @cached_property
    def objectives(self) -> tuple[Metric, ...]:
        """What is optimised: the first metric of the plan; all of them with NSGA-II."""
        names = self.plan.metrics if self.plan.sampler == "nsga2" else self.plan.metrics[:1]
        return tuple(metric(name) for name in names)

    @property
    def generations(self) -> bool:
        """Does the sampler count trials in generations?"""
        return self.plan.sampler in ("cmaes", "nsga2")

    def point(self, asked: optuna.Trial) -> Point:
        """The point that the sampler proposes for a trial."""
        point: dict[str, Any] = {}
        for parameter in self.plan.space.parameters:
            if is_active(self.plan.space, parameter, point):
                point[parameter.path] = self._value(asked, parameter)
        return point

    def remembered(self, trials: Iterable[Seen]) -> list[Seen]:
        """The trials that the sampler is shown, in the order of their numbers."""
        ordered = sorted(trials, key=lambda trial: trial.number)
        finished = [trial for trial in ordered if not trial.running]
        memory = MEMORY.get(self.plan.sampler, len(finished))
        if len(finished) <= memory:
            return ordered
        kept = {trial.number for trial in sorted(finished, key=lambda trial: trial.rank)[:_BEST]}
        for trial in reversed(finished):
            if len(kept) == memory:
                break
            kept.add(trial.number)
        return [trial for trial in ordered if trial.running or trial.number in kept]

    def seen(self, trial: Trial) -> Seen:
        """The trial as the sampler sees it."""
        losses = self._losses(trial)
        return Seen(
            number=trial.number,
            running=trial.state is TrialState.RUNNING,
            key=key_of(trial.point),
            rank=(trial.state is TrialState.PRUNED, losses),
            shown=self._shown(trial, losses),
        )

    def _shown(self, trial: Trial, losses: tuple[float, ...]) -> Shown:
        seen = [one for one in self.plan.space.parameters if one.path in trial.point and self._is_seen(one)]
        running = trial.state is TrialState.RUNNING
        pruned = trial.state is TrialState.PRUNED and self.plan.sampler == "tpe"
        return Shown(
            number=-1,  # Optuna gives it one, in the order of adding
            trial_id=-1,
            state=State.RUNNING if running else State.PRUNED if pruned else State.COMPLETE,
            value=None,
            values=None if running or pruned else losses,
            datetime_start=_SOMETIME,
            datetime_complete=None if running else _SOMETIME,
            params={one.path: self._shown_value(one, trial.point[one.path]) for one in seen},
            distributions={one.path: self._distributions[one.path] for one in seen},
            user_attrs={},
            system_attrs={},
            intermediate_values={0: losses[0]} if pruned else {},
        )

    def _losses(self, trial: Trial) -> tuple[float, ...]:
        """Of each objective, smaller is better."""
        values = trial.values or (math.nan,) * len(self.objectives)
        losses = (as_loss(one, value) for one, value in zip(self.objectives, values, strict=False))
        return tuple(math.inf if math.isnan(loss) else loss for loss in losses)

    def _is_seen(self, parameter: Parameter) -> bool:
        if self.plan.sampler == "tpe":
            return True
        return not parameter.when and (self.plan.sampler != "cmaes" or isinstance(parameter, Range))

    def _is_smoothed(self, parameter: Parameter) -> bool:
        return (
            self.plan.sampler == "tpe" and isinstance(parameter, Range) and level_count(parameter) is not None
        )

    @cached_property
    def _distributions(self) -> dict[str, BaseDistribution]:
        return {one.path: self._distribution(one) for one in self.plan.space.parameters}

    def _distribution(self, parameter: Parameter) -> BaseDistribution:
        if not (isinstance(parameter, Range) and self._is_smoothed(parameter)):
            return distribution(parameter)
        half = (parameter.step or 1.0) / 2.0
        return FloatDistribution(parameter.low - half, parameter.high + half, log=parameter.log)

    def _shown_value(self, parameter: Parameter, value: Any) -> Any:
        return float(value) if self._is_smoothed(parameter) else external(parameter, value)

    def _value(self, asked: optuna.Trial, parameter: Parameter) -> Any:
        """What the sampler suggests for one parameter."""
        match self._distributions[parameter.path]:
            case CategoricalDistribution() as choices:
                label = asked.suggest_categorical(parameter.path, choices.choices)
                return level(parameter, int(choices.to_internal_repr(label)))
            case IntDistribution(low=low, high=high, log=log, step=step):
                return asked.suggest_int(parameter.path, low, high, log=log, step=step)
            case FloatDistribution(low=low, high=high, log=log, step=step):
                value = asked.suggest_float(parameter.path, low, high, log=log, step=step)
                return _nearest(parameter, value)
            case unknown:
                raise AssertionError(f"no parameter is {unknown!r}")


def _nearest(parameter: Parameter, value: float) -> Any:
    """The value of a range next to a number."""
    assert isinstance(parameter, Range)
    count = level_count(parameter)
    if count is None:
        return value
    number = round((value - parameter.low) / (parameter.step or 1.0))
    return level(parameter, min(max(number, 0), count - 1))
