"""One training at the command line: read, split, claim a folder, train, save, tell."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from steelyard.cli.diagnosing import diagnosed
from steelyard.cli.failure import INTERRUPTED, telling_warnings
from steelyard.cli.options import NO_CHANGE, Alterations, Reading
from steelyard.cli.progress import Progress
from steelyard.cli.reading import known_codes, network_of, read, recipe_of, warn_of_findings, way_of
from steelyard.cli.summary import summary
from steelyard.data import Table
from steelyard.engine import instruction_set
from steelyard.facts import facts, mark_of_test_rows
from steelyard.report.learning_curves import learning_curves_svg
from steelyard.run import RunStatus
from steelyard.splitting import split_rows
from steelyard.store import Provenance, RunWriter, runs_scored_on
from steelyard.tables import concatenate, read_like
from steelyard.training import TrainingResult, train


@dataclass(frozen=True)
class Assignment:
    """What ``steelyard train`` was asked to do: its arguments, by their names there."""

    reading: Reading
    test_file: Path | None = None
    recipe_file: Path | None = None
    alterations: Alterations = NO_CHANGE
    seeds: int = 1
    seed: int = 0
    split_seed: int = 0
    threads: int | None = None
    out: Path = Path("runs")
    name: str | None = None


def conduct(assignment: Assignment, *, as_json: bool = False) -> None:
    """Does it, and prints the summary or one JSON object on standard output.

    The cheap things that can be wrong come first: recipe, data, folder. Nothing is written
    before the rows have been read and split. Exits with 130 if Ctrl-C ended the training.
    """
    started = datetime.now(UTC)
    with telling_warnings() as warnings:
        reading = assignment.reading
        network = network_of(assignment.alterations)
        recipe = recipe_of(assignment.recipe_file, assignment.alterations, network)
        known_codes(reading.ignore)
        table, test_rows = read_with_test(reading, assignment.test_file)
        split = split_rows(table, by=way_of(reading), seed=assignment.split_seed, test_rows=test_rows)
        known = warn_of_findings(reading.ignore, table, split, recipe.imbalance.resampling)
        with (
            _claim(assignment) as writer,
            Progress(assignment.seeds, recipe.training.epochs) as progress,
        ):
            result = train(
                table,
                recipe,
                split,
                seeds=assignment.seeds,
                seed=assignment.seed,
                threads=assignment.threads,
                on_epoch=progress.epoch,
                on_stage=progress.stage,
            )
            progress.stage("measuring intervals")
            earlier = runs_scored_on(writer.folder.parent, mark_of_test_rows(result))
            document = facts(result, warnings, earlier)
            if network is not None:
                document["notes"] += network.remarks(recipe, document["inputs"])
            provenance = Provenance(
                command=("steelyard", *sys.argv[1:]),
                started=started,
                finished=datetime.now(UTC),
                instruction_set=instruction_set(),
            )
            progress.stage("saving")
            diagnosis = None
            try:
                diagnosis = diagnosed(result.logs, writer.folder, known, reading.ignore)
            finally:  # whatever becomes of the diagnosis, the training is not lost
                folder = writer.save(result, document, provenance, curves(result), diagnosis)
    tell(document, diagnosis, folder, as_json=as_json)
    if result.status is RunStatus.INTERRUPTED:
        click.get_current_context().exit(INTERRUPTED)


def read_with_test(reading: Reading, test_file: Path | None) -> tuple[Table, NDArray[np.int64] | None]:
    """The table, and which of its rows came from ``--test FILE``."""
    table = read(reading)
    if test_file is None:
        return table, None
    test = read_like(test_file, table.schema, target=True)
    both = concatenate(table, test)
    return both, np.arange(len(table), len(both), dtype=np.int64)


def curves(result: TrainingResult) -> str:
    """The picture of the learning curves, with the base rate of the rows they were measured on."""
    judged = result.targets.get("validation")
    base_rate = result.positives / result.rows if judged is None else float(judged.mean())
    histories = [run.history for run in result.runs]
    return learning_curves_svg(histories, [run.best_epoch for run in result.runs], base_rate)


def tell(document: Mapping[str, Any], diagnosis: Mapping[str, Any], folder: Path, *, as_json: bool) -> None:
    """The result on standard output."""
    if as_json:
        told = {"run": str(folder), **document, "diagnosis": diagnosis}
        click.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        click.echo(summary(document, folder, diagnosis, warnings=False))  # they stand above


def _claim(assignment: Assignment) -> RunWriter:
    if assignment.name is not None:
        return RunWriter.exact(assignment.out / assignment.name)
    return RunWriter.numbered(assignment.out, data_name(assignment.reading.data))


def data_name(path: Path) -> str:
    """A file's name without its endings, as the stem of a run's name.

    >>> data_name(Path("data/heart_2020.csv.gz"))
    'heart_2020'
    """
    name = path.name
    for ending in (".gz", ".zst", ".zstd", ".csv", ".tsv", ".txt", ".parquet"):
        name = name.removesuffix(ending)
    return name or "run"
