"""The plan of a search: all that decides what its trials are and how they are judged."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from steelyard.recipe import Recipe
from steelyard.recipe.base import Float, NonNegativeInt, Part, PositiveInt
from steelyard.study.pruning import Pruning
from steelyard.study.space import Space

SamplerName = Literal["grid", "random", "sobol", "tpe", "gp", "cmaes", "nsga2"]


class Plan(Part):
    """All that decides the trials of a study and their scores, besides the rows of the table.

    Two processes with the same plan and table get the same trials and the same scores, bit for bit, whichever
    trains what; with a sampler that learns from finished trials (``tpe``, ``gp``, ``cmaes``, ``nsga2``) that
    holds for one process at a time. How many trials there are is not part of it: more can be added later.
    """

    recipe: Recipe | None
    """What the points of the space are changes of. None of a scan: there the paths are parameters of a model
    function, which says what a point means."""
    space: Space
    sampler: SamplerName = "tpe"
    seed: NonNegativeInt = 0
    """Of the sampler, of the folds and of the first network of each fold."""
    metrics: tuple[str, ...] = Field(default=("average_precision",), min_length=1)
    """Names as :func:`steelyard.metrics.metric` reads them. The first one ranks; with ``nsga2`` all are
    objectives."""
    folds: PositiveInt = 5
    """1 for a single split into training and validation rows."""
    seeds: PositiveInt = 1
    """Networks for each fold; a trial's score is the mean over folds and seeds."""
    by: Literal["random", "group", "time", "file_order"] = "random"
    """How the rows are divided, as :func:`steelyard.splitting.split_rows` has it."""
    test_share: Float = Field(default=0.2, ge=0.0, lt=1.0)
    """Of the rows, kept from the search altogether; the winner is judged on them once. 0 for none."""
    pruning: tuple[Pruning, ...] = ()
    batch: PositiveInt
    """Trials that are asked for, trained and stored together; pruning compares within them."""
    fingerprint: str
    """Of the table."""
    reading: dict[str, Any] = Field(default_factory=dict)
    """How the command line read the table, for workers on other machines; empty from Python."""
