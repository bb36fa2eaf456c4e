"""``steelyard diagnose``: a training log, ours or anybody's, becomes findings with evidence."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steelyard.cli.diagnose_facts import FactCommand, Said, fact_options
from steelyard.cli.failure import debug_option
from steelyard.cli.options import Reading, codes

FOUND = 1
"""Exit code where there are errors or warnings among the findings."""


def _columns(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str] | None:
    """``val_loss=holdout error`` as a curve and its column."""
    columns = {}
    for text in given:
        curve, equals, column = (part.strip() for part in text.partition("="))
        if not (curve and equals and column):
            raise click.BadParameter(
                f"{text!r} is not of the form NAME=COLUMN, as in val_loss='error on holdout'"
            )
        columns[curve] = column
    return columns or None


def _settings(
    ctx: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """``OPT308.gentler=5`` as a threshold of a rule."""
    settings: dict[str, dict[str, float]] = {}
    for text in given:
        place, _, value = (part.strip() for part in text.partition("="))
        code, _, threshold = place.partition(".")
        try:
            number = json.loads(value)
        except ValueError:
            number = None
        if not (code and threshold) or isinstance(number, bool) or not isinstance(number, int | float):
            raise click.BadParameter(
                f"{text!r} is not of the form CODE.threshold=number, as in OPT308.gentler=5"
            )
        settings.setdefault(code.upper(), {})[threshold] = number
    return settings


@click.command("diagnose", cls=FactCommand)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--model",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The Keras model that was trained (.keras, .h5, or the JSON of to_json), for its layers.",
)
@click.option(
    "--data",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The table it was trained and validated on, in the order in which it was split: for base rates, "
    "inputs and checks of the table. Needs --target.",
)
@click.option("--target", metavar="COLUMN", help="The column of --data to predict; it holds two labels.")
@click.option("--positive", metavar="LABEL", help="The label to look for in it. [default: the rarer one]")
@click.option(
    "--drop", metavar="COLUMN", multiple=True, help="A column of --data that was no input. Repeatable."
)
@click.option("--time", metavar="COLUMN", help="The column of --data with the time of a row.")
@click.option(
    "--group", metavar="COLUMN", help="The column of --data with the person or thing a row is about."
)
@click.option(
    "--predictions",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Probabilities of the validation rows: CSV or Parquet with a column of labels, 0 and 1, and one of "
    "probabilities. They tell a collapse from a threshold that does not fit.",
)
@click.option(
    "--train-predictions",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The same of training rows.",
)
@click.option(
    "--twin",
    metavar="LOG",
    type=click.Path(path_type=Path),
    help="The log of the same run, with the same seed, without callbacks that look into it.",
)
@click.option(
    "--column",
    "columns",
    metavar="NAME=COLUMN",
    multiple=True,
    callback=_columns,
    help="Read PATH as a table (CSV) in which this column is the curve NAME: loss, val_loss, val_auc, "
    "epoch, ... Repeatable.",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Read a pickle, too. No code in it is run, but a hostile one can use up memory and time.",
)
@click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    callback=codes,
    help="Tell only of these rules, by code or its beginning, as in CMP,OPT308, and answer no questions. "
    "Repeatable.",
)
@click.option(
    "--ignore", metavar="CODES", multiple=True, callback=codes, help="Tell of all but these. Repeatable."
)
@click.option(
    "--set",
    "settings",
    metavar="CODE.threshold=X",
    multiple=True,
    callback=_settings,
    help="Another threshold for a rule; `steelyard explain CODE` lists them. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.option(
    "--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0 instead, for code hosts and editors."
)
@click.option("-v", "--verbose", is_flag=True, help="Also tell what became of the rules that found nothing.")
@debug_option
@fact_options
def command(
    paths: tuple[Path, ...],
    model: Path | None,
    data: Path | None,
    target: str | None,
    positive: str | None,
    drop: tuple[str, ...],
    time: str | None,
    group: str | None,
    predictions: Path | None,
    train_predictions: Path | None,
    twin: Path | None,
    columns: dict[str, str] | None,
    trust: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    settings: dict[str, dict[str, float]],
    as_json: bool,
    as_sarif: bool,
    verbose: bool,
    said: Said,
) -> None:
    """Judge training logs: what is wrong, by which numbers, and what to change.

    PATH is a log of any framework, a folder of logs, a notebook, or a post or program as people write
    them, with the curves and the code around them in it; nothing in it is run. - reads standard input,
    such as console output that is pasted. Known are: run folders and studies of Steelyard; Keras
    history (JSON, CSV, pickle), CSVLogger, console output, KerasTuner; what a loop of one's own prints
    for each epoch; TensorBoard, Lightning, skorch, MLflow, W&B (offline), Optuna, Talos, scikit-learn,
    XGBoost and LightGBM, Hugging Face; and any table by --column.

    Several logs are judged one by one, and as a comparison if they can be compared. What a log does
    not say can be supplied by a file or a flag. `steelyard explain CODE` says more about a finding.

    Exit code: 0 if nothing is wrong, also when there are smells (ways of writing a run that often go
    wrong, and did no harm in this one); 1 if there are errors or warnings; 2 if the call has to be mended.

    \b
    Examples:
      steelyard diagnose runs/visits-1
      steelyard diagnose post.txt
      steelyard diagnose history.csv --positives 51800 --rows 1398766 --class-weight balanced
      steelyard diagnose history.json --model model.keras --data visits.csv --target bought --split tail
      steelyard diagnose metrics.csv --column loss=fit --column 'val_loss=error on holdout'
      pbpaste | steelyard diagnose -
    """
    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif exclude one another.")
    if (data is None) != (target is None):
        raise click.UsageError("--data and --target belong together: the table, and its column to predict.")
    if data is None and (positive, drop, time, group) != (None, (), None, None):
        raise click.UsageError("--positive, --drop, --time and --group are about the table of --data.")

    from steelyard.cli.diagnose_session import Case, judge, show
    from steelyard.finding import Severity

    table = None
    if data is not None and target is not None:
        table = Reading(data, target, positive=positive, drop=drop, time=time, group=group)
    judged = judge(
        Case(
            paths=paths,
            columns=columns,
            trust=trust,
            model=model,
            table=table,
            predictions=predictions,
            train_predictions=train_predictions,
            twin=twin,
            said=said,
        ),
        select=select,
        ignore=ignore,
        settings=settings,
    )
    show(judged, form="json" if as_json else "sarif" if as_sarif else "text", verbose=verbose)
    severities = {finding.severity for _, one in judged for finding in one.findings}
    if severities - {Severity.SMELL}:
        click.get_current_context().exit(FOUND)
