"""Patience: a network that has not improved for long is stopped."""

from __future__ import annotations

import math
from dataclasses import dataclass

from steelyard.study import PatiencePruning


@dataclass(frozen=True)
class Waiting:
    """For how many epochs a network has not improved: by more than ``min_delta``, as in the recipe.

    >>> rule = PatiencePruning(patience=2)
    >>> state = Waiting()
    >>> for loss in (0.5, 0.4, 0.4, 0.6):
    ...     state = state.after(loss, rule)
    >>> state.epochs, state.too_long(rule)
    (2, True)
    """

    best: float = math.inf
    """The least loss until now."""
    epochs: int = 0

    def after(self, loss: float, rule: PatiencePruning) -> Waiting:
        """The state after another epoch; a loss that is NaN is no improvement."""
        if self.best - loss > rule.min_delta:
            return Waiting(loss)
        return Waiting(self.best, self.epochs + 1)

    def too_long(self, rule: PatiencePruning) -> bool:
        """Whether the network is to stop."""
        return self.epochs >= rule.patience
