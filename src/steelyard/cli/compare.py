"""``steelyard compare``: what strategies against imbalance are worth on a table."""

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

ARMS = "none,threshold,weights,over,under,smote"


def _margin(ctx: click.Context, option: click.Parameter, share: float) -> float:
    if not 0.0 <= share < 1.0:
        raise click.BadParameter(f"a share of the gain, at least 0 and below 1; found {share:g}")
    return share


@click.command("compare")
@reading_options
@click.option(
    "--arms",
    metavar="NAMES",
    default=ARMS,
    show_default=True,
    help="Strategies, separated by commas. There are also sqrt_weights, borderline_smote, adasyn, "
    "smote_enn, smote_tomek, balanced_batches, focal and logit_adjusted.",
)
@recipe_option("--base", "What all of them have in common, as .toml or .json. [default: the default recipe]")
@alteration_options
@click.option(
    "--cost",
    "costs",
    metavar="fp=COST fn=COST",
    nargs=2,
    help="Choose thresholds for the lowest cost, and compare costs instead of F1.",
)
@click.option(
    "--margin",
    metavar="SHARE",
    type=float,
    default=0.02,
    show_default=True,
    callback=_margin,
    help="A difference does not matter if it is less than this share of what doing nothing gains over "
    "the floor.",
)
@folding_options(folds=10, repeats=1)
@seeds_option("Average N networks in each fold.")
@seed_option("Of the folds and of the first network; the others count up from it.")
@threads_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the tables.")
@debug_option
def command(
    reading: Reading,
    arms: str,
    recipe_file: Path | None,
    alterations: Alterations,
    costs: tuple[str, str] | None,
    margin: float,
    folds: int,
    repeats: int,
    out: Path | None,
    seeds: int,
    seed: int,
    threads: int | None,
    as_json: bool,
) -> None:
    """Compare strategies against imbalance on DATA, on the same folds and from the same seeds.

    Each is compared with `none`: the natural ratio of the classes, decided at 0.5. Average precision, ROC
    AUC and log loss are those of the probabilities brought back to the natural base rate. F1, or the cost,
    is that at a threshold chosen in each fold, and is compared with `threshold`: doing nothing but
    choosing one. The verdict is "no difference" where the whole interval of the difference is within the
    margin, "better" or "worse" where the difference is more than chance, else "cannot tell".

    \b
    Examples:
      steelyard compare bank.csv --target y --drop duration
      steelyard compare loans.csv --target default --cost fp=1 fn=10 --folds 10 --repeats 3
      steelyard compare visits.csv --target bought --arms smote,focal,sqrt_weights
    """
    if costs and alterations.threshold is not None:
        raise click.UsageError("--cost and --threshold exclude each other: both say what thresholds are for.")

    from steelyard.cli.compare_session import conduct
    from steelyard.cli.folding import Folding

    folding = Folding(
        reading=reading, folds=folds, repeats=repeats, seeds=seeds, seed=seed, threads=threads, out=out
    )
    conduct(folding, arms, recipe_file, alterations, costs or (), margin, as_json=as_json)
