"""How many rows train and validate, as console output shows it."""

from __future__ import annotations

import math

from steelyard.diagnosis.readers.bars import rows_held_out, rows_of
from steelyard.diagnosis.readers.post.anchors import Anchor
from steelyard.diagnosis.readers.post.pasted import PastedRun
from steelyard.diagnosis.readers.post.program import Training
from steelyard.diagnosis.readers.post.sheet import FactSheet
from steelyard.diagnosis.readers.post.values import ABSENT, Call, ancestry, number

_SAID = "Train on ... samples, validate on ... samples"
_GENERATORS = ("flow", "flow_from_directory", "flow_from_dataframe", "from_tensor_slices", "batch")


def put_printed_rows(sheet: FactSheet, run: PastedRun, anchor: Anchor) -> None:
    """The rows that a run says it trains and validates on, or that its bars count."""
    sheet.put("rows_train", run.rows_train, _SAID)
    sheet.put("rows_validation", run.rows_validation, _SAID)
    training = anchor if isinstance(anchor, Training) else None
    if run.rows_train is None and run.bars is not None:
        arrays = None if training is None else _counts_rows(training.call, run, sheet)
        counted = rows_of(run.bars, _values(run, "acc", "accuracy"), arrays)
        if counted is not None:
            sheet.put("rows_train", *counted)
    share = None if training is None else number(training.call.argument(None, "validation_split"))
    rows = sheet["rows_train"]
    if share and rows and (held := rows_held_out(rows, share, _values(run, "val_acc", "val_accuracy"))):
        sheet.put("rows_validation", held, f"{rows} rows train with validation_split={share:g}")


def _counts_rows(call: Call, run: PastedRun, sheet: FactSheet) -> bool | None:
    """Does the bar of this call count rows? So it does of arrays in the versions of Keras that print ``acc``
    where ``accuracy`` was asked for; of generators it counts batches. None if it cannot be told."""
    data = call.argument(0, "x", "X")
    generated = any(isinstance(one, Call) and one.name in _GENERATORS for one in ancestry(data, most=200))
    if call.name != "fit" or generated or call.argument(None, "steps_per_epoch") is not ABSENT:
        return False
    asked = sheet["metrics"] or ()
    renamed = "acc" in run.curves and "accuracy" in asked and "acc" not in asked
    return True if renamed and call.argument(1, "y", "Y") is not ABSENT else None


def _values(run: PastedRun, *names: str) -> list[float]:
    return [
        float(value)
        for name in names
        if name in run.curves
        for value in run.curves[name][0]
        if math.isfinite(value)
    ]
