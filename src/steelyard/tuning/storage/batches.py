"""Batches: who trains which trials.

A batch is claimed by one transaction and committed by another. Every claim has a token of its own, and a
commit counts only while the batch carries it. So of two workers that train the same batch, because one was
thought dead, one counts; and a commit that is made twice, because the answer to the first was lost, counts
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from sqlalchemy import ColumnElement, Connection, func, insert, select, true, update

from steelyard.study import Plan, Point, Trial
from steelyard.tuning.storage import schema
from steelyard.tuning.storage.documents import validated
from steelyard.tuning.storage.optuna_schema import OptunaTables
from steelyard.tuning.storage.results import insert_points, points_of, write_results
from steelyard.tuning.storage.workers import Process, is_gone

_batches = schema.batches
_workers = schema.workers
_Number = Annotated[int, Field(ge=0, lt=2**31)]


@dataclass(frozen=True, eq=False)
class Claim:
    """A batch that is this worker's to train.

    ``numbers`` are those of its trials. ``points`` are theirs if they were asked for before, by a worker that
    is no more; else None. ``token`` is new with every claim.
    """

    batch: int
    numbers: range
    points: tuple[Point, ...] | None
    token: str


@dataclass(frozen=True)
class _Row:
    """A batch that is not finished, and the worker who has or had it."""

    batch: _Number
    first: _Number
    count: _Number
    state: Literal["running", "released"]
    token: str
    alive: bool
    host: str | None
    pid: Annotated[int, Field(gt=0, lt=2**31)] | None
    started: str | None


_ROWS = TypeAdapter(list[_Row])


def next_claim(
    connection: Connection, study: int, plan: Plan, worker: str, token: str, where: str
) -> Claim | None:
    """The next batch that nobody trains, from now on this worker's; None if there is none.

    Those that were left behind come first. With the same token again it is the same batch.
    """
    # One claim of a study at a time; results are inserted meanwhile, which a full lock would forbid.
    of_study = select(schema.studies.c.target).where(schema.studies.c.study_id == study)
    target = connection.execute(of_study.with_for_update(key_share=True)).scalar_one()
    rows = _unfinished(connection, study, where)
    mine = next((row for row in rows if row.token == token), None)
    if mine is not None:
        return _claim(connection, study, plan, mine, token, where)
    claimed = {"worker": worker, "token": token, "state": "running", "claimed": schema.now()}
    for row in rows:
        if not _is_left(row):
            continue
        here = _batch(study, row.batch) & (_batches.c.token == row.token) & (_batches.c.state == row.state)
        if connection.execute(update(_batches).where(here).values(claimed)).rowcount == 1:
            return _claim(connection, study, plan, row, token, where)
    last = connection.execute(
        select(_batches.c.batch, _batches.c.first + _batches.c.count)
        .where(_batches.c.study_id == study)
        .order_by(_batches.c.batch.desc())
        .limit(1)
    ).first()
    number, begin = (0, 0) if last is None else (last[0] + 1, last[1])
    if begin >= target:
        return None
    count = min(plan.batch, target - begin)
    new = {"study_id": study, "batch": number, "first": begin, "count": count, **claimed}
    connection.execute(insert(_batches).values(new))
    return Claim(number, range(begin, begin + count), None, token)


def put_points(
    connection: Connection,
    tables: OptunaTables,
    study: int,
    plan: Plan,
    held: Claim,
    points: Sequence[Point],
    where: str,
) -> bool:
    """Makes the trials of a batch, running; False, and nothing, if it has been taken over."""
    if not _is_held(connection, study, held):
        return False
    if points_of(connection, study, held.numbers, plan, where) is None:  # else an earlier try arrived
        insert_points(
            connection, tables, study, plan, held.batch, dict(zip(held.numbers, points, strict=True))
        )
    return True


def commit(
    connection: Connection, tables: OptunaTables, study: int, plan: Plan, held: Claim, trials: Sequence[Trial]
) -> bool:
    """Writes the results of a batch; False, and nothing, if it has been taken over."""
    finished = {"state": "finished", "finished": schema.now()}
    if connection.execute(update(_batches).where(_held(study, held)).values(finished)).rowcount == 1:
        write_results(connection, tables, study, plan, trials)
        return True
    mine = _batch(study, held.batch) & (_batches.c.token == held.token) & (_batches.c.state == "finished")
    return connection.execute(select(true()).where(mine)).first() is not None  # an earlier try arrived


def count_of_others(connection: Connection, study: int, worker: str) -> int:
    """How many batches are in the hands of other workers, dead or alive."""
    others = (_batches.c.study_id == study) & (_batches.c.state == "running") & (_batches.c.worker != worker)
    return connection.execute(select(func.count()).where(others)).scalar_one()


def _unfinished(connection: Connection, study: int, where: str) -> list[_Row]:
    alive = (_workers.c.heartbeat + _workers.c.lease > schema.now()) & _workers.c.ended.is_(None)
    found = connection.execute(
        select(
            _batches.c.batch,
            _batches.c.first,
            _batches.c.count,
            _batches.c.state,
            _batches.c.token,
            func.coalesce(alive, False).label("alive"),
            _workers.c.host,
            _workers.c.pid,
            _workers.c.started,
        )
        .select_from(_batches.outerjoin(_workers, _batches.c.worker == _workers.c.worker))
        .where(_batches.c.study_id == study, _batches.c.state != "finished")
        .order_by(_batches.c.batch)
    )
    return validated(_ROWS, [row._asdict() for row in found], f"{where}: its batches")


def _is_left(row: _Row) -> bool:
    if row.state == "released" or not row.alive or row.host is None or row.pid is None:
        return True
    return is_gone(Process(row.host, row.pid, row.started or ""))


def _claim(connection: Connection, study: int, plan: Plan, row: _Row, token: str, where: str) -> Claim:
    numbers = range(row.first, row.first + row.count)
    return Claim(row.batch, numbers, points_of(connection, study, numbers, plan, where), token)


def _batch(study: int, batch: int) -> ColumnElement[bool]:
    return (_batches.c.study_id == study) & (_batches.c.batch == batch)


def _held(study: int, held: Claim) -> ColumnElement[bool]:
    return _batch(study, held.batch) & (_batches.c.token == held.token) & (_batches.c.state == "running")


def _is_held(connection: Connection, study: int, held: Claim) -> bool:
    found = select(true()).where(_held(study, held)).with_for_update()
    return connection.execute(found).first() is not None
