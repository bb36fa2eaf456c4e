"""Keras Tuner: ``PROJECT/trial_*/trial.json`` with one value per metric, of the best epoch: no curve."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.names import shown, split_and_metric
from steelyard.errors import DataError
from steelyard.log import Facts, Log, TrialTable

_KEYS = (b'"trial_id"', b'"hyperparameters"', b'"metrics"')
_FOLDER = re.compile(r"trial_[\w.-]{1,80}\Z")
_MOST_TRIALS = 10_000
_LOWER = MappingProxyType({"min": True, "max": False})
_ROOM = 2**16


def sniff(head: bytes, path: Path) -> bool:
    """A trial's file, or a project: a folder with folders of trials in it."""
    if head:
        return head.lstrip()[:1] == b"{" and all(key in head for key in _KEYS)
    return path.is_dir() and next(iter(_files(path, most=1)), None) is not None


def read(path: Path) -> tuple[Log, ...]:
    """One log with the table of the trials: those of a project, or the one of a file."""
    files = _files(path, most=_MOST_TRIALS) if path.is_dir() else [path]
    contents = [jsonfile.load(file) for file in files]
    trials = [one for one in contents if isinstance(one, dict)]
    finished = [one for one in trials if one.get("status") in (None, "COMPLETED")]
    if not finished:
        raise DataError(f"{path} holds {len(trials)} trials of Keras Tuner, none of which is completed")
    objective, direction = _objective(path)
    metrics, spread = _metrics(finished)
    scores = np.array([_or_nan(jsonfile.number(one.get("score"))) for one in finished])
    table = TrialTable(
        parameters=_parameters(path, finished),
        metrics=metrics,
        ranked_by=objective or next((name for name in metrics if _same(metrics[name], scores)), None),
        spread=spread,
        asked=None,
        lower_is_better=_LOWER.get(direction) if objective else None,
    )
    notes = ["Keras Tuner keeps one value of each metric, that of the best epoch: there is no curve"]
    if len(finished) < len(trials):
        notes.append(f"{len(trials) - len(finished)} trials are not completed and are left out")
    executions = _executions(finished)
    origins = {"framework": "Keras Tuner"} | ({"seeds": "executions per trial"} if executions else {})
    facts = Facts(framework="keras", seeds=executions, origins=MappingProxyType(origins))
    return (Log(str(path), "keras tuner", facts=facts, trials=table, notes=tuple(notes)),)


def _files(folder: Path, most: int) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(
            one.name for one in entries if _FOLDER.match(one.name) and one.is_dir(follow_symlinks=False)
        )
    found = (folder / name / "trial.json" for name in names)
    return [path for path, _ in zip((one for one in found if one.is_file()), range(most), strict=False)]


def _objective(path: Path) -> tuple[str | None, str]:
    """What the search was for, and ``min`` or ``max``, from ``oracle.json`` beside the trials; None and an
    empty text if it does not say."""
    file = path / "oracle.json"
    if not path.is_dir() or not file.is_file():
        return None, ""
    content = jsonfile.load(file)
    objective = content.get("objective") if isinstance(content, dict) else None
    name, direction = (
        (objective.get("name"), objective.get("direction")) if isinstance(objective, dict) else (None, None)
    )
    said = "_".join(split_and_metric(name)) if isinstance(name, str) else None
    return said, direction if isinstance(direction, str) else ""


def _metrics(
    trials: Sequence[Mapping[str, Any]],
) -> tuple[
    dict[str, np.ndarray[Any, np.dtype[np.float64]]], dict[str, np.ndarray[Any, np.dtype[np.float64]]]
]:
    """By canonical name the mean over the executions of each trial, and their deviation where there are
    several."""
    found: dict[str, dict[int, tuple[float, float]]] = {}
    for at, trial in enumerate(trials):
        inner = trial.get("metrics")
        inner = inner.get("metrics", inner) if isinstance(inner, dict) else {}
        for name, metric in inner.items() if isinstance(inner, dict) else ():
            values = _values(metric)
            if len(values):
                with np.errstate(all="ignore"):  # a metric may have been infinite
                    mean = float(np.mean(values))
                    spread = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
                found.setdefault("_".join(split_and_metric(name)), {})[at] = (mean, spread)
    if len(found) * len(trials) > _ROOM + 4 * sum(map(len, found.values())):
        raise DataError("the trials have hardly a metric in common")
    tables = [
        {
            name: np.array([by_trial.get(at, (np.nan, np.nan))[which] for at in range(len(trials))])
            for name, by_trial in found.items()
        }
        for which in (0, 1)
    ]
    return tables[0], {name: values for name, values in tables[1].items() if np.isfinite(values).any()}


def _values(metric: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Of the one observation, a value for each execution of the trial."""
    observations = metric.get("observations") if isinstance(metric, dict) else None
    last = observations[-1] if isinstance(observations, list) and observations else None
    given = last.get("value") if isinstance(last, dict) else None
    numbers = [jsonfile.number(one) for one in (given if isinstance(given, list) else [given])]
    return np.array([one for one in numbers if one is not None], np.float64)


def _executions(trials: Sequence[Mapping[str, Any]]) -> int | None:
    """How often each trial was trained; None where that differs or is not known."""
    counts = set()
    for trial in trials:
        inner = trial.get("metrics")
        inner = inner.get("metrics", inner) if isinstance(inner, dict) else {}
        counts |= {len(_values(metric)) for metric in inner.values()} if isinstance(inner, dict) else {0}
    return counts.pop() or None if len(counts) == 1 else None


def _parameters(path: Path, trials: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    given: list[Mapping[str, Any]] = []
    for trial in trials:
        space = trial.get("hyperparameters")
        values = space.get("values") if isinstance(space, dict) else None
        given.append(values if isinstance(values, dict) else {})
    names = [
        name for name in dict.fromkeys(name for one in given for name in one) if not name.startswith("tuner/")
    ]
    if len(names) * len(given) > _ROOM + 4 * sum(map(len, given)):
        raise DataError(f"{path}: the trials have hardly a parameter in common")
    return {shown(name): [one.get(name) for one in given] for name in names}


def _same(
    values: np.ndarray[Any, np.dtype[np.float64]], scores: np.ndarray[Any, np.dtype[np.float64]]
) -> bool:
    return bool(np.isfinite(scores).any()) and bool(np.array_equal(values, scores, equal_nan=True))


def _or_nan(number: float | None) -> float:
    return float("nan") if number is None else number
