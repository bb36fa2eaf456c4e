"""``steelyard worker``: helps with a study that was begun elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from steelyard.cli.failure import debug_option
from steelyard.cli.options import executor_options, threads_option

if TYPE_CHECKING:
    from steelyard.tuning.procedure import ExecutorName


@click.command("worker")
@click.argument("storage")
@click.argument("study")
@click.option(
    "--data",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Where the table lies on this machine. [default: where `steelyard tune` read it]",
)
@executor_options
@threads_option
@debug_option
def command(
    storage: str,
    study: str,
    data: Path | None,
    executor: ExecutorName,
    address: str | None,
    threads: int | None,
) -> None:
    """Train trials of STUDY in STORAGE until none is left.

    STORAGE and STUDY are what `steelyard tune` was given, or said. Any number of workers may share a
    study, on one machine or on many that reach the same PostgreSQL database; all results are kept there,
    and `steelyard tune` shows them. The table is read as it was there and must have the same content.

    A worker may come and go at any time: what it had not finished is trained again by another one.

    \b
    Examples:
      steelyard worker runs/bank-tune/study.sqlite3 bank-tune
      steelyard worker postgresql://me@db/studies bank-tune --data /data/bank.csv
    """
    from steelyard.cli.worker_session import conduct

    conduct(storage, study, data=data, executor=executor, address=address, threads=threads)
