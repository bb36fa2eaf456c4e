"""``steelyard runs``: what has been trained so far."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from steelyard.cli.failure import debug_option
from steelyard.cli.text import WIDTH, columns, number, percent

if TYPE_CHECKING:
    from steelyard.store import RunEntry

DEFAULT = Path("runs")
"""Where runs are kept unless ``--out`` says otherwise."""


@click.command("runs")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=DEFAULT)
@debug_option
def command(folder: Path) -> None:
    """List the runs in DIR (default: runs), the newest first.

    A run that was killed before it was saved is shown as unfinished, one whose files are missing or
    cannot be read as damaged.
    """
    if folder == DEFAULT and not folder.exists():
        click.echo(f"no runs here yet: `steelyard train` puts them into {DEFAULT}")
        return

    from steelyard.store import list_runs

    entries = list_runs(folder)
    if not entries:
        click.echo(f"no runs in {folder}")
        return
    now = time.time()
    header = ("run", "status", "rows", "base rate", "ROC AUC", "avg. prec.", "log loss", "age")
    lines = [
        (str(entry.folder), *_told(entry.facts, str(entry.state)), age(now - entry.modified))
        for entry in entries
    ]
    click.echo(columns([header, *lines], left=2))
    for entry in entries:
        if entry.problem:
            click.echo(f"{entry.folder}: {entry.problem}")
    if any(entry.facts is not None for entry in entries):
        click.echo("\nScores are those of the test rows. One run: steelyard show RUN")
        for note in _shared_test_rows(entries):
            click.echo(fill(note, WIDTH))


def _shared_test_rows(entries: Sequence[RunEntry]) -> Iterator[str]:
    """Which runs must not be chosen between by their scores on test rows, since they have these in common."""
    from steelyard.store import mark_of

    by_mark: dict[str, int] = {}
    for entry in entries:
        if entry.facts is not None and (mark := mark_of(entry.facts)):
            by_mark[mark] = by_mark.get(mark, 0) + 1
    most = max(by_mark.values(), default=0)
    if most > 1:
        yield (
            f"{most} of them were scored on the same test rows: the best of them looks better than it is. "
            "Choose by validation rows."
        )


def _told(facts: Mapping[str, Any] | None, state: str) -> tuple[str, ...]:
    if facts is None:
        return (state, *[""] * 5)
    scores = facts["scores"].get("test", {})
    return (
        facts["status"].replace("_", " "),
        f"{facts['data']['rows']:,}",
        percent(facts["data"]["base_rate"]),
        *(number(scores.get(name)) for name in ("roc_auc", "average_precision", "log_loss")),
    )


def age(seconds: float) -> str:
    """A duration in its largest unit.

    >>> age(7), age(200), age(8000), age(200_000)
    ('7 s', '3 min', '2 h', '2 days')
    """
    seconds = max(seconds, 0.0)
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {'day' if unit == 'days' and count == 1 else unit}"
    return f"{int(seconds)} s"
