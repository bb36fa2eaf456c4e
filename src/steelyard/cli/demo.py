"""``steelyard demo``: the whole way on a generated table."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.failure import debug_option


@click.command("demo")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder for the generated file and the run.",
)
@debug_option
def command(out: Path) -> None:
    """Generate a table, train on it and print the summary.

    The table is invented: visits to a web shop of which one in twenty ends in a purchase. It is written
    as a CSV file, so that you can look at it and try the other commands on it.
    """
    from steelyard.cli.options import Reading
    from steelyard.cli.output import writing
    from steelyard.cli.session import Assignment, conduct
    from steelyard.datasets import write_web_shop_visits

    data = out / "web-shop-visits.csv"
    with writing(data, make_folder=True) as draft:
        write_web_shop_visits(draft)
    click.echo(f"$ steelyard train {data} --target bought --out {out}")
    conduct(Assignment(Reading(data, target="bought"), out=out))
