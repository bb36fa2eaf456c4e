"""The course of a diagnosis: logs read, what is known besides them added, all judged, the outcome shown."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import click

from steelyard.cli import terminal
from steelyard.cli.diagnose_facts import Said, facts_of
from steelyard.cli.options import Reading
from steelyard.diagnosis.diagnosis import Diagnosis, diagnosis_of
from steelyard.diagnosis.document import document_of
from steelyard.diagnosis.readers import keras_model, read
from steelyard.diagnosis.readers.enriching import with_facts
from steelyard.diagnosis.said import told
from steelyard.diagnosis.sarif import sarif_of
from steelyard.diagnosis.text import amounts, clean, text_of
from steelyard.diagnosis.together import log_of_runs
from steelyard.diagnosis.wording import counted
from steelyard.errors import DataError
from steelyard.log import Facts, Log, Predictions

STANDARD_INPUT = Path("-")
_PASTED = "standard input"
_OPTION = {"validation": "--predictions", "train": "--train-predictions"}


@dataclass(frozen=True)
class Case:
    """What there is to judge, and what is known of it besides."""

    paths: tuple[Path, ...]
    columns: Mapping[str, str] | None
    trust: bool
    model: Path | None
    table: Reading | None
    predictions: Path | None
    train_predictions: Path | None
    twin: Path | None
    said: Said


Judged = Sequence[tuple[Path, Diagnosis]]
"""Each diagnosis with the path, as it was given, under which its log was found."""


def judge(
    case: Case,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    settings: Mapping[str, Mapping[str, float]],
) -> Judged:
    """Every log of a case, and last the comparison of them all, if they can be compared.

    :class:`~steelyard.errors.DataError` names every path that is no log, and every file that is not what its
    flag says.
    """
    read_logs = _logs(case)
    model = None if case.model is None else _model(case.model)
    add_table = _adding_table(case.table)
    predictions = dict(_predictions(case, len(read_logs)))
    twin = None if case.twin is None else _only_log(case.twin, case.trust)
    logs = [(path, add_table(_enriched(log, case.said, model, predictions))) for path, log in read_logs]
    together = log_of_runs([log for _, log in logs])
    if together is not None:
        logs.append((case.paths[0], together))
    reasons = dict.fromkeys(ignore, "--ignore")
    judged = [
        (path, diagnosis_of(log, twin=twin, select=select, ignore=reasons, settings=settings))
        for path, log in logs
    ]
    # Answers rest on all rules; who asks for some wants these alone.
    return [(path, replace(one, answers=())) for path, one in judged] if select else judged


def show(judged: Judged, *, form: Literal["text", "json", "sarif"], verbose: bool) -> None:
    """Prints all diagnoses on standard output."""
    match form:
        case "json":
            document = {"diagnoses": [{"path": str(path), **document_of(one)} for path, one in judged]}
            click.echo(json.dumps(document, indent=2, allow_nan=False))
        case "sarif":
            from steelyard.store.environment import version_of  # slow to load

            click.echo(
                json.dumps(sarif_of(judged, version=version_of("steelyard")), indent=2, allow_nan=False)
            )
        case "text":
            width, colour = terminal.width(), terminal.colour()
            texts = [text_of(one, width=width, colour=colour, all_results=verbose) for _, one in judged]
            if len(judged) > 1:
                texts.append(_closing([one for _, one in judged]))
            click.echo("\n\n\n".join(texts))


def _closing(diagnoses: Sequence[Diagnosis]) -> str:
    """Of many logs, in which what was found: a line for each that has something."""
    found = [(clean(one.source), amounts(one.findings)) for one in diagnoses if one.findings]
    sound = len(diagnoses) - len(found)
    lines = [f"{source}: {what}" for source, what in found]
    lines.append(f"{len(diagnoses):,} judged, {sound or 'none'} of them without findings")
    return "\n".join(lines)


def _logs(case: Case) -> list[tuple[Path, Log]]:
    """Of all paths; what is wrong with any of them is told at once."""
    found: list[tuple[Path, Log]] = []
    problems: list[str] = []
    help = ""
    for path in dict.fromkeys(case.paths):
        try:
            logs = (
                _pasted(case)
                if path == STANDARD_INPUT
                else read(path, trust=case.trust, columns=case.columns)
            )
            if any(log.folder is not None for log in logs):
                from steelyard.doctor.saved_predictions import with_saved_predictions  # slow to load

                logs = with_saved_predictions(logs)
            found += [(path, log) for log in logs]
        except DataError as error:
            problems += error.problems
            help = help or error.help
    if problems:
        raise DataError(*problems, help=help)
    return found


def _pasted(case: Case) -> tuple[Log, ...]:
    """The logs in standard input, which becomes a file for as long as it is read."""
    if sys.stdin.isatty():
        click.echo("paste the log, then end it with Ctrl-D on a line of its own", err=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.write_bytes(sys.stdin.buffer.read())
        try:
            logs = read(path, columns=case.columns)
        except DataError as error:
            problems = (problem.replace(str(path), _PASTED) for problem in error.problems)
            raise DataError(*problems, help=error.help) from None
    return tuple(replace(log, source=log.source.replace(str(path), _PASTED)) for log in logs)


def _model(path: Path) -> Facts:
    try:
        return keras_model.facts_of(path)
    except OSError as error:
        raise DataError(f"--model: {path} cannot be read: {error.strerror or error}") from error


def _predictions(case: Case, logs: int) -> Iterator[tuple[str, Predictions]]:
    """By the part whose rows they are of."""
    for part, path in (("validation", case.predictions), ("train", case.train_predictions)):
        if path is None:
            continue
        from steelyard.cli.diagnose_predictions import read_predictions  # few need polars

        option = _OPTION[part]
        if logs != 1:
            raise DataError(
                f"{option}: {path} belongs to one log, but {logs} were found",
                help="diagnose the logs one by one",
            )
        yield part, read_predictions(path, option)


def _only_log(path: Path, trust: bool) -> Log:
    logs = read(path, trust=trust)
    if len(logs) != 1:
        raise DataError(
            f"--twin: {path} holds {len(logs)} logs", help="name the one file that is the log of the twin"
        )
    return logs[0]


def _adding_table(reading: Reading | None) -> Callable[[Log], Log]:
    """What adds to a log what its table tells; the table is read once."""
    if reading is None:
        return lambda log: log
    from steelyard.cli.reading import read as read_table  # few need it, and it loads scikit-learn
    from steelyard.doctor.table_facts import with_table

    table = read_table(reading)
    return lambda log: with_table(log, table)


def _enriched(log: Log, said: Said, model: Facts | None, predictions: Mapping[str, Predictions]) -> Log:
    """A log with all that is known besides it: what a person says counts most, then the model's file."""
    if model is not None:
        log = with_facts(log, model, over=True)
    log = told(log, facts_of(said), l2=said.l2, dropout=said.dropout)
    _check_counts(log)
    for part, found in predictions.items():
        log = _with_predictions(log, part, found)
    return log


def _check_counts(log: Log) -> None:
    """A flag may give positives where the log gives rows, and the other way round."""
    for part, flag in (("validation", ""), ("train", "-train")):
        rows, positives = (getattr(log.facts, f"{name}_{part}") for name in ("rows", "positives"))
        if rows is not None and positives is not None and positives > rows:
            where = log.facts.origins.get(f"rows_{part}", "the log")
            raise DataError(
                f"{log.source}: {positives:,} positives are more than the {counted(rows, f'{part} row')} of "
                f"{where}",
                help=f"--positives{flag} and --rows{flag} are of the {part} rows alone",
            )


def _with_predictions(log: Log, part: str, found: Predictions) -> Log:
    """Validation rows are all there, so they are counted by them; of training rows some will do."""
    if part == "validation":
        rows, given = log.facts.rows_validation, len(found.target)
        if rows is not None and rows != given:
            raise DataError(
                f"--predictions: {counted(given, 'row')}, but {counted(rows, 'validation row')} are known of",
                help="give the validation rows, all of them and no others",
            )
        origin = dict.fromkeys(("rows_validation", "positives_validation"), "--predictions")
        positives = int(found.target.sum())
        log = with_facts(log, Facts(rows_validation=given, positives_validation=positives, origins=origin))
    return replace(log, predictions={**log.predictions, part: found})
