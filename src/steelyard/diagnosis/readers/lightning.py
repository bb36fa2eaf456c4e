"""Lightning's ``metrics.csv``: rows for steps, for validation and for the end of an epoch, each with gaps.

Source: ``lightning/pytorch/loggers/csv_logs.py``. Rows are brought together by their epoch (from 0). Beside
the file lies ``hparams.yaml``. Fabric's logger names no epoch.
"""

from __future__ import annotations

import re
from pathlib import Path

from steelyard.diagnosis.readers import quantities, table
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.by_step import epochs_of_steps, one_per_epoch
from steelyard.diagnosis.readers.enriching import learning_rate_of, merged
from steelyard.diagnosis.readers.hyperparameters import facts_of
from steelyard.diagnosis.readers.names import known_metric
from steelyard.diagnosis.readers.rows import epochs_of
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_LONGEST_PARAMETERS = 2**16
_PARAMETER = re.compile(r"([A-Za-z_][\w.]{0,80}):[ \t]{1,8}([^\s#{}\[\]&*!|>'\"%@`][^\n#]{0,200})\Z")


def sniff(head: bytes, path: Path) -> bool:
    """A table with a column ``step`` and one of a metric, or that and a column ``epoch``."""
    names = [name.strip() for name in table.header(head)]
    return "step" in names and len(names) > 2 - ("epoch" not in names) and any(map(_is_curve, names))


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file."""
    found = table.read(path)
    curves = {
        name: one
        for name, one in found.columns.items()
        if name not in ("epoch", "step") and len(one.values) > one.words
    }
    per_epoch = {name: one for name, one in curves.items() if not name.endswith("_step")} or curves
    if not per_epoch:
        raise DataError(f"{path} has no column of numbers beside epoch and step")
    if not {"epoch", "step"} & set(found.columns):
        raise DataError(f"{path} has neither a column epoch nor one step")
    notes = list(found.notes)
    by = "epoch" if "epoch" in found.columns else "step"
    when, more = epochs_of(found.columns[by], found.rows, from_zero=by == "epoch")
    notes += more
    if by == "epoch":
        at = {name: one.of(when) for name, one in per_epoch.items()}
    else:
        at, note = epochs_of_steps({name: one.of(when) for name, one in per_epoch.items()})
        notes += [note] if note else []
    points = {}
    for name, one in per_epoch.items():
        points[_name(name)], note = one_per_epoch(name, Points(at[name], one.values))
        notes += [note] if note else []
    if len(per_epoch) < len(curves):
        notes.append("values of single steps (*_step) are left out")
    facts = merged(Facts(framework="lightning", origins={"framework": "the form of the log"}), _beside(path))
    history, more = history_of_points(points, quantities.end_of_epoch, facts)
    return (learning_rate_of(Log(str(path), "lightning", history, facts, notes=(*notes, *more))),)


def _is_curve(name: str) -> bool:
    return known_metric(name.removesuffix("_step")) or name.startswith("lr-")


def _name(name: str) -> str:
    """``lr-Adam``, as ``LearningRateMonitor`` writes it, is the learning rate."""
    return "lr" if name.startswith("lr-") and "/" not in name else name


def _beside(path: Path) -> Facts:
    """What ``hparams.yaml`` beside the file says in lines of the form ``name: value``."""
    beside = path.with_name("hparams.yaml")
    try:
        with beside.open("rb") as file:
            text = file.read(_LONGEST_PARAMETERS).decode(errors="replace")
    except OSError:
        return Facts()
    pairs = (_PARAMETER.match(line.rstrip()) for line in text.splitlines())
    return facts_of({pair[1]: pair[2].strip() for pair in pairs if pair is not None}, "hparams.yaml")
