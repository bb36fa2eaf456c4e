"""One training at the command line: read, split, claim a folder, train, save, tell."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np
from numpy.typing import NDArray

from steelyard.cli.failure import INTERRUPTED, telling_warnings
from steelyard.cli.progress import Progress
from steelyard.cli.summary import summary
from steelyard.data import ColumnKind, Table
from steelyard.engine import instruction_set
from steelyard.errors import RecipeError
from steelyard.facts import facts
from steelyard.recipe import Change, Recipe, apply, parse_change, read_recipe
from steelyard.report.learning_curves import learning_curves_svg
from steelyard.run import RunStatus
from steelyard.splitting import split_rows
from steelyard.store import Provenance, RunWriter
from steelyard.tables import concatenate, read_like, read_table
from steelyard.training import TrainingResult, train

if TYPE_CHECKING:
    from steelyard.cli.network import KerasNetwork


@dataclass(frozen=True)
class Assignment:
    """What ``steelyard train`` was asked to do: its arguments, by their names there."""

    data: Path
    target: str
    positive: str | None = None
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    time: str | None = None
    group: str | None = None
    file_order: bool = False
    test_file: Path | None = None
    recipe_file: Path | None = None
    network_file: Path | None = None
    changes: tuple[str, ...] = ()
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
        network = network_of(assignment)
        recipe = recipe_of(assignment, network)
        table, test_rows = read(assignment)
        split = split_rows(table, by=_way(assignment), seed=assignment.split_seed, test_rows=test_rows)
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
            document = facts(result, warnings)
            if network is not None:
                document["notes"] += network.remarks(recipe, document["inputs"])
            provenance = Provenance(
                command=("steelyard", *sys.argv[1:]),
                started=started,
                finished=datetime.now(UTC),
                instruction_set=instruction_set(),
            )
            progress.stage("saving")
            folder = writer.save(result, document, provenance, curves(result))
    tell(document, folder, as_json=as_json)
    if result.status is RunStatus.INTERRUPTED:
        click.get_current_context().exit(INTERRUPTED)


def network_of(assignment: Assignment) -> KerasNetwork | None:
    """What ``--network`` names, if it was given."""
    if assignment.network_file is None:
        return None
    from steelyard.cli.network import read_network  # few need h5py

    return read_network(assignment.network_file)


def recipe_of(assignment: Assignment, network: KerasNetwork | None = None) -> Recipe:
    """The recipe file, or the default, with ``--network`` and then every ``--set`` made in order."""
    recipe = Recipe() if assignment.recipe_file is None else read_recipe(assignment.recipe_file)
    if network is not None:
        recipe = recipe.model_copy(update={"network": network.stack})
    changes: list[Change] = []
    problems: list[str] = []
    help = ""
    for text in assignment.changes:
        try:
            changes.append(parse_change(text))
        except RecipeError as error:
            problems += [f"--set: {problem}" for problem in error.problems]
            help = error.help
    if problems:
        raise RecipeError(*problems, help=help)
    return apply(recipe, *changes)


def read(assignment: Assignment) -> tuple[Table, NDArray[np.int64] | None]:
    """The table, and which of its rows came from ``--test FILE``."""
    kinds = dict.fromkeys(assignment.category, ColumnKind.CATEGORY)
    kinds |= dict.fromkeys(assignment.numeric, ColumnKind.NUMERIC)
    table = read_table(
        assignment.data,
        target=assignment.target,
        positive=assignment.positive,
        drop=assignment.drop,
        kinds=kinds,
        time=assignment.time,
        group=assignment.group,
    )
    if assignment.test_file is None:
        return table, None
    test = read_like(assignment.test_file, table.schema, target=True)
    both = concatenate(table, test)
    return both, np.arange(len(table), len(both), dtype=np.int64)


def curves(result: TrainingResult) -> str:
    """The picture of the learning curves, with the base rate of the rows they were measured on."""
    judged = result.targets.get("validation")
    base_rate = result.positives / result.rows if judged is None else float(judged.mean())
    histories = [run.history for run in result.runs]
    return learning_curves_svg(histories, [run.best_epoch for run in result.runs], base_rate)


def tell(document: dict[str, Any], folder: Path, *, as_json: bool) -> None:
    """The result on standard output."""
    if as_json:
        click.echo(json.dumps({"run": str(folder), **document}, indent=2, allow_nan=False))
    else:
        click.echo(summary(document, folder, warnings=False))  # they stand above


def _way(assignment: Assignment) -> Literal["random", "time", "file_order", "group"]:
    if assignment.time is not None:
        return "time"
    if assignment.group is not None:
        return "group"
    return "file_order" if assignment.file_order else "random"


def _claim(assignment: Assignment) -> RunWriter:
    if assignment.name is not None:
        return RunWriter.exact(assignment.out / assignment.name)
    return RunWriter.numbered(assignment.out, data_name(assignment.data))


def data_name(path: Path) -> str:
    """A file's name without its endings, as the stem of a run's name.

    >>> data_name(Path("data/heart_2020.csv.gz"))
    'heart_2020'
    """
    name = path.name
    for ending in (".gz", ".zst", ".zstd", ".csv", ".tsv", ".txt", ".parquet"):
        name = name.removesuffix(ending)
    return name or "run"
