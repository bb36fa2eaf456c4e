"""What is told while a batch trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """An epoch of a network has ended.

    ``trial`` is its number in the study, ``fold`` counts from 0, ``epoch`` from 1 of the planned ``epochs``.
    ``metrics`` are those of the plan, by its names, on the validation rows after this epoch.
    """

    trial: int
    fold: int
    seed: int
    epoch: int
    epochs: int
    metrics: Mapping[str, float]
