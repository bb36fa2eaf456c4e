"""The winner of a search: trained on all of its rows, judged once, and kept as a run of its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from steelyard.cli.diagnosing import diagnosed
from steelyard.cli.session import curves
from steelyard.cli.study_folder import WINNER, StudyFolder
from steelyard.data import Table
from steelyard.engine import instruction_set
from steelyard.facts import facts, mark_of_test_rows
from steelyard.store import Provenance, RunWriter, runs_scored_on
from steelyard.tuning.document import winner_document
from steelyard.tuning.events import Stage, Watcher
from steelyard.tuning.study import Study


def crowned(
    study: Study,
    table: Table,
    folder: StudyFolder,
    started: datetime,
    on_event: Watcher,
    threads: int | None,
    *,
    about_table: Mapping[str, str],
    ignored: Sequence[str],
) -> dict[str, Any] | None:
    """What is known of the winner; None if no trial is complete.

    ``about_table`` are the warnings about it, by code, ``ignored`` those codes that are not to be told of.
    If the same trial has won before, what was found then: the test rows are not read again.
    """
    if not study.ranking.entries:
        return None
    known = folder.earlier_winner(study.plan, study.best.number)
    if known is not None:
        return known
    on_event(Stage(f"training trial {study.best.number} on all rows of the search"))
    refitted = study.refit(table, threads=threads)
    assert refitted.winner is not None, "refit makes one"
    result = refitted.winner.result
    with RunWriter.numbered(folder.path, WINNER) as writer:
        earlier = runs_scored_on(folder.path, mark_of_test_rows(result))
        document, drawing = facts(result, (), earlier), curves(result)
        diagnosis = None
        try:
            diagnosis = diagnosed(result.logs, writer.folder, about_table, ignored)
        finally:  # whatever becomes of the diagnosis, the training is not lost
            run = writer.save(result, document, provenance(started), drawing, diagnosis)
    notes = refitted.notes[len(study.notes) :]
    return winner_document(refitted.winner, run=str(run), judged=refitted.judged, notes=notes)


def provenance(started: datetime) -> Provenance:
    """How this command came about, up to now."""
    return Provenance(
        command=("steelyard", *map(without_password, sys.argv[1:])),
        started=started,
        finished=datetime.now(UTC),
        instruction_set=instruction_set(),
    )


def without_password(text: str) -> str:
    """A URL as it may be written down.

    >>> without_password("postgresql://me:secret@db:5432/studies"), without_password("sqlite:///a.db")
    ('postgresql://me:***@db:5432/studies', 'sqlite:///a.db')
    """
    return re.sub(r"(://[^:@/]*):.*@", r"\1:***@", text)
