"""A run of MLflow as a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.by_step import epochs_of_steps, one_per_epoch
from steelyard.diagnosis.readers.clocks import epochs_by_clock
from steelyard.diagnosis.readers.enriching import learning_rate_of, merged
from steelyard.diagnosis.readers.hyperparameters import facts_of
from steelyard.diagnosis.readers.scalars import Scalars
from steelyard.log import Facts, Log

_ORIGIN = "params of MLflow"
_CLOCK = "epoch"
_KERAS = ("keras", "tensorflow")


@dataclass(frozen=True, eq=False)
class MlflowRun:
    """What a store holds of a run; ``source`` is for people."""

    source: str
    metrics: Scalars
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def log_of(run: MlflowRun, notes: Sequence[str]) -> Log | None:
    """Its log; None if it has no curve."""
    names = [name for name in run.metrics if not name.startswith("system/")]
    repeated = [name for name in names if _is_repeated(name, run.metrics)]
    told = list(notes)
    if repeated:
        told.append(
            f"{', '.join(sorted(repeated)[:5])} are left out: MLflow's autolog writes all their values for "
            "step 0, and val_* holds the same"
        )
    curves = {name: run.metrics.in_order(name) for name in names if name not in repeated}
    if not curves:
        return None
    told += [
        f"{name} was logged without steps; its values are taken to be those of epochs 1, 2, ..."
        for name in sorted(curves)[:20]
        if run.metrics.is_without_steps(name)
    ]
    points, more = _by_epoch(curves)
    facts = _facts(run)
    of_keras = (facts.framework or "").startswith("keras")
    history, last = history_of_points(points, quantities.keras if of_keras else quantities.unknown, facts)
    if history is None:
        return None
    return learning_rate_of(Log(run.source, "mlflow", history, facts, notes=(*told, *more, *last)))


def _is_repeated(name: str, metrics: Scalars) -> bool:
    """Whether it is what ``mlflow.keras.autolog`` writes again, without its epochs, as ``validation_*``."""
    rest = name.removeprefix("validation_")
    return rest != name and f"val_{rest}" in metrics and not metrics.has_steps(name)


def _by_epoch(
    curves: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]],
) -> tuple[dict[str, Points], list[str]]:
    """Curves by epoch. Lightning logs the epoch of each step as a metric of that name."""
    steps = {name: at for name, (at, _) in curves.items() if name != _CLOCK}
    notes: list[str] = []
    if _CLOCK in curves and steps:
        when = epochs_by_clock(*curves[_CLOCK], steps)
    else:
        steps = {name: at for name, (at, _) in curves.items()}
        when, note = epochs_of_steps(steps)
        notes += [note] if note else []
    points: dict[str, Points] = {}
    for name in steps:
        known = when[name] > 0
        curve = Points(when[name][known], curves[name][1][known])
        points[name], note = one_per_epoch(name, curve)
        notes += [note] if note else []
    return points, notes


def _facts(run: MlflowRun) -> Facts:
    facts = facts_of(run.params, _ORIGIN)
    known: dict[str, Any] = {}
    if run.tags.get("mlflow.autologging") in _KERAS:
        known["framework"] = "keras"
        if facts.class_weight_type == "balanced":
            known["class_weight_type"] = "string"  # which Keras takes without using it
        if run.params.get("shuffle") in ("True", "False"):
            known["shuffled"] = run.params["shuffle"] == "True"
        if run.params.get("sample_weight") == "None":
            known["sample_weight"] = False
        if facts.validation_share is not None:
            known["validation_way"] = "tail"
    origins = dict.fromkeys(known, f"{_ORIGIN}, which its autolog of Keras wrote")
    return merged(Facts(**known, origins=MappingProxyType(origins)), facts)
