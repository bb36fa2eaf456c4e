"""``steelyard train``: a file becomes a trained, evaluated and saved classifier."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.failure import debug_option


@click.command("train")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--target", metavar="COLUMN", required=True, help="The column to predict; it holds two labels.")
@click.option("--positive", metavar="LABEL", help="The label to look for. [default: the rarer one]")
@click.option("--drop", metavar="COLUMN", multiple=True, help="Leave this column out. Repeatable.")
@click.option(
    "--category", metavar="COLUMN", multiple=True, help="Take this column as categories. Repeatable."
)
@click.option("--numeric", metavar="COLUMN", multiple=True, help="Take this column as numbers. Repeatable.")
@click.option("--time", metavar="COLUMN", help="Split by time: train on the oldest rows, test on the newest.")
@click.option("--group", metavar="COLUMN", help="Split so that rows of one group stay together.")
@click.option("--file-order", is_flag=True, help="Split in the order of the file, as if by time.")
@click.option(
    "--test",
    "test_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Test on the rows of this file; DATA is then split into train and validation only.",
)
@click.option(
    "--recipe",
    "recipe_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="How to train, as .toml or .json; what it leaves out has its default.",
)
@click.option(
    "--network",
    "network_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take the layers of this Keras model (.keras, .h5 or .json) as the network, without its weights.",
)
@click.option(
    "--set",
    "changes",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change one value of the recipe, as in optimizer.learning_rate=0.0003. Repeatable.",
)
@click.option(
    "--seeds",
    metavar="N",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Train N networks that differ in their seed, and average them.",
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the first network.",
)
@click.option(
    "--split-seed",
    metavar="N",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the split.",
)
@click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(1),
    help="Does not change the results. [default: all cores]",
)
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
    data: Path,
    target: str,
    positive: str | None,
    drop: tuple[str, ...],
    category: tuple[str, ...],
    numeric: tuple[str, ...],
    time: str | None,
    group: str | None,
    file_order: bool,
    test_file: Path | None,
    recipe_file: Path | None,
    network_file: Path | None,
    changes: tuple[str, ...],
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
      steelyard train loans.csv --target default --set optimizer.learning_rate=0.0005
    """
    if (time is not None) + (group is not None) + file_order > 1:
        raise click.UsageError(
            "--time, --group and --file-order exclude one another: choose one way to split."
        )
    both = sorted(set(category) & set(numeric))
    if both:
        raise click.UsageError(f"Column {both[0]!r} cannot be both --category and --numeric.")

    from steelyard.cli.session import Assignment, conduct

    assignment = Assignment(
        data=data,
        target=target,
        positive=positive,
        drop=drop,
        category=category,
        numeric=numeric,
        time=time,
        group=group,
        file_order=file_order,
        test_file=test_file,
        recipe_file=recipe_file,
        network_file=network_file,
        changes=changes,
        seeds=seeds,
        seed=seed,
        split_seed=split_seed,
        threads=threads,
        out=out,
        name=name,
    )
    conduct(assignment, as_json=as_json)
