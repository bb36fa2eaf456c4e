"""Decisions that were printed after a training: the rows they are about, and one more measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.post.anchors import Anchor
from steelyard.diagnosis.readers.post.parts import part_named
from steelyard.diagnosis.readers.post.program import Training
from steelyard.diagnosis.readers.post.results import PrintedDecisions
from steelyard.diagnosis.readers.post.sheet import FactSheet
from steelyard.history import History, Series
from steelyard.log import Facts

_DIGITS = 4
"""Of a metric that Keras prints."""


def put_decided_rows(
    sheet: FactSheet, printed: Sequence[PrintedDecisions], anchor: Anchor, notes: list[str]
) -> PrintedDecisions | None:
    """Rows and positives of the rows that decisions were printed of; gives the last that are the network's on
    validation rows. Rows set aside to test stand in for those where the code validates on none."""
    judged: PrintedDecisions | None = None
    told: set[tuple[str, int, int]] = set()
    for one in printed:
        rows = one.negatives + one.positives
        match _part(sheet, one, anchor):
            case "validation":
                sheet.put("rows_validation", rows, one.quote)
                sheet.put("positives_validation", one.positives, one.quote)
                judged = one if one.at_half else judged
            case "train":
                sheet.put("rows_train", rows, one.quote)
                sheet.put("positives_train", one.positives, one.quote)
            case _:
                whose = f"rows of {one.truth}" if one.truth else "rows without a name"
                sheet.put("base_rate", one.positives / rows, f"{one.quote} ({whose})")
                if (key := (one.truth, one.negatives, one.positives)) not in told:
                    notes.append(f"{_in_words(one, whose)} ({one.quote})")
                    told.add(key)
    return judged


def _in_words(one: PrintedDecisions, whose: str) -> str:
    rows = f"{one.negatives + one.positives:,} {whose}, which are not known to validate"
    if one.true_positives is None or one.false_positives is None:
        return f"of the {one.positives:,} positives among {rows}, {one.recall or 0.0:.0%} are found"
    called = one.true_positives + one.false_positives
    return (
        f"of {rows}, {called:,} are called positive; {one.true_positives:,} of the {one.positives:,} "
        "positives among them are found"
    )


def _part(sheet: FactSheet, one: PrintedDecisions, anchor: Anchor) -> str | None:
    """Which rows they are of: ``validation``, ``train`` or ``test``; None if it cannot be told."""
    rows, part = one.negatives + one.positives, part_named((one.truth,))
    training = anchor if isinstance(anchor, Training) else None
    if training is not None and one.truth in training.validation_names:
        return "validation" if sheet["rows_validation"] in (None, rows) else None
    if rows == sheet["rows_validation"] and part != "train":
        return "validation"
    if part == "train":
        resampled = sheet["resampling"] not in (None, "none")
        return "train" if sheet["rows_train"] in (None, rows) and not resampled else None
    if part == "validation":
        return "validation" if sheet["rows_validation"] is None else None
    none_validate = (
        training is not None
        and not training.validation_names
        and sheet["validation_share"] is None
        and sheet["rows_validation"] is None
    )
    return "validation" if part == "test" and none_validate else part


def with_decisions(
    history: History | None, one: PrintedDecisions, facts: Facts, notes: list[str]
) -> History | None:
    """The history with the decisions as a measurement of its last epoch; a history of that epoch alone if
    there is none. As it was where the weights may be those of another epoch, or the accuracy is another."""
    values = _values(one, rounded=history is not None)
    if history is None:
        at = np.array([facts.planned_epochs or 1], np.int64)
        points = {f"val_{name}": Points(at, np.array([value])) for name, value in values.items()}
        made, _ = history_of_points(points, quantities.keras, facts)
        return made
    if not values or (facts.stopping is not None and facts.stopping.restore_best):
        return history
    logged = next((s.values[-1] for s in history.series if s.name == "validation_accuracy"), np.nan)
    if "accuracy" in values and abs(logged - values["accuracy"]) > 1.01 * 10.0**-_DIGITS:
        notes.append(
            f"{one.quote}: an accuracy of {values['accuracy']:.4f}, where the last epoch has {logged:.4f}; "
            "so these are other rows, other weights or decisions at another threshold, and are left out"
        )
        return history
    measured = np.zeros(len(history), np.bool_)
    measured[-1] = True
    known = {one.name for one in history.series}
    more = tuple(
        Series(
            "validation",
            name,
            np.where(measured, value, np.nan),
            quantities.keras("validation", name, facts),
            measured=measured,
        )
        for name, value in values.items()
        if f"validation_{name}" not in known
    )
    return replace(history, series=(*history.series, *more))


def _values(one: PrintedDecisions, rounded: bool) -> Mapping[str, float]:
    """Accuracy, precision and recall as far as they are known: in full, or ``rounded`` as Keras rounds. Of
    shares that were rounded to fewer digits, all are given where nothing else was logged, none otherwise."""
    exact = one.true_positives is not None
    shares = {"accuracy": one.accuracy if exact else None, "precision": one.precision, "recall": one.recall}
    if not exact and rounded:
        return {}
    return {
        name: round(value, _DIGITS) if rounded else value
        for name, value in shares.items()
        if value is not None
    }
