"""What was recorded while a network trained, and which quantity each curve is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Quantity:
    """What a series measures. None means: not known (the log of another framework may not say)."""

    weighted: bool | None = None
    """Class or row weights are in it."""
    penalized: bool | None = None
    """L1 and L2 penalties are in it."""
    dropout: bool | None = None
    """Measured with dropout active."""
    epoch_mean: bool | None = None
    """Averaged over the batches of the epoch, rather than measured at its end."""


PLAIN = Quantity(weighted=False, penalized=False, dropout=False, epoch_mean=False)
"""Comparable between train and validation: same formula, same weights of the network."""


@dataclass(frozen=True, eq=False)
class Series:
    """One curve: ``values[i]`` belongs to ``History.epochs[i]``; NaN where nothing was measured.

    ``measured`` tells a loss that was NaN from one that was not taken: bool (epochs,); None if the log does
    not tell.
    """

    split: str
    metric: str
    values: NDArray[np.float64]
    quantity: Quantity = PLAIN
    measured: NDArray[np.bool_] | None = None

    @property
    def name(self) -> str:
        """``validation_loss`` for the loss on validation rows."""
        return f"{self.split}_{self.metric}"


@dataclass(frozen=True, eq=False)
class History:
    """Curves over the epochs of one run. ``epochs`` is int64, counted from 1.

    >>> h = History(np.array([1, 2]), (Series("validation", "loss", np.array([0.3, 0.2])),))
    >>> h["validation_loss"]
    array([0.3, 0.2])
    """

    epochs: NDArray[np.int64]
    series: tuple[Series, ...]

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[str]:
        return (series.name for series in self.series)

    def __contains__(self, name: object) -> bool:
        return any(series.name == name for series in self.series)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        for series in self.series:
            if series.name == name:
                return series.values
        raise KeyError(f"{name!r} was not recorded; recorded: {', '.join(self)}")


@dataclass(frozen=True, eq=False)
class LayerTelemetry:
    """How one layer fared, per epoch (float64 arrays; NaN where a quantity does not apply).

    ``weight_norm``: Euclidean norm of all its weights at the end of the epoch.
    ``gradient_norm``: root mean square, over sampled steps, of the norm of its gradient (penalty included).
    ``update_ratio``: the same for the norm of the step divided by the norm of the weights.
    ``dead_share``: share of its units whose activation has a slope below 0.001 on every sampled row.
    ``saturated_share``: share of its units (tanh, sigmoid) whose slope is below 5 % of the steepest
    on at least 95 % of the sampled rows.
    """

    layer: str
    weight_norm: NDArray[np.float64]
    gradient_norm: NDArray[np.float64]
    update_ratio: NDArray[np.float64]
    dead_share: NDArray[np.float64]
    saturated_share: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Telemetry:
    """The inside of a network while it trained; mean and spread of the logits on validation rows
    (on training rows where there is no validation)."""

    epochs: NDArray[np.int64]
    layers: tuple[LayerTelemetry, ...]
    logit_mean: NDArray[np.float64]
    logit_std: NDArray[np.float64]
