"""The parameters of a scan as a list of trials."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.keras.checks import real, whole
from steelyard.keras.codes import refuse

Parameters = dict[str, Any]
"""The value of every parameter in one trial."""


def grid(
    params: Mapping[str, Any],
    *,
    seed: int,
    fraction_limit: float | None = None,
    round_limit: int | None = None,
    boolean_limit: Callable[[Parameters], Any] | None = None,
) -> list[Parameters]:
    """All combinations, the last parameter changing fastest; those that the limits leave.

    Values are a list, or a tuple (start, stop, n): n numbers from start on, evenly spaced, without stop;
    rounded down and each taken once if start and stop are whole numbers. ``boolean_limit`` says of a
    trial's parameters whether it is made. Of what is left ``fraction_limit`` (a share) or ``round_limit``
    (a number) are drawn by ``seed``, and stay in the order of the grid. Source of the meaning of the
    arguments: talos 1.4, ``talos/parameters/ParamSpace.py``; there the limit by a function comes last
    and the draw cannot be repeated.

    >>> for trial in grid({"rate": [0.1, 0.2], "units": (8, 16, 2)}, seed=0):
    ...     print(trial)
    {'rate': 0.1, 'units': 8}
    {'rate': 0.1, 'units': 12}
    {'rate': 0.2, 'units': 8}
    {'rate': 0.2, 'units': 12}

    Raises :class:`~steelyard.errors.RecipeError` (K242).
    """
    if not isinstance(params, Mapping) or not params:
        raise refuse("K242", f"params is {params!r}; needs a dictionary with a list of values per parameter")
    values = {name: _values(name, given) for name, given in params.items()}
    trials = [
        dict(zip(values, combination, strict=True)) for combination in itertools.product(*values.values())
    ]
    if boolean_limit is not None:
        trials = [trial for trial in trials if boolean_limit(trial)]
        if not trials:
            raise refuse("K242", "boolean_limit leaves no trial", "Loosen it.")
    kept = _kept(len(trials), fraction_limit, round_limit)
    if kept == len(trials):
        return trials
    drawn = np.random.default_rng(seed).choice(len(trials), kept, replace=False)
    return [trials[number] for number in sorted(drawn)]


def _kept(trials: int, fraction_limit: float | None, round_limit: int | None) -> int:
    """How many trials the limits leave; talos lets the fraction win where both are given."""
    if fraction_limit is not None:
        kept = int(trials * real("Scan: fraction_limit", fraction_limit, above=0.0, high=1.0))
        if not kept:
            raise refuse(
                "K242", f"fraction_limit={fraction_limit} of {trials} trials is less than one", "Raise it."
            )
        return kept
    if round_limit is not None:
        return min(trials, whole("Scan: round_limit", round_limit, low=1))
    return trials


def _values(name: str, given: Any) -> Sequence[Any]:
    if isinstance(given, tuple):
        return _range(name, given)
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, list | range):
        raise refuse("K242", f"params[{name!r}] is {given!r}; needs a list of values")
    if not len(given):
        raise refuse("K242", f"params[{name!r}] is empty; needs at least one value")
    return given


def _range(name: str, given: tuple[Any, ...]) -> list[Any]:
    numbers = [value for value in given if isinstance(value, int | float | np.number)]
    if len(given) != 3 or len(numbers) != 3 or not given[0] < given[1]:
        raise refuse(
            "K242",
            f"params[{name!r}] is the tuple {given!r}; a tuple is a range (start, stop, number of values) "
            "with start below stop",
            f"For a choice of values write a list: {list(given)!r}.",
        )
    start, stop, count = given
    count = whole(f"Scan: params[{name!r}][2]", count, low=1)
    spaced = [start + (stop - start) * step / count for step in range(count)]
    if isinstance(start, int | np.integer) and isinstance(stop, int | np.integer):
        return sorted({int(value) for value in spaced})
    return [float(value) for value in spaced]
