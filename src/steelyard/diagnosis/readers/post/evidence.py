"""All that a document shows, each with its place: code, curves, tables, counts, console output, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.post.claims import Claim, claims
from steelyard.diagnosis.readers.post.counts import ClassCounts, ClassShare, class_counts, class_shares
from steelyard.diagnosis.readers.post.document import Document, without
from steelyard.diagnosis.readers.post.following import program
from steelyard.diagnosis.readers.post.histories import curves_of, names_a_curve, numbers
from steelyard.diagnosis.readers.post.pasted import PastedRun, pasted_runs
from steelyard.diagnosis.readers.post.program import Program
from steelyard.diagnosis.readers.post.results import PrintedDecisions, printed_decisions
from steelyard.diagnosis.readers.post.samples import Sample, sample_of
from steelyard.diagnosis.readers.post.statements import statements
from steelyard.diagnosis.readers.post.tables import PrintedTable, printed_tables
from steelyard.diagnosis.readers.post.trials import ScoredTrials, is_a_history, scored_trials

_MOST_EPOCHS = 10**7


@dataclass(frozen=True, eq=False)
class Curves:
    """Curves by their names in the text, which starts at ``start``; ``how`` says what they were read from,
    ``epochs`` of which epochs they are, int64 (epochs,); None: of all in their order."""

    curves: Mapping[str, NDArray[np.float64]]
    start: int
    how: str
    epochs: NDArray[np.int64] | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was found in a document; every part in the order of the text. ``words`` is the text without what
    was understood as something else. ``inputs`` is the number of inputs as words or sample rows tell it,
    with where."""

    program: Program
    curves: tuple[Curves, ...]
    runs: tuple[PastedRun, ...]
    tables: tuple[PrintedTable, ...]
    scored: tuple[ScoredTrials, ...]
    counts: tuple[ClassCounts, ...]
    shares: tuple[ClassShare, ...]
    decisions: tuple[PrintedDecisions, ...]
    claims: tuple[Claim, ...]
    sample: Sample | None
    inputs: int | None
    inputs_origin: str
    words: str


def evidence(document: Document) -> Evidence:
    """Everything that can be found in the document."""
    read = program(
        one
        for one in statements(document.only("code", "mixed", "output"))
        if document.kind(one.start) != "output" or one.kind in ("literal", "call")
    )
    shown = document.only("output", "mixed", "prose")
    runs = tuple(pasted_runs(shown))
    tables = tuple(printed_tables(shown))
    scored = tuple(scored_trials(shown))
    counts = tuple(sorted(class_counts(shown), key=lambda one: one.start))
    shares = tuple(class_shares(shown))
    decisions = tuple(printed_decisions(document.text))
    finds: list[PastedRun | PrintedTable | ScoredTrials | ClassCounts | ClassShare | PrintedDecisions] = [
        *runs,
        *tables,
        *scored,
        *counts,
        *shares,
        *decisions,
    ]
    spans = [*read.spans, *((one.start, one.end) for one in finds)]
    words = without(document.only("prose", "mixed", "output"), spans)
    said = tuple(claims(words))
    inputs = next((one for one in said if one.fact == "inputs"), None)
    stated = None if inputs is None else int(float(inputs.value))
    samples = (sample_of(one.value, words, stated) for one in read.data)
    sample = next((one for one in samples if one is not None), None)
    origin = "" if inputs is None else inputs.quote
    if stated is None and sample is not None and sample.labels is not None:
        stated, origin = len(sample.features), sample.how
    return Evidence(
        read,
        tuple(sorted((*_curves(read), *_listed(read), *_framed(tables)), key=lambda one: one.start)),
        runs,
        tables,
        scored,
        counts,
        shares,
        decisions,
        said,
        sample,
        stated,
        origin,
        words,
    )


def _curves(read: Program) -> list[Curves]:
    """Dicts of lists."""
    found: list[Curves] = []
    for one in read.data:
        curves = curves_of(one.value)
        if curves is not None:
            found.append(Curves(curves, one.start, "a history dict in the text"))
    return found


def _listed(read: Program) -> list[Curves]:
    """Lists that were assigned to names of curves (``val_loss = [0.3, 0.2]``) or follow the print of one; all
    of them are one history."""
    curves: dict[str, NDArray[np.float64]] = {}
    start = -1
    for one in read.data:
        name = one.name.rpartition(".")[2]
        known = names_a_curve(name) or name.lower() in ("acc", "accuracy", "train_acc", "train_accuracy")
        values = numbers(one.value) if known else None
        if values is not None and len(values) > 1:
            start = one.start if start < 0 else start
            curves.setdefault(name, values)
    return [Curves(curves, start, "lists in the text")] if any(map(names_a_curve, curves)) else []


def _framed(tables: tuple[PrintedTable, ...]) -> list[Curves]:
    """Frames with a row for each epoch, where all of their rows are shown."""
    found: list[Curves] = []
    for table in tables:
        if is_a_history(table) and table.rows in (None, table.shown):
            curves = {name: numbers([_value(one) for one in cells]) for name, cells in table.cells.items()}
            kept = {name: one for name, one in curves.items() if one is not None and name != "epoch"}
            if kept:
                epochs = _epochs(table.cells.get("epoch"))
                found.append(Curves(kept, table.start, "a printed table of epochs", epochs))
    return found


def _epochs(cells: Sequence[str] | None) -> NDArray[np.int64] | None:
    """The epochs that a column names, counted from 1; None if it does not count."""
    named = numbers([_value(one) for one in cells or ()])
    if named is None or not ((named >= 0) & (named < _MOST_EPOCHS) & (named == np.floor(named))).all():
        return None
    return named.astype(np.int64) + (named[0] == 0) if (np.diff(named) > 0).all() else None


def _value(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
