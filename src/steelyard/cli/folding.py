"""A cross-validation at the command line: read, divide, claim a folder, train, save."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from steelyard.cli.failure import telling_warnings
from steelyard.cli.options import Reading
from steelyard.cli.progress import Progress
from steelyard.cli.reading import known_codes, read, warn_of_findings, way_of
from steelyard.crossvalidation import CrossValidation, cross_validate, networks_of
from steelyard.data import Table
from steelyard.engine import instruction_set
from steelyard.folds import make_folds
from steelyard.recipe import Recipe
from steelyard.store import Provenance, RunWriter
from steelyard.store.folds import cross_validation_files

_FEW_POSITIVES = "D107"
"""The advice against few positives in a part is cross-validation."""


@dataclass(frozen=True)
class Folding:
    """What to cross-validate, and how."""

    reading: Reading
    folds: int
    repeats: int
    seeds: int
    seed: int
    threads: int | None
    out: Path | None


Document = dict[str, Any]


def fold(
    folding: Folding,
    recipes: Mapping[str, Recipe],
    metrics: Sequence[str],
    judge: Callable[[CrossValidation, Sequence[str]], Document],
    *,
    yardsticks: bool,
) -> tuple[Document, Path | None]:
    """Does it; returns what ``judge`` makes of the result and the warnings, and the folder if there is one.

    ``metrics`` are the columns of the file with a line per fold.
    """
    started = datetime.now(UTC)
    with telling_warnings() as warnings:
        known_codes(folding.reading.ignore)
        table = read(folding.reading)
        _look_at(folding, table, recipes)
        networks = networks_of(recipes, folding.folds * folding.repeats, folding.seeds)
        longest = max(recipe.training.epochs for recipe in recipes.values())
        with (
            nullcontext() if folding.out is None else RunWriter.exact(folding.out) as writer,
            Progress(networks, longest, crowd=True) as progress,
        ):
            result = cross_validate(
                recipes,
                table,
                folds=folding.folds,
                repeats=folding.repeats,
                seeds=folding.seeds,
                by=way_of(folding.reading),
                seed=folding.seed,
                yardsticks=yardsticks,
                threads=folding.threads,
                on_epoch=progress.epoch,
                on_stage=progress.stage,
            )
            document = judge(result, warnings)
            if writer is not None:
                provenance = Provenance(
                    command=("steelyard", *sys.argv[1:]),
                    started=started,
                    finished=datetime.now(UTC),
                    instruction_set=instruction_set(),
                )
                progress.stage("saving")
                writer.write(cross_validation_files(result, document, metrics, provenance))
    return document, folding.out


def _look_at(folding: Folding, table: Table, recipes: Mapping[str, Recipe]) -> None:
    """Warns of what can be seen before training, on the last fold: of rows in order it has the most."""
    last = make_folds(
        table, folds=folding.folds, repeats=folding.repeats, by=way_of(folding.reading), seed=folding.seed
    )[-1]
    seen = set()
    for recipe in recipes.values():
        if recipe.imbalance.resampling not in seen:
            seen.add(recipe.imbalance.resampling)
            ignore = (*folding.reading.ignore, _FEW_POSITIVES)
            warn_of_findings(ignore, table, last.split, recipe.imbalance.resampling)
