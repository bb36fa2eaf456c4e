"""``steelyard tune``: which recipe suits a table best."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from steelyard.cli.failure import debug_option
from steelyard.cli.options import (
    Alterations,
    Reading,
    alteration_options,
    executor_options,
    named,
    reading_options,
    recipe_option,
    seed_option,
    seeds_option,
    threads_option,
)

if TYPE_CHECKING:
    from steelyard.study import SamplerName
    from steelyard.tuning.procedure import ExecutorName

SAMPLERS = ("grid", "random", "sobol", "tpe", "gp", "cmaes", "nsga2")
"""As :data:`steelyard.study.SamplerName`, which would load numpy."""


def _share(ctx: click.Context, option: click.Parameter, share: float) -> float:
    if not 0.0 <= share < 1.0:
        raise click.BadParameter(f"a share of the rows, at least 0 and below 1; found {share:g}")
    return share


@click.command("tune")
@reading_options
@click.option(
    "--space",
    metavar="NAME|FILE",
    default="quick",
    show_default=True,
    help="Where to look: quick, notebook or thorough, or a .toml file with a table per path of the recipe.",
)
@click.option(
    "--sampler",
    metavar="NAME",
    callback=named(SAMPLERS),
    help=f"How points are chosen: {', '.join(SAMPLERS)}. [default: grid up to 100 points, else tpe]",
)
@click.option(
    "--trials",
    metavar="N",
    type=click.IntRange(1),
    help="Points to try in all, those of an earlier call included. [default: 50, or the whole grid]",
)
@click.option(
    "--folds",
    metavar="K",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Judge each point by K-fold cross-validation; 1 for a single split.",
)
@seeds_option("Train N networks in each fold.")
@click.option(
    "--metric",
    "metrics",
    metavar="METRIC",
    multiple=True,
    help="What is searched for; further ones are shown beside it. Repeatable; with nsga2 all are searched "
    "for. [default: average_precision]",
)
@click.option(
    "--prune",
    metavar="RULE",
    multiple=True,
    help="Stop hopeless networks early: halving, hyperband, median, patience or folds; settings behind the "
    "name, as in 'halving reduction=4'. Repeatable.",
)
@click.option(
    "--test-share",
    metavar="SHARE",
    type=float,
    default=0.2,
    show_default=True,
    callback=_share,
    help="Of the rows, kept from the search; the winner is judged on them once.",
)
@click.option(
    "--budget",
    metavar="TIME",
    help="Fit the plan to this time, as in 10m or 1h30m, and stop when it is over.",
)
@recipe_option("--recipe", "What the points are changes of, as .toml or .json. [default: the default recipe]")
@alteration_options
@seed_option("Of the sampler, of the folds and of the first network of each.")
@click.option(
    "--study",
    "name",
    metavar="NAME",
    help="Name of the study; one that exists is continued. [default: name of DATA and -tune]",
)
@click.option(
    "--storage",
    metavar="URL",
    help="Where the study is kept: a file for SQLite, or postgresql://user@host/database. "
    "[default: study.sqlite3 in the folder of the study]",
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder in which the study gets a folder of its own.",
)
@executor_options
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(1),
    help="Points that are chosen, trained and stored together. [default: depends on sampler and pruning]",
)
@threads_option
@click.option("--dry-run", is_flag=True, help="Show what it would cost, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask before a search of more than an hour.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the tables.")
@debug_option
def command(
    reading: Reading,
    space: str,
    sampler: SamplerName | None,
    trials: int | None,
    folds: int,
    seeds: int,
    metrics: tuple[str, ...],
    prune: tuple[str, ...],
    test_share: float,
    budget: str | None,
    recipe_file: Path | None,
    alterations: Alterations,
    seed: int,
    name: str | None,
    storage: str | None,
    out: Path,
    executor: ExecutorName,
    address: str | None,
    batch: int | None,
    threads: int | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Search for the recipe that suits DATA best, which `steelyard train` could read.

    Each point of the space is cross-validated; its score is the mean over folds and seeds. What that will
    cost is measured and shown first. Everything is kept in a database as it comes, so that a search that
    was stopped or killed goes on with the same command, and --trials can be raised later.

    At the end the best recipe is trained on all rows of the search and judged, once, on rows kept from it:
    the difference from the search's own score is what searching made it look better by.

    \b
    Examples:
      steelyard tune bank.csv --target y --drop duration
      steelyard tune bank.csv --target y --space grid.toml --sampler grid --prune halving
      steelyard tune loans.csv --target default --metric log_loss --seeds 3 --budget 10m
      steelyard tune loans.csv --target default --storage postgresql://me@db/studies --trials 500
    """
    from steelyard.cli.tune_session import Search, conduct

    search = Search(
        reading=reading,
        space=space,
        sampler=sampler,
        trials=trials,
        folds=folds,
        seeds=seeds,
        metrics=metrics or ("average_precision",),
        prune=prune,
        test_share=test_share,
        budget=budget,
        recipe_file=recipe_file,
        alterations=alterations,
        seed=seed,
        name=name,
        storage=storage,
        out=out,
        executor=executor,
        address=address,
        batch=batch,
        threads=threads,
    )
    conduct(search, dry_run=dry_run, yes=yes, as_json=as_json)
