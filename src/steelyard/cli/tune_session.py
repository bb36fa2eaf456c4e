"""One ``steelyard tune``: read, plan, tell what it costs, search, save, tell."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from steelyard.cli.failure import INTERRUPTED, Interrupted, telling_warnings
from steelyard.cli.live_table import LiveTable
from steelyard.cli.options import Alterations, Reading, reading_to_document
from steelyard.cli.pruning_option import pruning_of
from steelyard.cli.reading import (
    known_codes,
    network_of,
    read,
    recipe_of,
    warn_of_findings,
    way_of,
)
from steelyard.cli.search_tally import SearchTally
from steelyard.cli.session import data_name
from steelyard.cli.study_charts import charts_of
from steelyard.cli.study_diagnosis import judged_study
from steelyard.cli.study_folder import StudyFolder
from steelyard.cli.text import duration
from steelyard.cli.tune_preview import preview, preview_document, seconds_left
from steelyard.cli.tune_summary import study_summary
from steelyard.cli.winner_run import crowned, provenance
from steelyard.data import Split, Table
from steelyard.recipe import Recipe
from steelyard.store.environment import environment
from steelyard.study import Plan, Pruning, SamplerName, Space, TrialState
from steelyard.tuning.document import study_document
from steelyard.tuning.draft import Draft, draft
from steelyard.tuning.duration import seconds_of
from steelyard.tuning.evaluation import parts_of
from steelyard.tuning.home import Home
from steelyard.tuning.procedure import ExecutorName
from steelyard.tuning.procedure import conduct as search_on
from steelyard.tuning.search import Ending, sigterm_as_interrupt
from steelyard.tuning.space import space_from
from steelyard.tuning.storage import StudyStore
from steelyard.tuning.storage.address import address_of

LONG = 3600.0
"""A search of more seconds than that is begun only after a question, in a terminal."""

_FEW_POSITIVES = "D107"
"""Of a search, T106 tells what too few positives mean."""


@dataclass(frozen=True)
class Search:
    """What ``steelyard tune`` was asked to do: its arguments, by their names there."""

    reading: Reading
    space: str
    sampler: SamplerName | None
    trials: int | None
    folds: int
    seeds: int
    metrics: tuple[str, ...]
    prune: tuple[str, ...]
    test_share: float
    budget: str | None
    recipe_file: Path | None
    alterations: Alterations
    seed: int
    name: str | None
    storage: str | None
    out: Path
    executor: ExecutorName
    address: str | None
    batch: int | None
    threads: int | None


@dataclass(frozen=True)
class Request:
    """What the options mean, as far as that can be said without the table."""

    folder: StudyFolder
    home: Home
    recipe: Recipe
    space: Space
    pruning: tuple[Pruning, ...]
    budget: float | None
    until: float | None
    """When no batch is begun any more, by :func:`time.monotonic`."""
    is_there: bool
    """Is there a database already, which may be looked into?"""
    started: datetime

    @property
    def name(self) -> str:
        """Of the study."""
        return self.folder.path.name


def conduct(search: Search, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Does it, and prints tables or one JSON object on standard output.

    What can be wrong comes first: options, space, recipe, data, the study that is there. Nothing is written
    before the search begins. Exits with 130 after Ctrl-C, 143 after SIGTERM; the study goes on from there.
    """
    with sigterm_as_interrupt(), telling_warnings() as warnings, ExitStack() as resources:
        request = request_of(search)
        table = read(search.reading)
        storage = resources.enter_context(request.home.open()) if request.is_there else None
        begun = None if storage is None else storage.find(request.name)
        finished = 0 if begun is None else begun.progress().finished
        drafted = _draft(search, request, table, begun, finished)
        if dry_run:
            _tell_cost(request.name, drafted, finished, as_json=as_json)
            return
        about_table = _warn(search.reading, table, drafted.plan)
        click.echo(preview(request.name, drafted, finished), err=True)
        if not (yes or _is_wanted(drafted, finished)):
            click.echo("nothing was begun", err=True)
            return
        request.folder.claim()
        if storage is None:
            storage = resources.enter_context(request.home.open())
        store = storage.create_or_load(request.name, drafted.plan, drafted.trials)
        document = _search(search, request, table, store, drafted, warnings, about_table)
        if as_json:
            told = {"folder": str(request.folder.path), **document}
            click.echo(json.dumps(told, indent=2, allow_nan=False))
        else:
            click.echo(study_summary(document, request.folder.path))
        if document["status"] == Ending.INTERRUPTED:
            click.get_current_context().exit(INTERRUPTED)


def request_of(search: Search) -> Request:
    """Raises for every option that makes no sense by itself."""
    name = search.name or f"{data_name(search.reading.data)}-tune"
    folder = StudyFolder(search.out, name)
    budget = None if search.budget is None else seconds_of(search.budget)
    known_codes(search.reading.ignore)
    return Request(
        folder=folder,
        home=Home(folder.database if search.storage is None else search.storage),
        recipe=recipe_of(search.recipe_file, search.alterations, network_of(search.alterations)),
        space=space_from(search.space),
        pruning=tuple(map(pruning_of, search.prune)),
        budget=budget,
        until=None if budget is None else time.monotonic() + budget,
        is_there=folder.database.exists() if search.storage is None else _exists(search.storage),
        started=datetime.now(UTC),
    )


def _exists(storage: str) -> bool:
    """Of a server, the database must be there; looking into a file that is not would make it."""
    address = address_of(storage)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").exists()


def _draft(search: Search, request: Request, table: Table, begun: StudyStore | None, finished: int) -> Draft:
    """The plan; its cost is measured if there is something left to train."""
    wanted = search.trials
    if begun is not None:  # which keeps all trials that it was to have
        wanted = max(wanted or 0, begun.target())
    drafted = draft(
        table,
        request.space,
        recipe=request.recipe,
        sampler=search.sampler,
        trials=wanted,
        folds=search.folds,
        seeds=search.seeds,
        metrics=search.metrics,
        prune=request.pruning,
        by=way_of(search.reading),
        test_share=search.test_share,
        seed=search.seed,
        budget=request.budget,
        threads=search.threads,
        batch=search.batch,
        reading=reading_to_document(search.reading),
        begun=begun,
        measure=wanted is None or finished < wanted,
    )
    if search.trials is not None and search.trials < drafted.trials:
        note = (
            f"this study was to have {drafted.trials:,} trials, and it keeps them; --study begins another one"
        )
        drafted = dataclasses.replace(drafted, notes=(*drafted.notes, note))
    return drafted


def _tell_cost(name: str, drafted: Draft, finished: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(preview_document(name, drafted, finished), indent=2, allow_nan=False))
    else:
        click.echo(preview(name, drafted, finished))


def _warn(reading: Reading, table: Table, plan: Plan) -> dict[str, str]:
    """Warns of what can be seen before training, on the last fold: of rows in order it has the most.

    Returns all of it, by code.
    """
    parts = parts_of(table, plan)
    last = parts.splits[-1]
    split = Split(last.train, last.validation, parts.test, parts.method)
    assert plan.recipe is not None, "what is searched in a table are recipes"
    ignored = (*reading.ignore, _FEW_POSITIVES)
    return warn_of_findings(ignored, table, split, plan.recipe.imbalance.resampling)


def _is_wanted(drafted: Draft, finished: int) -> bool:
    """Asks, if it would take long and there is somebody to ask."""
    seconds = seconds_left(drafted, finished)
    if seconds is None or seconds < LONG or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    try:
        return click.confirm(f"Begin a search of up to {duration(seconds)}?", default=True, err=True)
    except click.Abort:
        raise KeyboardInterrupt from None


def _search(
    search: Search,
    request: Request,
    table: Table,
    store: StudyStore,
    drafted: Draft,
    warnings: Sequence[str],
    about_table: Mapping[str, str],
) -> dict[str, Any]:
    """Trains what is left and the winner, writes the folder, and returns the document.

    ``warnings`` are all that were told, ``about_table`` those about the table, by code.
    """
    ignored = search.reading.ignore
    known = [trial for trial in store.trials() if trial.state is not TrialState.RUNNING]
    tally = SearchTally(store.plan, store.target(), known, seconds_left(drafted, len(known)))
    with LiveTable(tally) as live:
        try:
            study = search_on(
                table,
                store,
                request.home,
                executor=search.executor,
                address=search.address,
                threads=search.threads,
                until=request.until,
                refit=False,
                notes=drafted.notes,
                on_event=live,
            )
        except KeyboardInterrupt:
            raise Interrupted(
                "interrupted before any trial was finished; the same command begins again"
            ) from None
        winner = None
        if study.ending is not Ending.INTERRUPTED:
            try:
                winner = crowned(
                    study,
                    table,
                    request.folder,
                    request.started,
                    live,
                    search.threads,
                    about_table=about_table,
                    ignored=ignored,
                )
            except KeyboardInterrupt:
                study = dataclasses.replace(study, ending=Ending.INTERRUPTED)
    importance = study.importance()
    document = study_document(study, table, importance, winner=winner, warnings=warnings)
    around = environment(provenance(request.started), source=table.source, fingerprint=table.fingerprint)
    charts = charts_of(study, importance)
    try:
        document["diagnosis"] = judged_study(study, table, request.folder.path, about_table, ignored)
    finally:  # whatever becomes of the diagnosis, the results are not lost
        request.folder.write({**document, "environment": around}, study.table, charts)
    return document
