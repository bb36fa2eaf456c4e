"""``steelyard show``: the summary of a run again, from its folder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steelyard.cli.failure import debug_option


@click.command("show")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print the run's metrics.json, with its place as `run`."
)
@debug_option
def command(run: Path, as_json: bool) -> None:
    """Print the summary of RUN, a run folder, again."""
    from steelyard.cli.summary import summary
    from steelyard.store import load_facts

    facts = load_facts(run)
    if as_json:
        click.echo(json.dumps({"run": str(run), **facts}, indent=2, allow_nan=False))
    else:
        click.echo(summary(facts, run))
