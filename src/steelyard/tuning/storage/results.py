"""Trials and their networks as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, Json, TypeAdapter
from sqlalchemy import Connection, bindparam, insert, select, update

from steelyard.run import RunStatus
from steelyard.study import NetworkOutcome, Plan, Point, Trial, TrialState
from steelyard.tuning.storage import optuna_rows, schema
from steelyard.tuning.storage.curves import curves_from_bytes, curves_to_bytes
from steelyard.tuning.storage.documents import damaged, to_text, validated
from steelyard.tuning.storage.optuna_schema import OptunaTables

_trials = schema.trials
_networks = schema.networks
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class _TrialRow:
    number: _Count
    state: TrialState
    point: Json[dict[str, Any]]
    values: Json[tuple[float, ...]] | None
    seconds: float


@dataclass(frozen=True)
class _NetworkRow:
    number: _Count
    fold: _Count
    seed: _Count
    status: RunStatus
    reason: str
    best_epoch: _Count
    epochs: _Count
    steps: _Count
    seconds: float
    best: Json[dict[str, float]]
    last: Json[dict[str, float]]
    curves: bytes = b""


_TRIALS = TypeAdapter(list[_TrialRow])
_NETWORKS = TypeAdapter(list[_NetworkRow])


def insert_points(
    connection: Connection,
    tables: OptunaTables,
    study: int,
    plan: Plan,
    batch: int,
    points: Mapping[int, Point],
) -> None:
    """Makes running trials from their points by number."""
    ids = optuna_rows.insert_running(connection, tables, study, plan, points)
    rows = [
        {
            "study_id": study,
            "number": number,
            "batch": batch,
            "trial_id": ids[number],
            "state": TrialState.RUNNING.value,
            "point": to_text(point),
            "seconds": 0.0,
        }
        for number, point in points.items()
    ]
    connection.execute(insert(_trials), rows)


def write_results(
    connection: Connection, tables: OptunaTables, study: int, plan: Plan, trials: Sequence[Trial]
) -> None:
    """Writes what became of running trials, in our tables and in Optuna's."""
    found = connection.execute(
        select(_trials.c.number, _trials.c.trial_id).where(
            _trials.c.study_id == study,
            _trials.c.number.between(
                min(trial.number for trial in trials), max(trial.number for trial in trials)
            ),
        )
    )
    ids: dict[int, int] = dict(found.all())
    change = update(_trials).where(_trials.c.study_id == study, _trials.c.number == bindparam("of"))
    connection.execute(
        change,
        [
            {
                "of": trial.number,
                "state": trial.state.value,
                "values": to_text(trial.values or ()),
                "seconds": float(trial.seconds),
            }
            for trial in trials
        ],
    )
    networks = [_network_row(study, trial.number, network) for trial in trials for network in trial.networks]
    if networks:
        connection.execute(insert(_networks), networks)
    optuna_rows.finish(connection, tables, plan, trials, ids)


def points_of(
    connection: Connection, study: int, numbers: range, plan: Plan, where: str
) -> tuple[Point, ...] | None:
    """The points of trials that were asked for; None if they were not."""
    found = read_trials(connection, study, plan, where, numbers.start, numbers.stop)
    return tuple(trial.point for trial in found) or None


def read_trials(
    connection: Connection, study: int, plan: Plan, where: str, first: int = 0, end: int = 2**31 - 1
) -> list[Trial]:
    """The trials with these numbers, in their order and without their networks."""
    columns = _trials.c
    found = connection.execute(
        select(columns.number, columns.state, columns.point, columns["values"], columns.seconds)
        .where(columns.study_id == study, columns.number >= first, columns.number < end)
        .order_by(columns.number)
    )
    paths = {parameter.path for parameter in plan.space.parameters}
    trials = []
    for row in validated(_TRIALS, [row._asdict() for row in found], f"{where}: its trials"):
        if strange := row.point.keys() - paths:
            raise damaged(
                f"{where}: trial {row.number}", ValueError(f"{min(strange)!r} is no path of the space")
            )
        running = row.state is TrialState.RUNNING
        if not running and len(row.values or ()) != len(plan.metrics):
            raise damaged(
                f"{where}: trial {row.number}", ValueError(f"it has not {len(plan.metrics)} values")
            )
        trials.append(
            Trial(row.number, row.point, row.state, None if running else row.values, seconds=row.seconds)
        )
    return trials


def read_networks(
    connection: Connection, study: int, where: str, *, curves: bool
) -> dict[int, tuple[NetworkOutcome, ...]]:
    """The networks of a study by trial, ordered by fold, then seed; their curves only if wanted."""
    columns = [column for column in _networks.c if column is not _networks.c.study_id]
    if not curves:
        columns.remove(_networks.c.curves)
    found = connection.execute(select(*columns).where(_networks.c.study_id == study))
    rows = validated(_NETWORKS, [row._asdict() for row in found], f"{where}: its networks")
    by_trial: dict[int, list[NetworkOutcome]] = {}
    for row in sorted(rows, key=lambda row: (row.number, row.fold, row.seed)):
        by_trial.setdefault(row.number, []).append(_network(row, where))
    return {number: tuple(networks) for number, networks in by_trial.items()}


def _network_row(study: int, number: int, network: NetworkOutcome) -> dict[str, Any]:
    return {
        "study_id": study,
        "number": number,
        "fold": network.fold,
        "seed": str(network.seed),
        "status": network.status.value,
        "reason": network.reason,
        "best_epoch": network.best_epoch,
        "epochs": network.epochs,
        "steps": network.steps,
        "seconds": float(network.seconds),
        "best": to_text(network.best),
        "last": to_text(network.last),
        "curves": curves_to_bytes(network.curves),
    }


def _network(row: _NetworkRow, where: str) -> NetworkOutcome:
    try:
        curves = curves_from_bytes(row.curves) if row.curves else {}
    except ValueError as error:
        raise damaged(
            f"{where}: the curves of trial {row.number}, fold {row.fold}, seed {row.seed}", error
        ) from None
    return NetworkOutcome(
        fold=row.fold,
        seed=row.seed,
        status=row.status,
        reason=row.reason,
        best_epoch=row.best_epoch,
        epochs=row.epochs,
        steps=row.steps,
        best=row.best,
        last=row.last,
        curves=curves,
        seconds=row.seconds,
    )
