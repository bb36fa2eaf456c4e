"""Optuna's samplers, with the settings of a plan."""

from __future__ import annotations

import math

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, NSGAIISampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

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
            if is_conditional(plan.space):
                return TPESampler(seed=seed, multivariate=True, group=True)
            return _WholeSpaceTPE(seed=seed, multivariate=True)
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


class _WholeSpaceTPE(TPESampler):
    """TPE for a space without conditions: every trial has every parameter.

    So the parameters that are drawn together are those of any trial. Optuna would compare the parameters of
    all trials to find that out.
    """

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """As Optuna has it: by name, without those that have a single value."""
        finished = (TrialState.COMPLETE, TrialState.PRUNED)
        known = study.get_trials(deepcopy=False, states=finished)
        found = known[0].distributions.items() if known else ()
        return {name: one for name, one in sorted(found) if not one.single()}


def _whole(fewest: int, batch: int) -> int:
    return math.ceil(fewest / batch) * batch
