"""Several resamplings of one table as one table: the rows they invented come after its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Features
from steelyard.resampling.procedure import Resampled


@dataclass(frozen=True, eq=False)
class Joined:
    """A table with invented rows after its own, as the engine takes it.

    ``rows`` (int64) has for each resampling the rows to learn from, in the order they were handed in.
    ``weights`` is None where the table has none.
    """

    features: Features
    target: NDArray[np.uint8]
    weights: NDArray[np.float32] | None
    rows: tuple[NDArray[np.int64], ...]


def join(
    features: Features,
    target: NDArray[np.uint8],
    weights: NDArray[np.float32] | None,
    resamplings: Sequence[Resampled],
) -> Joined:
    """The table that ``features``, ``target`` and ``weights`` are, and the rows of all ``resamplings`` of it.

    What one resampling invented is there once, however often it is handed in. Nothing is copied where
    nothing was invented.
    """
    numeric, codes, targets = [features.numeric], [features.codes], [target]
    all_weights = [] if weights is None else [weights]
    known: dict[int, NDArray[np.int64]] = {}
    end = len(features)
    for one in resamplings:
        if id(one) in known:
            continue
        invented = np.arange(end, end + len(one.synthetic_target), dtype=np.int64)
        known[id(one)] = np.concatenate([one.rows, invented]) if len(invented) else one.rows
        if one.synthetic is None:
            continue
        end += len(invented)
        numeric.append(one.synthetic.numeric)
        codes.append(one.synthetic.codes)
        targets.append(one.synthetic_target)
        if one.synthetic_weights is not None:
            all_weights.append(one.synthetic_weights)
    rows = tuple(known[id(one)] for one in resamplings)
    if end == len(features):
        return Joined(features, target, weights, rows)
    return Joined(
        Features(np.concatenate(numeric), np.concatenate(codes)),
        np.concatenate(targets),
        np.concatenate(all_weights) if all_weights else None,
        rows,
    )
