"""``steelyard predict``: probabilities for the rows of a file."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.failure import debug_option


@click.command("predict")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the predictions go: .csv or .parquet. An existing file is replaced.",
)
@debug_option
def command(run: Path, data: Path, out: Path) -> None:
    """Predict the rows of DATA with the model of RUN, a run folder.

    The output has one row per row of DATA, in the same order: `probability`, that of the positive label,
    and `predicted`, the label that has more than half of it. Where one class is rare that is seldom the
    positive one: for decisions, choose a threshold of your own on `probability`.

    DATA needs the columns the model was trained on, by name; the target may be missing. It is read
    in batches, so it may be larger than memory.
    """
    from steelyard.cli.prediction import predict_file
    from steelyard.cli.text import count
    from steelyard.store import load_model

    model = load_model(run)
    rows = predict_file(model, data, out)
    target = model.schema.target
    click.echo(f"{count(rows, 'row')}: probability of {target.name} = {target.positive} in {out}")
