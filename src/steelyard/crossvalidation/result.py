"""What a cross-validation finds out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.calibration import CalibrationChoice
from steelyard.data import Schema
from steelyard.folds import Fold
from steelyard.recipe import Recipe
from steelyard.run import Readout, RunStatus
from steelyard.splitting import Way
from steelyard.thresholds import ThresholdChoice


@dataclass(frozen=True)
class Trained:
    """What became of one network."""

    seed: int
    status: RunStatus
    best_epoch: int
    epochs: int


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What a recipe, or a yardstick, says of the rows that one fold held out.

    ``probability`` and ``raw`` are float64 (rows,) in the order of ``fold.split.test``: for the natural
    base rate, by ``readout``, and the mean of the networks' sigmoids as they are. ``calibration`` and
    ``threshold`` tell how the readout was chosen on the fold's validation rows, None if it was not.
    ``networks`` are those that were averaged and those left out because they diverged; a yardstick has
    none. ``notes`` are sentences for people.
    """

    fold: Fold
    probability: NDArray[np.float64]
    raw: NDArray[np.float64]
    readout: Readout
    calibration: CalibrationChoice | None = None
    threshold: ThresholdChoice | None = None
    networks: tuple[Trained, ...] = ()
    notes: tuple[str, ...] = ()


ByFold = tuple[HeldOut | None, ...]
"""One entry per fold, in their order; None for a fold that Ctrl-C left unfinished, for all recipes alike."""


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """All that one call of :func:`~steelyard.crossvalidation.cross_validate` found out.

    ``results`` and ``yardsticks`` are what each recipe and each yardstick says, by name. ``target`` (uint8)
    and ``weights`` are those of all rows of the table. ``by`` is how the folds were made, "given" for splits
    of the caller's own, and ``method`` a clause that says it. ``trained`` is the number of networks: recipes
    that differ in nothing but how predictions are read share theirs. ``notes`` are sentences for people;
    ``seconds`` is the time all of it took.
    """

    recipes: Mapping[str, Recipe]
    folds: tuple[Fold, ...]
    results: Mapping[str, ByFold]
    yardsticks: Mapping[str, ByFold]
    target: NDArray[np.uint8]
    weights: NDArray[np.float32] | None
    schema: Schema
    source: str
    fingerprint: str
    by: Way | Literal["given"]
    method: str
    seed: int
    seeds: int
    trained: int
    notes: tuple[str, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every recipe has been judged on every fold."""
        return all(found is not None for entries in self.results.values() for found in entries)

    @property
    def ratio(self) -> float:
        """Rows held out per row learned from, on average over the folds: see :mod:`steelyard.comparison`."""
        return float(np.mean([fold.ratio for fold in self.folds]))
