"""``steelyard cv``: how good recipes are, on every row of a table."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.failure import debug_option
from steelyard.cli.options import (
    Alterations,
    Reading,
    alteration_options,
    folding_options,
    reading_options,
    recipe_option,
    seed_option,
    seeds_option,
    threads_option,
)


@click.command("cv")
@reading_options
@recipe_option(
    "--recipe", "How to train, as .toml or .json. Several are compared on the same folds.", multiple=True
)
@alteration_options
@folding_options(folds=5, repeats=1)
@seeds_option("Average N networks in each fold.")
@seed_option("Of the folds and of the first network; the others count up from it.")
@click.option(
    "--metric",
    "metrics",
    metavar="METRIC",
    multiple=True,
    help="Also show this metric; the first one orders the recipes. Repeatable. [default: average_precision]",
)
@threads_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the tables.")
@debug_option
def command(
    reading: Reading,
    recipe_files: tuple[Path, ...],
    alterations: Alterations,
    folds: int,
    repeats: int,
    out: Path | None,
    seeds: int,
    seed: int,
    metrics: tuple[str, ...],
    threads: int | None,
    as_json: bool,
) -> None:
    """Cross-validate recipes on DATA, which `steelyard train` could read.

    Each fold is held out once and predicted by networks that have seen nothing of it: preprocessing,
    resampling, epoch, calibration and threshold come from the other rows. Shown are the mean over the
    folds, its spread and an interval, beside the base rate and a logistic regression on the same folds;
    of several recipes also which of them cannot be told apart from the best.

    With --time or --file-order the rows are cut into blocks, and each is predicted by what was learned
    from those before it. Ctrl-C shows the folds that are finished.

    \b
    Examples:
      steelyard cv bank.csv --target y --drop duration --folds 10 --repeats 3
      steelyard cv loans.csv --target default --recipe small.toml --recipe large.toml --metric auc
      steelyard cv visits.parquet --target bought --time date --out results/visits
    """
    from steelyard.cli.cv_session import conduct
    from steelyard.cli.folding import Folding

    folding = Folding(
        reading=reading, folds=folds, repeats=repeats, seeds=seeds, seed=seed, threads=threads, out=out
    )
    conduct(folding, recipe_files, alterations, metrics, as_json=as_json)
