"""``steelyard show``: the summary of a run or a study again, from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from steelyard.cli.failure import debug_option


@click.command("show")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the run's metrics.json, with its place as `run` and its findings as `diagnosis`; of a study "
    "its results.json.",
)
@debug_option
def command(run: Path, as_json: bool) -> None:
    """Print the summary of RUN, a run folder or the folder of a study, again."""
    from steelyard.cli.study_folder import study_results

    study = study_results(run)
    if study is not None:
        from steelyard.cli.tune_summary import study_summary

        told = study_summary(study, run) if not as_json else _json({"folder": str(run), **study})
    else:
        from steelyard.cli.summary import summary
        from steelyard.store import load_diagnosis, load_facts

        facts, diagnosis = load_facts(run), load_diagnosis(run)
        told = (
            summary(facts, run, diagnosis)
            if not as_json
            else _json({"run": str(run), **facts, "diagnosis": diagnosis})
        )
    click.echo(told)


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, allow_nan=False)
