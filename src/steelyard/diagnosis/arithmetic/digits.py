"""To how many digits numbers were written, and what that leaves open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_MOST = 8
"""Decimals of a number that was rounded on purpose; more are those of a number written in full."""
_WHOLE = 2.0**52
"""From here on a float64 has no decimals."""
_TELLING = 3
"""So many different values show to how many digits they were written."""
_SINGLE = 1.2e-7
"""A little more than half a unit in the last place of float32, in which most frameworks compute metrics."""


def decimals(values: Values) -> int | None:
    """To how many decimals all of them were rounded; None if some were written in full.

    >>> decimals(np.array([0.9184, 0.918])), decimals(np.array([1 / 3]))
    (4, None)
    """
    finite = values[np.abs(values) < _WHOLE]
    return next(
        (d for d in range(_MOST + 1) if np.abs(np.round(finite, d) - finite).max(initial=0.0) < 1e-12), None
    )


def rounding(values: Values, beside: Values | None = None) -> Values:
    """By how much each can differ from what was measured: half its last digit, and half a unit of float32.

    ``beside`` are other values of the same log, which were written to as many digits, for values that do not
    show it themselves: of an accuracy of 0.95 in every epoch nobody can tell how many that were.
    """
    if beside is None or tells_its_digits(values):
        places = decimals(values)
    else:
        places = decimals(np.concatenate([values, beside]))
    half = 0.0 if places is None else 0.5000001 * 10.0**-places
    return np.asarray(half + _SINGLE * np.abs(values), np.float64)


def tells_its_digits(values: Values) -> bool:
    """Whether there are enough different values: that three of them end in zeros by chance is rare.

    >>> tells_its_digits(np.array([0.95, 0.95, 0.96])), tells_its_digits(np.array([0.95, 0.94, 0.96]))
    (False, True)
    """
    return len(np.unique(values[np.isfinite(values)])) >= _TELLING
