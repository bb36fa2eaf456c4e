"""One ``steelyard worker``: find the study, read its table, train until nothing is left."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.failure import INTERRUPTED, telling_warnings
from steelyard.cli.live_table import LiveTable
from steelyard.cli.options import reading_from_document
from steelyard.cli.reading import read
from steelyard.cli.search_tally import SearchTally
from steelyard.data import Table
from steelyard.errors import DataError, StudyError
from steelyard.study import Plan, TrialState
from steelyard.tuning.procedure import ExecutorName, join
from steelyard.tuning.search import Ending, sigterm_as_interrupt
from steelyard.tuning.storage import Progress, open_storage
from steelyard.tuning.storage.address import address_of


def conduct(
    url: str,
    name: str,
    *,
    data: Path | None,
    executor: ExecutorName,
    address: str | None,
    threads: int | None,
) -> None:
    """Does it. Exits with 130 after Ctrl-C, 143 after SIGTERM; what was in hand is given back."""
    _must_exist(url)
    with sigterm_as_interrupt(), telling_warnings(), open_storage(url) as storage:
        store = storage.load(name)
        progress = store.progress()
        if progress.finished >= progress.target:
            click.echo(f"{name}: all {progress.target:,} trials are finished", err=True)
            return
        table = _table_of(store.plan, name, data)
        tally = SearchTally(
            store.plan,
            progress.target,
            [trial for trial in store.trials() if trial.state is not TrialState.RUNNING],
        )
        click.echo(f"{name}: {progress.finished:,} of {progress.target:,} trials are finished", err=True)
        with LiveTable(tally) as live:
            ending = join(table, store, executor=executor, address=address, threads=threads, on_event=live)
        click.echo(_told(name, store.progress(), ending), err=True)
        if ending is Ending.INTERRUPTED:
            click.get_current_context().exit(INTERRUPTED)


def _must_exist(url: str) -> None:
    """A worker makes no database: there would be no study in it."""
    address = address_of(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        raise StudyError(
            f"{address.database}: there is no such file",
            help="name the one that `steelyard tune` made: runs/NAME/study.sqlite3 unless --storage said "
            "otherwise",
        )


def _table_of(plan: Plan, name: str, data: Path | None) -> Table:
    """The table of the study, read as `steelyard tune` did."""
    if not plan.reading:
        raise StudyError(
            f"study {name!r} was begun from Python, so that how to read its table is not known",
            help="call steelyard.tune with the same arguments, storage and study to help with it",
        )
    reading = reading_from_document(plan.reading, data)
    try:
        return read(reading)
    except DataError as error:
        if data is not None or reading.data.exists():
            raise
        raise DataError(
            *error.problems, help="--data PATH says where the table lies on this machine"
        ) from None


def _told(name: str, progress: Progress, ending: Ending) -> str:
    if ending is Ending.INTERRUPTED:
        return (
            f"\ninterrupted: {progress.finished:,} of {progress.target:,} trials of {name} are finished; "
            "what this worker had in hand is left to others, and the same command helps again"
        )
    return (
        f"{name}: all {progress.target:,} trials are finished; `steelyard tune` with the same arguments "
        "shows the results"
    )
