"""How the trials of a batch compare when their networks have come to the same epoch, and what judges that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Standing:
    """The trials of a batch between two epochs; all arrays are (trials,), and smaller is better.

    ``epoch`` (from 1) is the one that all networks have come to which are still training. ``racing`` are the
    trials that no rule has put out, those included that came to their own end before. ``score`` is the loss a
    trial would have if all its networks ended now: the mean over them of the metric at the epoch that the
    recipe's monitor has chosen until now. ``average`` is the mean over the networks of the mean over their
    epochs. A network that came to its end counts with what it had then; one that diverged with the worst
    value of the metric, which may be infinite. A trial that was put out keeps what it had.
    """

    epoch: int
    racing: NDArray[np.bool_]
    score: NDArray[np.float64]
    average: NDArray[np.float64]


class Rule(Protocol):
    """What decides between epochs which trials are put out."""

    @property
    def rungs(self) -> Collection[int]:
        """The epochs after which it decides."""

    def losers(self, standing: Standing) -> NDArray[np.bool_]:
        """(trials,) Which of the racing trials are put out, after one of its rungs."""
