"""The database of ``steelyard tune``: tables of ours beside those of Optuna.

For each study a log with the table of its trials, and one for each network of the best trial, with its
curves. The tables are those of :mod:`steelyard.tuning.storage.schema`, the curves laid out as in
:mod:`steelyard.tuning.storage.curves`, neither of which can be imported here: they need SQLAlchemy.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import ValidationError

from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.sqlite_file import Database, opened, real, text, unseen, whole
from steelyard.diagnosis.run import log_of_study
from steelyard.errors import DataError, SteelyardError
from steelyard.history import History, Series
from steelyard.log import Facts, Log
from steelyard.metrics import as_loss, metric
from steelyard.run import RunStatus
from steelyard.study.plan import Plan
from steelyard.study.trial import NetworkOutcome, Trial, TrialState

_VERSION = 1
_MOST_STUDIES = 100
_LARGEST_TEXT = 2**20
_BYTES_OF_A_ROW = 100
_FREE_ROWS = 1_000
"""A trial or network takes more than a hundred bytes of the file; these many besides may take less."""
_FREE_CELLS = 200_000
"""The table of a study may have so many cells beside eight for each parameter of a trial."""
_MAGIC = b"SYC1"
_MOST_SERIES = 2_000
_FACTS = Facts(framework="steelyard", origins=MappingProxyType({"framework": "the tables of the database"}))


def read(path: Path) -> tuple[Log, ...]:
    """The logs of every study with a finished trial."""
    notes = unseen(path)
    logs: list[Log] = []
    with opened(path) as database:
        version = next((whole(found) for (found,) in database.rows("steelyard_version", "version")), None)
        if version != _VERSION:
            raise DataError(
                f"{path} has tables of version {version} of Steelyard's studies; this one reads {_VERSION}"
            )
        for number, (name, plan, target) in _studies(path, database).items():
            source = f"{path}, study {shown(name)}"
            trials = _trials(path, database, number, plan)
            if any(trial.values is not None for trial in trials):
                with np.errstate(all="ignore"):  # the loss of a network that diverged is infinite
                    log = log_of_study(plan, trials, asked=target, source=source)
                logs.append(replace(log, notes=(*log.notes, *notes)))
                if (best := _best(plan, trials)) is not None:
                    logs += _networks(path, database, number, best, source)
    if not logs:
        raise DataError(f"{path} holds no study with a finished trial")
    return tuple(logs)


def _studies(path: Path, database: Database) -> dict[int, tuple[str, Plan, int | None]]:
    """Name, plan and number of trials asked for, by the number of the study."""
    found: dict[int, tuple[str, Plan, int | None]] = {}
    for identity, name, plan, target in database.rows(
        "steelyard_studies", "study_id", "name", "plan", "target"
    ):
        number, written = whole(identity), text(plan, _LARGEST_TEXT)
        if number is None or len(found) >= _MOST_STUDIES:
            continue
        try:
            found[number] = (text(name, 600) or "", Plan.model_validate_json(written or ""), whole(target))
            _ = [metric(one) for one in found[number][1].metrics]
        except (ValidationError, SteelyardError) as error:
            first = str(error).splitlines()[0]
            raise DataError(
                f"{path}: the plan of study {number} is not as Steelyard wrote it: {first}"
            ) from None
    return found


def _trials(path: Path, database: Database, study: int, plan: Plan) -> list[Trial]:
    """In the order of their numbers, with their networks but for the curves."""
    most = path.stat().st_size // _BYTES_OF_A_ROW + _FREE_ROWS
    networks: dict[int, list[NetworkOutcome]] = {}
    columns = (
        "study_id",
        "number",
        "fold",
        "seed",
        "status",
        "best_epoch",
        "epochs",
        "steps",
        "seconds",
        "best",
    )
    for count, (of, number, *cells) in enumerate(database.rows("steelyard_networks", *columns)):
        if count > most:
            raise DataError(f"{path} has more than {most:,} networks, most of them empty")
        trial, network = whole(number), _network(cells)
        if of == study and trial is not None and network is not None:
            networks.setdefault(trial, []).append(network)
    trials: dict[int, Trial] = {}
    rows = database.rows("steelyard_trials", "study_id", "number", "state", "point", "values", "seconds")
    for count, (of, number, state, point, values, seconds) in enumerate(rows):
        if count > most:
            raise DataError(f"{path} has more than {most:,} trials, most of them empty")
        at, where, told = whole(number), _json(point), _json(values)
        if of != study or at is None or not isinstance(where, dict) or state not in set(TrialState):
            continue
        numbers = tuple(map(_number, told)) if isinstance(told, list) and told else None
        if numbers is not None and len(numbers) != len(plan.metrics):
            raise DataError(
                f"{path}: trial {at} has {len(numbers)} values, the plan {len(plan.metrics)} metrics"
            )
        trials[at] = Trial(
            at,
            where,
            TrialState(state),
            numbers,
            tuple(sorted(networks.get(at, ()), key=lambda one: (one.fold, one.seed))),
            real(seconds) or 0.0,
        )
    names = {name for trial in trials.values() for name in trial.point}
    if len(names) * len(trials) > _FREE_CELLS + 8 * sum(len(trial.point) for trial in trials.values()):
        raise DataError(f"{path}: its trials lack most of their parameters")
    return [trials[at] for at in sorted(trials)]


def _network(cells: Sequence[Any]) -> NetworkOutcome | None:
    fold, seed, status, best_epoch, epochs, steps, seconds, best = cells
    values = _json(best)
    if status not in set(RunStatus) or not isinstance(values, dict) or not isinstance(seed, str):
        return None
    return NetworkOutcome(
        fold=whole(fold) or 0,
        seed=int(seed) if seed.isascii() and seed.isdigit() and len(seed) <= 20 else 0,
        status=RunStatus(status),
        reason="",
        best_epoch=whole(best_epoch) or 0,
        epochs=whole(epochs) or 0,
        steps=whole(steps) or 0,
        best={name: _number(value) for name, value in values.items()},
        last={},
        curves={},
        seconds=real(seconds) or 0.0,
    )


def _best(plan: Plan, trials: Sequence[Trial]) -> Trial | None:
    """The complete trial with the best value of the metric that ranks."""
    ranks = metric(plan.metrics[0])
    complete = [
        (as_loss(ranks, trial.values[0]), trial)
        for trial in trials
        if trial.state is TrialState.COMPLETE and trial.values and math.isfinite(trial.values[0])
    ]
    return min(complete, key=lambda one: one[0])[1] if complete else None


def _networks(path: Path, database: Database, study: int, best: Trial, source: str) -> Iterator[Log]:
    """A log for each network of a trial, ordered by fold, then seed."""
    found: dict[tuple[int, str], bytes] = {}
    rows = database.rows("steelyard_networks", "study_id", "number", "fold", "seed", "curves")
    for of, number, fold, seed, curves in rows:
        if of == study and number == best.number and isinstance(curves, bytes):
            found[whole(fold) or 0, str(text(seed, 40))] = curves
    for (fold, seed), content in sorted(found.items()):
        where = f"{source}, best trial {best.number}, fold {fold}, seed {seed}"
        history = history_of_bytes(content, where)
        if history is not None:
            yield Log(where, "steelyard study", history, _FACTS)


def history_of_bytes(content: bytes, where: str) -> History | None:
    """The history of one network from its bytes in the database; None if nothing was recorded.

    Layout, little-endian: ``SYC1``, uint16 number of series, for each uint8 length of its name, name, uint32
    epochs; then float32 values, series after series. What a Keras program called by a name of its own is
    left out. :class:`~steelyard.errors.DataError` if these are other bytes.
    """
    heads: list[tuple[str, int]] = []
    try:
        if content[:4] != _MAGIC:
            raise ValueError(f"begin with {content[:4]!r}")
        (count,) = struct.unpack_from("<H", content, 4)
        if count > _MOST_SERIES:
            raise ValueError(f"name {count:,} series")
        at = 6
        for _ in range(count):
            length = content[at]
            name = content[at + 1 : at + 1 + length].decode()
            (epochs,) = struct.unpack_from("<I", content, at + 1 + length)
            heads.append((name, epochs))
            at += 5 + length
        if len({name for name, _ in heads}) < count:
            raise ValueError("name a series twice")
        if len(content) != at + 4 * sum(epochs for _, epochs in heads):
            raise ValueError(f"are {len(content)} bytes")
    except (ValueError, IndexError, struct.error) as error:
        raise DataError(f"{where}: its curves are not as Steelyard wrote them: they {error}") from None
    longest = max((epochs for _, epochs in heads), default=0)
    series: list[Series] = []
    values = np.frombuffer(content, "<f4", offset=at)
    start = 0
    for name, epochs in heads:
        own, start = values[start : start + epochs], start + epochs
        split, _, what = name.partition("_")
        if split in ("train", "validation") and what and epochs == longest:
            series.append(Series(split, what, own.astype(np.float64)))
    return History(np.arange(1, longest + 1), tuple(series)) if series and longest else None


def _number(value: Any) -> float:
    """A number of JSON in which what is not finite is text."""
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def _json(value: Any) -> Any:
    """JSON in a cell; None if it is none."""
    written = text(value, _LARGEST_TEXT)
    try:
        return None if written is None else json.loads(written)
    except (ValueError, RecursionError):
        return None
