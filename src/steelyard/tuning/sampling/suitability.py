"""Whether a sampler can search a space, and in how many trials."""

from __future__ import annotations

from importlib.util import find_spec

from steelyard.errors import RecipeError
from steelyard.study import Plan, Range, SamplerName
from steelyard.tuning.space import grid, grid_size

USUAL = 50
"""Trials, if nobody says how many."""

_NEEDS = {"gp": ("torch", "PyTorch", "steelyard[gp]"), "cmaes": ("cmaes", "cmaes", "cmaes")}
_SOBOL_DIMENSIONS = 21_201


def is_adaptive(sampler: SamplerName) -> bool:
    """Does it learn from finished trials?"""
    return sampler in ("tpe", "gp", "cmaes", "nsga2")


def how_many(plan: Plan, trials: int | None = None) -> int:
    """The number of trials: those asked for, else all of a grid, else 50; never more than there are points.

    A space without endless ranges has so many points, and a point that was tried gives the same score when
    it is tried again.

    Raises :class:`~steelyard.errors.RecipeError` if the sampler cannot search the space at all, or a number
    of trials below 1 is asked for.
    """
    check_sampler(plan)
    if trials is not None and trials < 1:
        raise RecipeError(f"trials: must be at least 1; found {trials}")
    size = grid_size(plan.space)
    if trials is None:
        trials = size if plan.sampler == "grid" and size is not None else USUAL
    return trials if size is None else min(trials, size)


def check_sampler(plan: Plan) -> None:
    """Raises :class:`~steelyard.errors.RecipeError` if the sampler cannot search the space of the plan."""
    space = plan.space
    if plan.sampler == "grid":
        grid(space)  # complains of ranges without a step
    if plan.sampler == "cmaes" and not any(
        isinstance(one, Range) and not one.when for one in space.parameters
    ):
        raise RecipeError(
            "sampler: cmaes needs a range of numbers that has no condition; the space has none",
            help='take "tpe", which is at home among choices and conditions',
        )
    if plan.sampler == "sobol" and len(space.parameters) > _SOBOL_DIMENSIONS:
        raise RecipeError(
            f"sampler: sobol has {_SOBOL_DIMENSIONS:,} dimensions; the space has {len(space.parameters):,}"
        )
    if plan.sampler in _NEEDS:
        module, title, package = _NEEDS[plan.sampler]
        if find_spec(module) is None:
            raise RecipeError(
                f"sampler: {plan.sampler} needs {title}, which is not installed",
                help=f"pip install {package}",
            )
