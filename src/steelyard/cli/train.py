"""``steelyard train``: a file becomes a trained, evaluated and saved classifier."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.failure import debug_option
from steelyard.cli.options import (
    Alterations,
    Reading,
    alteration_options,
    reading_options,
    recipe_option,
    seed_option,
    seeds_option,
    threads_option,
)


@click.command("train")
@reading_options
@click.option(
    "--test",
    "test_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Test on the rows of this file; DATA is then split into train and validation only.",
)
@recipe_option("--recipe", "How to train, as .toml or .json; what it leaves out has its default.")
@alteration_options
@seeds_option("Train N networks that differ in their seed, and average them.")
@seed_option("Seed of the first network.")
@click.option(
    "--split-seed",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the split.",
)
@threads_option
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder in which the run gets a folder of its own.",
)
@click.option("--name", metavar="NAME", help="Name of that folder. [default: name of DATA and a number]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the summary.")
@debug_option
def command(
    reading: Reading,
    test_file: Path | None,
    recipe_file: Path | None,
    alterations: Alterations,
    seeds: int,
    seed: int,
    split_seed: int,
    threads: int | None,
    out: Path,
    name: str | None,
    as_json: bool,
) -> None:
    """Train a classifier on DATA: CSV or TSV, also as .gz or .zst, or Parquet.

    Prints a summary with the scores on rows that played no part in training, next to those of simple
    baselines, and writes a run folder with the model. Ctrl-C ends training and keeps what was learned
    up to then.

    \b
    Examples:
      steelyard train bank.csv --target y --drop duration
      steelyard train visits.parquet --target bought --time date --seeds 5
      steelyard train loans.csv --target default --threshold 'cost fp=1 fn=20'
      steelyard train loans.csv --target default --set optimizer.learning_rate=0.0005
    """
    from steelyard.cli.session import Assignment, conduct

    assignment = Assignment(
        reading=reading,
        test_file=test_file,
        recipe_file=recipe_file,
        alterations=alterations,
        seeds=seeds,
        seed=seed,
        split_seed=split_seed,
        threads=threads,
        out=out,
        name=name,
    )
    conduct(assignment, as_json=as_json)
