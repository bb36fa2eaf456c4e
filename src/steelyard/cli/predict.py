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
@click.option(
    "--threshold",
    metavar="OBJECTIVE",
    help="Label rows above this number; or above what serves an objective best on the validation rows of "
    "RUN: f1, 'cost fp=1 fn=10', 'recall>=0.8', as in steelyard train. [default: that of RUN]",
)
@click.option(
    "--prior",
    metavar="SHARE",
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    help="Restate the probabilities for rows of which this share is positive, such as 0.01, if rows of "
    "either class look as they did in training. The threshold is chosen anew for the same objective at that "
    "share; a number stays.",
)
@click.option(
    "--raw",
    is_flag=True,
    help="What the networks give, with neither prior nor calibration put right, labelled above 0.5.",
)
@debug_option
def command(run: Path, data: Path, out: Path, threshold: str | None, prior: float | None, raw: bool) -> None:
    """Predict the rows of DATA with the model of RUN, a run folder.

    The output has one row per row of DATA, in the same order: `probability`, that of the positive label at
    the base rate of the training rows, whatever was weighted or resampled (of the validation rows, if these
    calibrated it); and `predicted`, the positive label where the probability exceeds the threshold of RUN
    (`steelyard show RUN` tells it), else the other.

    DATA needs the columns the model was trained on, by name; the target may be missing. It is read
    in batches, so it may be larger than memory.
    """
    from steelyard.cli.prediction import labelling_of, predict_file
    from steelyard.cli.text import count, percent
    from steelyard.store import load_model

    model = load_model(run)
    how = labelling_of(run, model, threshold=threshold, raw=raw, prior=prior)
    predicted = predict_file(model, data, out, how)
    target = model.schema.target
    restated = "" if prior is None else f", restated for {percent(prior)} positives,"
    told = f"{'raw output for' if raw else 'probability of'} {target.name} = {target.positive}{restated}"
    click.echo(f"{count(predicted.rows, 'row')}: {told} in {out}")
    click.echo(
        f"{predicted.positive:,} labelled {target.positive}: above {how.threshold:.4g} ({how.purpose})"
    )
