"""From what was found in a document to a log for each training and each search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import numpy as np

from steelyard.diagnosis.readers import printed as printed_lines
from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.assembling import Column, Points, history_of_points, history_of_uneven
from steelyard.diagnosis.readers.enriching import with_facts
from steelyard.diagnosis.readers.post.anchors import Anchor, Own, anchors_of, is_pytorch
from steelyard.diagnosis.readers.post.classes import without_positives
from steelyard.diagnosis.readers.post.decided import put_decided_rows, with_decisions
from steelyard.diagnosis.readers.post.document import Document
from steelyard.diagnosis.readers.post.evidence import Evidence, evidence
from steelyard.diagnosis.readers.post.printed_rows import put_printed_rows
from steelyard.diagnosis.readers.post.program import Search, Training
from steelyard.diagnosis.readers.post.said_facts import put_balanced_weights, put_counts, put_said
from steelyard.diagnosis.readers.post.search_facts import put_search, put_searched_rows
from steelyard.diagnosis.readers.post.sheet import FactSheet
from steelyard.diagnosis.readers.post.training_facts import put_fit, put_network, put_rows
from steelyard.diagnosis.readers.post.trials import asked_trials, is_a_search, scored_table, trial_table
from steelyard.diagnosis.readers.post.values import ABSENT, Name
from steelyard.history import History
from steelyard.log import Log, TrialTable

_CHOOSING = re.compile(
    r"\b(?:choice|choose|chose|chosen|best|select\w{0,5}|pick\w{0,3}|maximi[sz]\w{0,4})\b", re.I
)
_MOST_HISTORIES = 100
"""Of one training; the first are read."""
_SENTENCE_END = re.compile(r"[.!?]\s|\n")


def logs_of(document: Document, format: str) -> tuple[Log, ...]:
    """A log for each training and each search of the document, in its order; () if it shows none."""
    found = evidence(document)
    anchors = anchors_of(found)
    logs: list[Log] = []
    for anchor in anchors:
        logs.extend(map(without_positives, _logs_of_one(document, found, anchors, anchor, format)))
    if all(log.history is None and log.trials is None for log in logs):
        logs = _with_printed_lines(document, logs, format)
    return _with_shared_rows(tuple(logs), anchors) if len(logs) == len(anchors) else tuple(logs)


def _with_printed_lines(document: Document, logs: list[Log], format: str) -> list[Log]:
    """The curves that a loop of one's own prints, with what the code and the words around it tell, where that
    is of one training."""
    printed = printed_lines.logs_in(document.text.splitlines(), document.source)
    if not printed:
        return logs
    if len(logs) != 1:
        return [replace(log, format=format) for log in printed]
    return [
        replace(with_facts(log, logs[0].facts), format=format, notes=(*logs[0].notes, *log.notes))
        for log in printed
    ]


def _logs_of_one(
    document: Document, found: Evidence, anchors: list[Anchor], anchor: Anchor, format: str
) -> Iterable[Log]:
    own = Own(found, anchors, anchor)
    sheet = FactSheet()
    notes: list[str] = []
    _put_framework(sheet, found)
    varied: set[str] = set()
    if isinstance(anchor, Training):
        _put_training(sheet, found, anchor, notes)
    elif isinstance(anchor, Search):
        varied = put_search(sheet, found, anchor, notes)
    elif found.program.networks:
        network = found.program.networks[-1]
        put_network(sheet, network, found.inputs, sheet["framework"] == "keras 1")
    for run in own.runs:
        put_printed_rows(sheet, run, anchor)
        sheet.put("planned_epochs", run.planned_epochs, "Epoch 1/...")
    if isinstance(anchor, Search):
        put_searched_rows(sheet, found, anchors, anchor)
    judged = put_decided_rows(sheet, own.decisions, anchor, notes)
    put_said(sheet, found, own, varied, notes)
    put_counts(sheet, found)
    put_balanced_weights(sheet, anchor)
    if found.sample is not None:
        sheet.put("features", found.sample.features, found.sample.how)
        _note_on_labels(found, notes)
    if is_pytorch(found):
        notes.append(
            "the code is PyTorch's: its network, loss and optimizer are not read; name them by flags"
        )
    source = document.source
    if anchor is not None and (place := document.place(anchor.start) or _place_among(anchors, anchor)):
        source = f"{source}, {place}"
    trials = _trials(found, own, anchor, notes)
    histories = list(islice(_histories(own, sheet, notes), _MOST_HISTORIES))
    if judged is not None and len(histories) < 2 and isinstance(anchor, Training):
        ended = with_decisions(histories[0] if histories else None, judged, sheet.facts, notes)
        histories = [ended] if ended is not None else []
    yield Log(
        source,
        format,
        history=histories[0] if histories else None,
        facts=sheet.facts,
        trials=trials,
        notes=tuple(notes),
    )
    for number_, history in enumerate(histories[1:], start=2):
        note = f"history {number_} after the same code: facts of the code may be those of another run"
        yield Log(f"{source}, history {number_}", format, history, sheet.facts, notes=(*notes, note))


def _place_among(anchors: list[Anchor], anchor: Anchor) -> str:
    """``search`` or ``training 2`` where the text shows several; empty if it shows one."""
    if len(anchors) == 1:
        return ""
    like = [one for one in anchors if isinstance(one, Search) is isinstance(anchor, Search)]
    kind = "search" if isinstance(anchor, Search) else "training"
    return kind if len(like) == 1 else f"{kind} {like.index(anchor) + 1}"


def _put_framework(sheet: FactSheet, found: Evidence) -> None:
    for claim in found.claims:
        if claim.fact == "framework":
            sheet.put("framework", claim.value, claim.quote)
    calls = [one.call for one in found.program.trainings]
    given = [*(call.keywords for call in calls), *(one.settings for one in found.program.networks)]
    if any("nb_epoch" in one for one in given):
        sheet.put("framework", "keras 1", "nb_epoch=")
    for run in found.runs:
        sheet.put("framework", run.framework, "the way it prints epochs")
    if any(name in ("acc", "val_acc") for one in found.curves for name in one.curves):
        sheet.put("framework", "keras 2", "a curve is called 'acc'")
    if is_pytorch(found):
        sheet.put("framework", "pytorch", "import torch")
    if calls or found.program.networks:
        sheet.put("framework", "keras", "the code")


def _put_training(sheet: FactSheet, found: Evidence, training: Training, notes: list[str]) -> None:
    put_fit(sheet, training)
    put_network(sheet, training.network, found.inputs, sheet["framework"] == "keras 1")
    put_rows(sheet, training, found.program)
    if sheet["layers"] is None:
        notes.append("the layers are not known: the text does not show them all, or they are no single chain")
    callbacks = training.call.argument(None, "callbacks")
    if isinstance(callbacks, Name):
        notes.append(f"what callbacks={callbacks.path} holds the text does not show")


def _note_on_labels(found: Evidence, notes: list[str]) -> None:
    sample = found.sample
    assert sample is not None
    if sample.labels is not None:
        positives = int((sample.labels == 1).sum())
        notes.append(f"{positives} of the {len(sample.labels)} sample rows have label 1")


def _histories(own: Own, sheet: FactSheet, notes: list[str]) -> Iterable[History]:
    """Curves given as lists; if there are none, those of console output."""
    facts = sheet.facts
    for curves in own.curves:
        if (epochs := curves.epochs) is not None:
            told = {name: Points(epochs, one) for name, one in curves.curves.items()}
            history, assumed = history_of_points(told, quantities.keras, facts)
        else:
            columns = {name: Column(one, np.ones(len(one), np.bool_)) for name, one in curves.curves.items()}
            history, assumed = history_of_uneven(columns, quantities.keras, facts)
        notes.extend(assumed)
        if history is not None:
            yield history
    for run in () if own.curves else own.runs:
        points = {name: Points(run.epochs[there], one[there]) for name, (one, there) in run.curves.items()}
        history, assumed = history_of_points(points, quantities.keras, facts)
        notes.extend(assumed)
        if history is not None:
            yield history


def _trials(found: Evidence, own: Own, anchor: Anchor, notes: list[str]) -> TrialTable | None:
    grid = anchor.grid if isinstance(anchor, Search) and isinstance(anchor.grid, dict) else None
    asked = asked_trials(anchor) if isinstance(anchor, Search) else None
    for table in own.tables:
        if is_a_search(table, grid):
            unseen = 0 if table.rows is None else max(table.rows - table.shown, 0)
            trials = trial_table(table, grid, None if asked is None else max(asked - unseen, table.shown))
            hidden = (table.columns or 0) - len(table.cells)
            if hidden > 0:
                notes.append(f"{hidden} of {table.columns} columns of the table are not shown in the text")
            if unseen:
                notes.append(f"{table.shown} of {table.rows} rows of the table are shown in the text")
            return replace(trials, ranked_by=_ranked_by(found.words, trials))
    for scored in own.scored:
        scoring = anchor.call.argument(None, "scoring") if isinstance(anchor, Search) else ABSENT
        metric = scoring if isinstance(scoring, str) else "accuracy"
        notes.append("the deviations printed beside scores are over folds")
        return scored_table(scored, metric, asked)
    return None


def _ranked_by(words: str, trials: TrialTable) -> str | None:
    """The metric of the table that a sentence about choosing names."""
    for text in _SENTENCE_END.split(words):
        if not _CHOOSING.search(text) or not re.search(r"validat", text, re.I):
            continue
        for metric, pattern in (("accuracy", r"\baccurac"), ("roc_auc", r"\bAUC\b"), ("loss", r"\bloss")):
            name = f"validation_{metric}"
            if name in trials.metrics and re.search(pattern, text, re.I):
                return name
    return None


def _with_shared_rows(logs: tuple[Log, ...], anchors: list[Anchor]) -> tuple[Log, ...]:
    """Validation rows that several trainings share are as many in each."""
    rows: dict[tuple[str, ...], int] = {}
    for log, anchor in zip(logs, anchors, strict=True):
        if isinstance(anchor, Training) and anchor.validation_names and log.facts.rows_validation:
            rows.setdefault(anchor.validation_names, log.facts.rows_validation)
    shared: list[Log] = []
    for log, anchor in zip(logs, anchors, strict=True):
        known = rows.get(anchor.validation_names) if isinstance(anchor, Training) else None
        if known is not None and log.facts.rows_validation is None:
            names = ", ".join(anchor.validation_names) if isinstance(anchor, Training) else ""
            origins = {**log.facts.origins, "rows_validation": f"({names}) as in another training"}
            facts = replace(log.facts, rows_validation=known, origins=origins)
            log = replace(log, facts=facts)
        shared.append(log)
    return tuple(shared)
