"""One study in a database, as the processes that work on it see it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import optuna
from sqlalchemy import Connection, func, insert, select

from steelyard.study import Point, Trial, TrialState
from steelyard.tuning.storage import batches, results, schema, studies, workers
from steelyard.tuning.storage.batches import Claim
from steelyard.tuning.storage.database import Database
from steelyard.tuning.storage.optuna_schema import OptunaTables, optuna_storage
from steelyard.tuning.storage.studies import StudyRow
from steelyard.tuning.storage.workers import LEASE, Worker


@dataclass(frozen=True)
class Progress:
    """How far a study is, in trials: ``target`` are wanted, ``finished`` are complete or pruned, ``running``
    have been asked for. ``workers`` show that they are alive."""

    target: int
    complete: int
    pruned: int
    running: int
    workers: int

    @property
    def finished(self) -> int:
        """Trials that will not run again."""
        return self.complete + self.pruned


class StudyStore:
    """One study in a database: its plan, its trials, and who works on them.

    A worker claims a batch, puts the points of its trials if it does not come with them, trains, and commits.
    Nothing of a batch but its points is in the database before that, and all of it afterwards.
    """

    def __init__(self, database: Database, tables: OptunaTables, row: StudyRow) -> None:
        self._database = database
        self._tables = tables
        self._number = row.number
        self._known: tuple[Trial, ...] = ()
        self.name = row.name
        self.plan = row.plan

    @property
    def url(self) -> str:
        """The path of the file or the URL, without its password."""
        return self._database.where

    @property
    def where(self) -> str:
        """The database and the study, for messages."""
        return f"{self._database.where}: study {self.name!r}"

    def target(self) -> int:
        """How many trials it is to have."""
        wanted = select(schema.studies.c.target).where(schema.studies.c.study_id == self._number)
        return self._database.read(lambda connection: int(connection.execute(wanted).scalar_one()))

    def extend(self, trials: int) -> None:
        """Lets it have at least ``trials`` trials altogether. The added ones begin a new batch."""
        self._database.write(lambda connection: studies.extend(connection, self._number, trials))

    def register_worker(self, lease: float = LEASE) -> Worker:
        """This process as a worker, for as long as the context lasts that it is used as.

        Leaving it gives the batches back that it has claimed and not committed, for anybody to claim at once.
        ``lease`` are the seconds without a sign of life after which others take over its batches. If its
        process ends on the machine where they are, they do so at once.
        """
        return Worker(self._database, self._number, lease)

    def claim(self, worker: Worker) -> Claim | None:
        """The next batch that nobody trains; None if all are finished or in somebody's hands."""
        token = uuid.uuid4().hex
        return self._database.write(
            lambda connection: batches.next_claim(
                connection, self._number, self.plan, worker.id, token, self.where
            ),
            durable=False,
        )

    def put_points(self, claim: Claim, points: Sequence[Point]) -> bool:
        """Tells everybody what will be trained: one point for each of the claim's numbers.

        False if the batch has been taken over meanwhile; then there is nothing to train.
        """
        if len(points) != len(claim.numbers):
            raise ValueError(f"{len(claim.numbers)} points are needed; found {len(points)}")
        # Durable, and with it the claim before it: a commit finds both, though the server has crashed since.
        return self._database.write(
            lambda connection: batches.put_points(
                connection, self._tables, self._number, self.plan, claim, points, self.where
            )
        )

    def commit(self, claim: Claim, trials: Sequence[Trial]) -> bool:
        """Stores the results of a batch, all at once.

        False if the batch has been taken over meanwhile: these results are then thrown away, since those of
        whoever has it now count (and are the same).
        """
        if [trial.number for trial in trials] != list(claim.numbers):
            raise ValueError(f"trials {claim.numbers} are needed, in this order")
        unfinished = [trial.number for trial in trials if len(trial.values or ()) != len(self.plan.metrics)]
        if unfinished or any(trial.state is TrialState.RUNNING for trial in trials):
            raise ValueError(f"every trial must be finished and have a value for each of {self.plan.metrics}")
        return self._database.write(
            lambda connection: batches.commit(
                connection, self._tables, self._number, self.plan, claim, trials
            )
        )

    def known(self) -> list[Trial]:
        """Every trial that was ever asked for, by number, finished ones and running ones, without their
        networks.

        What was finished at the last call is not read again.
        """
        before = self._known
        new = self._database.read(
            lambda connection: results.read_trials(
                connection, self._number, self.plan, self.where, first=len(before)
            )
        )
        found = [*before, *new]
        self._known = tuple(found[: _finished_from_the_start(found)])
        return found

    def trials(self, *, curves: bool = False) -> list[Trial]:
        """Every trial that was ever asked for, by number, with its networks; their curves only if wanted."""
        trials, networks = self._database.read(
            lambda connection: (
                results.read_trials(connection, self._number, self.plan, self.where),
                results.read_networks(connection, self._number, self.where, curves=curves),
            )
        )
        return [replace(trial, networks=networks.get(trial.number, ())) for trial in trials]

    def progress(self) -> Progress:
        """How far it is."""
        trials = schema.trials.c
        by_state = select(trials.state, func.count()).where(trials.study_id == self._number)
        wanted = select(schema.studies.c.target).where(schema.studies.c.study_id == self._number)

        def counted(connection: Connection) -> tuple[int, dict[str, int], int]:
            found = connection.execute(by_state.group_by(trials.state))
            counts = {str(state): int(count) for state, count in found}
            target = int(connection.execute(wanted).scalar_one())
            return target, counts, workers.count_alive(connection, self._number)

        target, counts, alive = self._database.read(counted)
        complete, pruned, running = (
            counts.get(state.value, 0)
            for state in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
        )
        return Progress(target, complete, pruned, running, alive)

    def waiting(self, worker: Worker) -> int:
        """How many batches are in the hands of other workers, dead or alive."""
        return self._database.read(
            lambda connection: batches.count_of_others(connection, self._number, worker.id)
        )

    def judged(self) -> tuple[int, ...]:
        """Trials whose refitted networks have seen the rows kept for the end, in that order."""
        return self._database.read(self._judged)

    def add_judged(self, trial: int) -> None:
        """Notes that this trial's refitted networks have seen them; once is enough."""

        def add(connection: Connection) -> None:
            judged = self._judged(connection)
            if trial not in judged:
                row = {"study_id": self._number, "number": trial, "place": len(judged)}
                connection.execute(insert(schema.judged).values(row))

        self._database.write(add, alone=True)

    def _judged(self, connection: Connection) -> tuple[int, ...]:
        columns = schema.judged.c
        found = select(columns.number).where(columns.study_id == self._number).order_by(columns.place)
        return tuple(connection.execute(found).scalars())

    def optuna(self) -> optuna.Study:
        """The study as Optuna has it, to be looked at with its tools."""
        with self._database.explaining():
            return optuna.load_study(study_name=self.name, storage=optuna_storage(self._database))


def _finished_from_the_start(trials: Sequence[Trial]) -> int:
    """How many trials from number 0 on are finished without a gap."""
    for position, trial in enumerate(trials):
        if trial.number != position or trial.state is TrialState.RUNNING:
            return position
    return len(trials)
