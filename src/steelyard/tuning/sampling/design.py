"""Designs: points that depend on the space, the seed and their number alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from steelyard.study import Plan, Point, Range, Space
from steelyard.tuning.space import grid, grid_size, point_at
from steelyard.tuning.space.enumeration import level_count, value_chance

SMALL = 10_000
"""A space of so many points at most is gone through in a random order, so that none comes twice."""


def design(plan: Plan, first: int, count: int) -> list[Point]:
    """The points numbered from ``first`` on, ``count`` of them, of a grid, a random or a Sobol design.

    ``grid``: all points in order, the last parameter of the space changing fastest; fewer come back after the
    last. ``random``: each parameter by itself, uniform over its choices, its range or the logarithms of it;
    one whose conditions do not hold takes no part. Of a space of at most 10,000 points each comes once before
    any comes again, in the order in which draws without return would find them; among more points a
    repetition is left to chance. ``sobol``: the same from Owen's scrambling of Sobol's sequence, which fills
    the space more evenly; if the space has at most 10,000 points, the random design.

    Which numbers are asked for together does not matter.
    """
    if plan.sampler == "grid":
        return list(islice(grid(plan.space), first, first + count))
    size = grid_size(plan.space)
    if size is not None and size <= SMALL:
        return _without_return(plan.space, plan.seed, first, count)
    coordinates = (_sobol if plan.sampler == "sobol" else _uniform)(
        len(plan.space.parameters), plan.seed, first, count
    )
    return [point_at(plan.space, row) for row in coordinates.tolist()]


def _uniform(dimensions: int, seed: int, first: int, count: int) -> NDArray[np.float64]:
    bits = np.random.PCG64(np.random.SeedSequence(seed))
    bits.advance(first * dimensions)  # a number takes one step
    return np.random.Generator(bits).random((count, dimensions))


def _sobol(dimensions: int, seed: int, first: int, count: int) -> NDArray[np.float64]:
    from scipy.stats import qmc  # slow to import, and few need it

    engine = qmc.Sobol(dimensions, scramble=True, seed=seed)
    if first:
        engine.fast_forward(first)
    # a power of 2, or scipy warns that the sequence is cut off: the rest of it comes with later batches
    points: NDArray[np.float64] = engine.random(1 << (count - 1).bit_length())[:count]
    return points


def _without_return(space: Space, seed: int, first: int, count: int) -> list[Point]:
    """The space in a random order, then in another one, and so on.

    The order is that in which draws with the given chances, but without return, take the points: that of
    the logarithms of the chances plus Gumbel noise (Yellott 1977; Kool et al. 2019).
    """
    points = list(grid(space))
    logarithms = _log_chances(space, points)
    found: list[Point] = []
    while count > 0:
        turn, place = divmod(first, len(points))
        noise = np.random.default_rng([seed, turn]).gumbel(size=len(points))
        chosen = np.argsort(-(logarithms + noise))[place : place + count]
        found += [points[number] for number in chosen.tolist()]
        first, count = first + len(chosen), count - len(chosen)
    return found


def _log_chances(space: Space, points: Sequence[Point]) -> NDArray[np.float64]:
    """How likely uniform coordinates make each point."""
    equal: dict[str, float] = {}
    unequal: dict[str, dict[int, float]] = {}
    for parameter in space.parameters:
        if isinstance(parameter, Range) and parameter.log:
            unequal[parameter.path] = {
                value: math.log(value_chance(parameter, value))
                for value in range(int(parameter.low), int(parameter.high) + 1)
            }
        else:
            equal[parameter.path] = -math.log(level_count(parameter) or 1)
    return np.array(
        [
            sum(equal[path] if path in equal else unequal[path][value] for path, value in point.items())
            for point in points
        ]
    )
