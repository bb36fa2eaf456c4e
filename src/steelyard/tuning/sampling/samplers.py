"""Optuna's samplers, with the settings of a plan."""

from __future__ import annotations

import math

from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, NSGAIISampler, TPESampler

from steelyard.study import Plan, Range
from steelyard.tuning.space import is_conditional

_FEWEST_IN_A_GENERATION = 20
"""Of NSGA-II; Optuna's 50 would make a search of a hundred trials two generations."""


def sampler_of(plan: Plan, seed: int) -> BaseSampler:
    """A new sampler of the kind that the plan names, which must be one that learns.

    A generation is a whole number of batches, so that none is asked for before the one before is known.
    """
    match plan.sampler:
        case "tpe":
            # without conditions there is one group, and no warning that groups are experimental
            return TPESampler(seed=seed, multivariate=True, group=is_conditional(plan.space))
        case "gp":
            return GPSampler(seed=seed, warn_independent_sampling=False)
        case "cmaes":
            ranges = sum(isinstance(one, Range) and not one.when for one in plan.space.parameters)
            fewest = 4 + int(3 * math.log(ranges))  # Hansen's default
            return CmaEsSampler(
                seed=seed, warn_independent_sampling=False, popsize=_whole(fewest, plan.batch)
            )
        case "nsga2":
            return NSGAIISampler(seed=seed, population_size=_whole(_FEWEST_IN_A_GENERATION, plan.batch))
        case other:
            raise AssertionError(f"{other} does not learn")


def _whole(fewest: int, batch: int) -> int:
    return math.ceil(fewest / batch) * batch
