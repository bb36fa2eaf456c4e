"""A learning rate as Keras programs treat it: a number, and a variable that can be set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self


class LearningRate(float):
    """A float that can also be assigned to: ``K.set_value(model.optimizer.lr, 1e-4)``,
    ``model.optimizer.learning_rate.assign(1e-4)``. It stays the number it was; the optimizer has the new one.
    """

    _set: Callable[[float], None]

    def __new__(cls, value: float, set: Callable[[float], None]) -> Self:
        """``set`` sets the optimizer's learning rate."""
        rate = super().__new__(cls, value)
        rate._set = set
        return rate

    def assign(self, value: float) -> None:
        """Sets the optimizer's learning rate."""
        self._set(value)

    def numpy(self) -> float:
        """The number itself."""
        return float(self)

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        # A copy, or what is read back from a file, belongs to no optimizer: a plain number.
        return float, (float(self),)
