"""Values gathered one by one, each with its name, step and time: what trackers of experiments store."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def most_names(size: int) -> int:
    """How many curves a file of so many bytes may hold; each takes memory even if it has but one value."""
    return 4_000 + size // 200


class Scalars:
    """Curves of one run while they are read. A time is any number that grows."""

    def __init__(self) -> None:
        self._curves: dict[str, tuple[array[int], array[float], array[int]]] = {}

    def __len__(self) -> int:
        return len(self._curves)

    def __contains__(self, name: object) -> bool:
        return name in self._curves

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def add(self, name: str, step: int, value: float, time: int) -> None:
        """One more value."""
        curve = self._curves.get(name)
        if curve is None:
            curve = self._curves[name] = (array("q"), array("d"), array("q"))
        curve[0].append(step)
        curve[1].append(value)
        curve[2].append(time)

    def in_order(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Steps and values of a curve, by step; of values for one step the one logged last comes last.

        A curve all of whose values are logged for step 0 was logged without a step: its steps are the order
        in which they came.
        """
        steps, values, times = (np.array(one) for one in self._curves[name])
        order = np.lexsort((times, steps))
        if self.is_without_steps(name):
            return np.arange(len(steps), dtype=np.int64), values[order]
        return steps[order], values[order]

    def has_steps(self, name: str) -> bool:
        """Whether a value has another step than 0."""
        return any(self._curves[name][0])

    def is_without_steps(self, name: str) -> bool:
        """Whether several values have step 0 and none has another."""
        return len(self._curves[name][0]) > 1 and not self.has_steps(name)
