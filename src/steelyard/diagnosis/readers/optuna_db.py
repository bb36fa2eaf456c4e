"""A database of Optuna (SQLite): the table of each study, and the curve of its best trial.

Source: ``optuna/storages/_rdb/models.py``. What a trial reported while it trained
(``trial_intermediate_values``) is a curve, of the objective unless the program reported something else.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.hyperparameters import facts_of
from steelyard.diagnosis.readers.names import shown, split_and_metric, split_and_own_name
from steelyard.diagnosis.readers.sqlite_file import Database, has_tables, opened, real, text, unseen, whole
from steelyard.errors import DataError
from steelyard.history import History, Quantity, Series
from steelyard.log import Log, TrialTable

_TABLES = frozenset({"studies", "trials", "trial_params"})
_FINISHED = frozenset({"COMPLETE", "PRUNED", "FAIL"})
_MOST_STUDIES = 100
_MOST_CELLS = 200_000
"""Beside as many as there are parameters in the file: a table has a cell for every trial and parameter."""
_INFINITE = {"INF_POS": math.inf, "INF_NEG": -math.inf}
_WHOLE = ("IntDistribution", "IntUniformDistribution", "IntLogUniformDistribution")
_WORDS = {"MINIMIZE": "as low as possible", "MAXIMIZE": "as high as possible"}
_LOWER = {"MINIMIZE": True, "MAXIMIZE": False}
_METRIC_NAMES = "study:metric_names"


@dataclass(eq=False)
class _Study:
    name: str
    directions: dict[int, str] = field(default_factory=dict)
    metric_names: Sequence[str] = ()
    trials: list[int] = field(default_factory=list)
    """Numbers in the database of those that are finished, in order."""
    complete: set[int] = field(default_factory=set)
    """Positions in ``trials`` of those that were neither pruned nor failed."""
    pruned: int = 0
    failed: int = 0
    unfinished: int = 0
    parameters: dict[str, dict[int, Any]] = field(default_factory=dict)
    """By name, the values by position in ``trials``."""
    values: dict[int, dict[int, float]] = field(default_factory=dict)
    """By objective, likewise."""
    steps: dict[int, int] = field(default_factory=dict)
    """How often each trial reported, by position."""


@dataclass(frozen=True)
class _Place:
    study: _Study
    position: int


def sniff(head: bytes, path: Path) -> bool:
    """A database with Optuna's tables."""
    return has_tables(head, path, _TABLES)


def read(path: Path) -> tuple[Log, ...]:
    """For each study a log with the table of its trials, and one with the best trial's curve if it has one.

    Trials that still run are left out; a pruned or failed one has no objective (NaN).
    """
    with opened(path) as database:
        studies = _studies(database)
        places = _places(database, studies)
        _read_settings(database, studies)
        _read_parameters(path, database, places)
        _read_values(database, places)
        _count_reports(database, places)
        found = [study for study in studies.values() if study.trials]
        best = {id(study): _best(study) for study in found}
        curves = _curves(database, places, {id(study): at for study in found if (at := best[id(study)]) >= 0})
    logs: list[Log] = []
    for study in found:
        logs.append(_log_of(path, study))
        steps, values = curves.get(id(study), (array("q"), array("d")))
        if len(values) > 1:
            logs.append(_log_of_best(path, study, best[id(study)], np.array(steps), np.array(values)))
    if not logs:
        raise DataError(f"{path} holds {len(studies)} studies of Optuna and no finished trial")
    return tuple(logs)


def _studies(database: Database) -> dict[int, _Study]:
    studies: dict[int, _Study] = {}
    for identity, name in database.rows("studies", "study_id", "study_name"):
        number = whole(identity)
        if number is not None and len(studies) < _MOST_STUDIES:
            studies[number] = _Study(text(name, 600) or f"study {number}")
    return studies


def _places(database: Database, studies: Mapping[int, _Study]) -> dict[int, _Place]:
    """By the number of a trial in the database, where it stands in its study."""
    places: dict[int, _Place] = {}
    for identity, of, state in database.rows("trials", "trial_id", "study_id", "state"):
        number, study = whole(identity), studies.get(whole(of) or 0)
        if number is None or study is None or number in places:
            continue
        if state not in _FINISHED:
            study.unfinished += 1
            continue
        study.pruned += state == "PRUNED"
        study.failed += state == "FAIL"
        if state == "COMPLETE":
            study.complete.add(len(study.trials))
        places[number] = _Place(study, len(study.trials))
        study.trials.append(number)
    return places


def _read_settings(database: Database, studies: Mapping[int, _Study]) -> None:
    for of, objective, direction in database.rows("study_directions", "study_id", "objective", "direction"):
        study, number = studies.get(whole(of) or 0), whole(objective)
        if study is not None and number is not None and len(study.directions) < 100:
            study.directions[number] = str(direction)
    for of, key, value in database.rows("study_system_attributes", "study_id", "key", "value_json"):
        study = studies.get(whole(of) or 0)
        if study is not None and key == _METRIC_NAMES:
            names = _json(value)
            if isinstance(names, list) and all(isinstance(name, str) for name in names):
                study.metric_names = names


def _read_parameters(path: Path, database: Database, places: Mapping[int, _Place]) -> None:
    known: dict[str, Mapping[str, Any]] = {}
    for of, name, value, distribution in database.rows(
        "trial_params", "trial_id", "param_name", "param_value", "distribution_json"
    ):
        place, key, number = places.get(whole(of) or 0), text(name, 200), real(value)
        if place is None or key is None or number is None:
            continue
        written = text(distribution, 65_536) or ""
        if written not in known:
            if len(known) >= 1000:
                known.clear()
            told = _json(written)
            known[written] = told if isinstance(told, dict) else {}
        place.study.parameters.setdefault(key, {})[place.position] = _external(number, known[written])
    for study in {id(place.study): place.study for place in places.values()}.values():
        there = sum(map(len, study.parameters.values()))
        if len(study.parameters) * len(study.trials) > _MOST_CELLS + 4 * there:
            raise DataError(
                f"{path}: {len(study.trials):,} trials have {len(study.parameters):,} parameters, "
                "hardly two the same"
            )


def _external(number: float, distribution: Mapping[str, Any]) -> Any:
    """The value of a parameter from the number that stands for it in the database."""
    attributes = distribution.get("attributes")
    choices = attributes.get("choices") if isinstance(attributes, dict) else None
    if isinstance(choices, list):
        at = whole(number)
        return choices[at] if at is not None and 0 <= at < len(choices) else None
    if distribution.get("name") in _WHOLE:
        return whole(number)
    return number


def _read_values(database: Database, places: Mapping[int, _Place]) -> None:
    """Of a pruned trial Optuna stores what it reported last, after fewer epochs than the others had."""
    rows = database.rows("trial_values", "trial_id", "objective", "value", "value_type")
    for of, objective, value, kind in rows:
        place, number = places.get(whole(of) or 0), _value(value, kind)
        at = whole(objective) or 0
        if place is None or place.position not in place.study.complete:
            continue
        if number is not None and 0 <= at < 100:
            place.study.values.setdefault(at, {})[place.position] = number


def _count_reports(database: Database, places: Mapping[int, _Place]) -> None:
    for (of,) in database.rows("trial_intermediate_values", "trial_id"):
        place = places.get(whole(of) or 0)
        if place is not None:
            place.study.steps[place.position] = place.study.steps.get(place.position, 0) + 1


def _best(study: _Study) -> int:
    """The position of the best trial by the first objective; -1 if none has one."""
    values = {at: value for at, value in study.values.get(0, {}).items() if not math.isnan(value)}
    choose = max if study.directions.get(0) == "MAXIMIZE" else min
    return choose(values, key=lambda at: values[at]) if values else -1


def _curves(
    database: Database, places: Mapping[int, _Place], wanted: Mapping[int, int]
) -> dict[int, tuple[array[int], array[float]]]:
    """What the wanted trials (their positions by study) reported: steps and values."""
    curves: dict[int, tuple[array[int], array[float]]] = {}
    for of, step, value, kind in database.rows(
        "trial_intermediate_values",
        "trial_id",
        "step",
        "intermediate_value",
        "intermediate_value_type",
    ):
        place, at = places.get(whole(of) or 0), whole(step)
        if place is None or at is None or wanted.get(id(place.study)) != place.position:
            continue
        number = _value(value, kind)
        steps, values = curves.setdefault(id(place.study), (array("q"), array("d")))
        steps.append(at)
        values.append(math.nan if number is None else number)
    return curves


def _log_of(path: Path, study: _Study) -> Log:
    count = len(study.trials)
    names = _metrics(study)
    table = TrialTable(
        parameters={
            shown(name): [values.get(at) for at in range(count)] for name, values in study.parameters.items()
        },
        metrics={name: _column(study.values.get(at, {}), count) for at, name in names.items()},
        ranked_by=names.get(0),
        epochs=_column(study.steps, count) if study.steps else None,
        lower_is_better=_LOWER.get(study.directions.get(0, "")),
    )
    return Log(
        f"{path}, study {shown(study.name)}", "optuna", trials=table, notes=(*_notes(study), *unseen(path))
    )


def _notes(study: _Study) -> Iterator[str]:
    for at, name in _metrics(study).items():
        direction = study.directions.get(at)
        if direction in _WORDS:
            yield f"{name} is to be {_WORDS[direction]}"
    if not study.metric_names:
        yield "the study does not say what its objective is (study.set_metric_names)"
    if study.pruned or study.failed:
        yield f"{study.pruned} trials were pruned and {study.failed} failed; they have no objective"
    if study.unfinished:
        yield f"{study.unfinished} trials are not finished and are left out"


def _log_of_best(
    path: Path, study: _Study, at: int, steps: NDArray[np.int64], values: NDArray[np.float64]
) -> Log:
    steps, where = np.unique(steps, return_index=True)
    values = values[where]
    name = _metrics(study).get(0, "objective")
    split, metric = name.split("_", 1) if name.startswith("validation_") else ("validation", name)
    note = f"what the trial reported is taken to be its {name} after each epoch"
    if name == "objective":
        # Of values without a name it is not known whether they should fall or rise.
        metric = "reported"
        note = "what it is that the trial reported after each epoch is not known"
    objective = study.values.get(0, {}).get(at, math.nan)
    if math.isfinite(objective) and not np.isclose(values, objective, rtol=1e-6, atol=0.0).any():
        note += f", and its {name} in the end, {objective:.4g}, is none of these values"
    measured = np.ones(len(steps), np.bool_)
    series = Series(split, metric, values, Quantity(), measured)
    parameters = {name: found[at] for name, found in study.parameters.items() if at in found}
    return Log(
        f"{path}, study {shown(study.name)}, best trial",
        "optuna",
        History(steps + (1 if len(steps) and steps[0] == 0 else 0), (series,)),
        facts_of(parameters, "parameters of the trial"),
        notes=(f"{note}; curves of the other trials are not read",),
    )


def _metrics(study: _Study) -> dict[int, str]:
    """Objectives by number under their canonical names; without a split they are of validation rows."""
    names: dict[int, str] = {}
    for at in sorted(study.values.keys() | study.directions.keys()):
        if at < len(study.metric_names):
            told = study.metric_names[at]
            split, metric = split_and_metric(told)
            own = split_and_own_name(told)[1]
            split = "validation" if split == "train" and own == told else split
            name = f"{split}_{metric}"
        else:
            name = "objective" if at == 0 else f"objective_{at}"
        names[at] = name if name not in names.values() else f"{name}_{at}"
    return names


def _column(values: Mapping[int, float], count: int) -> NDArray[np.float64]:
    return np.fromiter((values.get(at, math.nan) for at in range(count)), np.float64, count)


def _value(value: Any, kind: Any) -> float | None:
    return _INFINITE[kind] if isinstance(kind, str) and kind in _INFINITE else real(value)


def _json(value: Any) -> Any:
    """JSON in a cell; None if it is none."""
    try:
        return json.loads(value) if isinstance(value, str) and len(value) <= 65_536 else None
    except (ValueError, RecursionError):
        return None
