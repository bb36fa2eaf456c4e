"""A study: what a search found, to be looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars

from steelyard.data import Table
from steelyard.engine import OnEpoch
from steelyard.errors import StudyError
from steelyard.recipe import Recipe
from steelyard.study import Plan, Trial, TrialState
from steelyard.tuning.analysis import (
    Counts,
    Finding,
    Importance,
    Leaderboard,
    findings,
    importance,
    leaderboard,
)
from steelyard.tuning.evaluation import parts_of
from steelyard.tuning.home import Home
from steelyard.tuning.search import Ending
from steelyard.tuning.shown import study_html, study_line
from steelyard.tuning.space import recipe_of
from steelyard.tuning.storage import StudyStore
from steelyard.tuning.trial_table import trial_table
from steelyard.tuning.winner import Winner, refit

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """What a search found, as it was when this was made; :func:`steelyard.load_study` looks again."""

    name: str
    plan: Plan
    trials: tuple[Trial, ...]
    """In the order of their numbers, those that still run included, with every epoch of every network."""
    target: int
    """How many trials there are to be."""
    url: str
    """Of the database, but for its password. A study without a storage lies in a temporary file, which goes
    with this object."""
    home: Home
    """The way back into the database."""
    ending: Ending | None = None
    """Why the search ended; None of a study that was loaded."""
    winner: Winner | None = None
    """The best trial, trained again on all rows of the search and judged on those it has never seen. None if
    it was not wanted, if the search was interrupted, and of a study that was loaded: see :meth:`refit`."""
    judged: tuple[int, ...] = ()
    """The numbers of all trials that were ever judged on the rows the search has not seen, in that order. To
    choose between several of them is to choose on these rows."""
    counts: tuple[Counts, ...] = ()
    """The validation rows of each fold by label; empty of a study that was loaded, since they are in the
    table."""
    notes: tuple[str, ...] = ()
    """Sentences that a reader should know."""

    @property
    def finished(self) -> int:
        """How many trials are finished, pruned ones included."""
        return sum(trial.state is not TrialState.RUNNING for trial in self.trials)

    @property
    def best(self) -> Trial:
        """The trial at the top of the :attr:`ranking`.

        Raises :class:`~steelyard.errors.StudyError` if no trial is complete.
        """
        if not self.ranking.entries:
            raise StudyError(
                f"study {self.name!r}: {self.finished} of {self.target} trials are finished, none of them "
                "complete",
                help="go on with the search" if self.finished < self.target else "prune less, or try more",
            )
        number = self.ranking.entries[0].trial
        return next(trial for trial in self.trials if trial.number == number)

    @property
    def best_recipe(self) -> Recipe:
        """The recipe of :attr:`best`."""
        return recipe_of(self.plan, self.best.point)

    @cached_property
    def ranking(self) -> Leaderboard:
        """The leaderboard by the first metric."""
        return self.leaderboard()

    @cached_property
    def table(self) -> polars.DataFrame:
        """A row per trial: parameters, metrics at best and at last epochs, their spread over folds and seeds.

        The columns are those of :func:`~steelyard.tuning.trial_table.trial_table`.
        """
        return trial_table(self.plan, self.trials)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What should be known before the winner is believed, by code (T1xx)."""
        found = findings(self.plan, self.trials, counts=self.counts)
        return found if self.winner is None else (*found, *self.winner.findings)

    def leaderboard(self, metric: str | None = None) -> Leaderboard:
        """Complete trials from best to worst by a metric of the plan (the first, if None), ties marked."""
        return leaderboard(self.plan, self.trials, metric)

    def importance(self, metric: str | None = None) -> Importance:
        """How much each parameter decides about a metric of the plan (the first, if None)."""
        return importance(self.plan, self.trials, metric)

    def refit(self, table: Table, *, threads: int | None = None, on_epoch: OnEpoch | None = None) -> Study:
        """This study with its :attr:`winner`.

        ``table`` is that of the search. Before the test rows are read it is written to the database that
        :attr:`best` was judged on them. ``threads`` and ``on_epoch`` are those of
        :func:`steelyard.train`. Raises :class:`~steelyard.errors.StudyError` if no trial is complete or the
        table is another one.
        """
        best = self.best
        check_table(table, self.name, self.plan)
        parts = parts_of(table, self.plan)
        judged, notes = self.judged, self.notes
        if len(parts.test):
            with self.home.open() as opened:
                store = opened.load(self.name)
                store.add_judged(best.number)
                judged = tuple(store.judged())
            notes = (*notes, *_judged_before(judged, best.number))
        winner = refit(
            table,
            self.plan,
            self.trials,
            number=best.number,
            parts=parts,
            threads=threads,
            on_epoch=on_epoch,
        )
        counts = Counts.of(table.target, parts.splits)
        return dataclasses.replace(self, winner=winner, judged=judged, counts=counts, notes=notes)

    def optuna(self) -> optuna.Study:
        """The study as Optuna's own, for its plots and tools: it reads the database as that then is.

        That of a study without a storage is of use only as long as this object is there.
        """
        with self.home.open() as opened:
            return opened.load(self.name).optuna()

    def __repr__(self) -> str:
        """One line."""
        return f"<{self._line}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        remarks = [*(str(finding) for finding in self.findings), *self.notes]
        return study_html(self._line, self.plan, self.ranking, remarks)

    @property
    def _line(self) -> str:
        return study_line(self.name, self.finished, self.target, self.ranking)


def study_of(
    store: StudyStore,
    home: Home,
    *,
    ending: Ending | None = None,
    counts: Sequence[Counts] = (),
    notes: Sequence[str] = (),
) -> Study:
    """The study as it now is in its database."""
    return Study(
        name=store.name,
        plan=store.plan,
        trials=tuple(store.trials(curves=True)),
        target=store.target(),
        url=store.url,
        home=home,
        ending=ending,
        judged=tuple(store.judged()),
        counts=tuple(counts),
        notes=tuple(notes),
    )


def check_table(table: Table, name: str, plan: Plan) -> None:
    """:class:`~steelyard.errors.StudyError` unless the study ``name`` is about this table."""
    if table.fingerprint != plan.fingerprint:
        raise StudyError(
            f"study {name!r} is about another table: its fingerprint is {plan.fingerprint}, that of "
            f"{table.source} is {table.fingerprint}",
            help="give the data that the study was begun with, read the same way",
        )


def _judged_before(judged: Sequence[int], number: int) -> list[str]:
    others = [str(other) for other in judged if other != number]
    if not others:
        return []
    which = f"trial {others[0]}" if len(others) == 1 else f"trials {', '.join(others)}"
    return [
        f"the test rows were read before, for {which}: the best of several such scores is too good, "
        "and only rows that were never read can tell by how much"
    ]
