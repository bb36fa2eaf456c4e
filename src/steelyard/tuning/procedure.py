"""The procedure: a table and a space become a study."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from steelyard.data import Table
from steelyard.errors import SteelyardError, StudyError
from steelyard.recipe import Recipe
from steelyard.splitting import Way
from steelyard.study import Pruning, SamplerName, Space
from steelyard.tuning.analysis import Counts
from steelyard.tuning.draft import draft
from steelyard.tuning.duration import seconds_of
from steelyard.tuning.evaluation import parts_of
from steelyard.tuning.events import Note, Stage, Watcher
from steelyard.tuning.executors import Executor, LocalExecutor, RayExecutor
from steelyard.tuning.home import Home
from steelyard.tuning.search import Ending, sigterm_as_interrupt, work
from steelyard.tuning.storage import Storage, StudyStore
from steelyard.tuning.study import Study, check_table, study_of

ExecutorName = Literal["local", "ray"]


def tune(
    table: Table,
    space: Space | Mapping[str, Any] | str | Path = "quick",
    *,
    recipe: Recipe | None = None,
    sampler: SamplerName | None = None,
    trials: int | None = None,
    folds: int = 5,
    seeds: int = 1,
    metrics: str | Sequence[str] = ("average_precision",),
    prune: str | Pruning | Sequence[str | Pruning] = (),
    by: Way = "random",
    test_share: float = 0.2,
    seed: int = 0,
    budget: float | str | None = None,
    storage: str | Path | None = None,
    study: str = "study",
    executor: ExecutorName = "local",
    address: str | None = None,
    threads: int | None = None,
    batch: int | None = None,
    refit: bool = True,
    on_event: Watcher | None = None,
) -> Study:
    """Searches for the recipe that suits a table best, and judges what was found on rows it has not seen.

    A trial is a recipe trained on every fold with every seed; its score is the mean of the first metric on
    the folds' validation rows. Trials are trained and stored a batch at a time, each batch as one population
    on all cores: the same call goes on where an earlier one was stopped, a larger ``trials`` adds to it, and
    other processes can help (``steelyard worker``). At the end the best trial is trained again, and judged
    on the test rows, once.

    Ctrl-C drops the batches in hand; what is finished is in the study that is returned, and if that is
    nothing, KeyboardInterrupt is raised. SIGTERM does the same, and then ends the process.

    Args:
        table: The rows; ``table.weights`` count in objectives and scores.
        space: Where to look: paths of the recipe with the values they may take (a list) or their range (a
            tuple ``(low, high)``), a :class:`~steelyard.study.Space`, a TOML file, or the name of a preset:
            ``quick``, ``notebook``, ``thorough``.
        recipe: What the space changes; all defaults, if None.
        sampler: ``grid``, ``random``, ``sobol``, or one that learns: ``tpe``, ``gp``, ``cmaes``, ``nsga2``.
            By default the grid of a space of at most 100 points (or ``trials``), else ``tpe``.
        trials: How many; by default all of a grid, else 50.
        folds: Into which the rows that are not test rows are divided; 1 for one validation part.
        seeds: Networks for each fold.
        metrics: The first one ranks; all are in the study. With ``nsga2`` all are objectives.
        prune: Rules that stop hopeless networks: ``halving``, ``hyperband``, ``median``, ``patience``,
            ``folds``, or the records of :mod:`steelyard.study.pruning`.
        by: How the rows are divided, see :func:`~steelyard.splitting.split_rows`.
        test_share: Of the rows, which the search never sees; 0 for none, and then no score to trust either.
        seed: Of the sampler, the folds and the networks.
        budget: Seconds, or text such as ``"10m"``. A study that is new is cut to fit, by what a step was
            measured to take here; in any case no batch is begun after that time.
        storage: A path or ``sqlite:///path``, or ``postgresql://user@host/database``. By default a temporary
            file that is removed with the study.
        study: Its name in the storage.
        executor: ``local``: this process. ``ray``: tasks of a Ray cluster.
        address: Of the Ray cluster, see :class:`~steelyard.tuning.executors.RayExecutor`.
        threads: For one batch; all cores by default. Results do not depend on it.
        batch: Trials in a batch. The default depends on sampler and pruning, not on the machine.
        refit: Whether the best trial is trained again and judged on the test rows.
        on_event: Told what goes on, see :mod:`steelyard.tuning.events`.

    Raises:
        RecipeError: the space or another argument makes no sense.
        DataError: the table cannot be divided like that, or there is no such metric.
        StudyError: the storage has a study of that name that is another search.
        StorageError: the database cannot be used.
        SteelyardError: Ray cannot be used.
    """
    seconds = None if budget is None else seconds_of(budget)
    until = None if seconds is None else time.monotonic() + seconds
    home = Home(storage)
    with sigterm_as_interrupt(), home.open() as opened:
        drafted = draft(
            table,
            space,
            recipe=recipe,
            sampler=sampler,
            trials=trials,
            folds=folds,
            seeds=seeds,
            metrics=metrics,
            prune=prune,
            by=by,
            test_share=test_share,
            seed=seed,
            budget=seconds,
            threads=threads,
            batch=batch,
            begun=opened.find(study),
        )
        store = opened.create_or_load(study, drafted.plan, drafted.trials)
        return conduct(
            table,
            store,
            home,
            executor=executor,
            address=address,
            threads=threads,
            until=until,
            refit=refit,
            notes=drafted.notes,
            on_event=on_event,
        )


def conduct(
    table: Table,
    store: StudyStore,
    home: Home,
    *,
    executor: ExecutorName = "local",
    address: str | None = None,
    threads: int | None = None,
    until: float | None = None,
    refit: bool = True,
    notes: Sequence[str] = (),
    on_event: Watcher | None = None,
) -> Study:
    """The second half of :func:`tune`, with the same arguments: trains what is left, then the winner.

    ``store`` is open, ``home`` is where it lies. ``until`` is a time of :func:`time.monotonic`. Raises
    KeyboardInterrupt if it is interrupted before any trial is finished.
    """
    tell = _silent if on_event is None else on_event
    with sigterm_as_interrupt():
        ending, told = _search(table, store, executor, address, threads, until, on_event)
        counts = Counts.of(table.target, parts_of(table, store.plan).splits)
        study = study_of(store, home, ending=ending, counts=counts, notes=(*notes, *told))
        if ending is Ending.INTERRUPTED and not study.finished:
            raise KeyboardInterrupt
        if ending is Ending.INTERRUPTED or not refit or not study.ranking.entries:
            return study
        tell(Stage(f"training trial {study.best.number} again"))
        try:
            return study.refit(table, threads=threads)
        except KeyboardInterrupt:
            return dataclasses.replace(study, ending=Ending.INTERRUPTED)


def join(
    table: Table,
    store: StudyStore,
    *,
    executor: ExecutorName = "local",
    address: str | None = None,
    threads: int | None = None,
    until: float | None = None,
    on_event: Watcher | None = None,
) -> Ending:
    """Helps with a study that is there: what ``steelyard worker`` does. Arguments as for :func:`conduct`.

    Raises:
        StudyError: the study is about another table.
    """
    with sigterm_as_interrupt():
        ending, _ = _search(table, store, executor, address, threads, until, on_event)
    return ending


def load_study(storage: str | Path, name: str | None = None) -> Study:
    """The study of that name in a storage, as it is now; without a name the only one there.

    Args:
        storage: As for :func:`steelyard.tune`.
        name: Of the study.

    Raises:
        StudyError: there is no study of that name, or several and none was named.
        StorageError: the database cannot be read.
    """
    home = Home(storage)
    with home.open() as opened:
        return study_of(opened.load(_only(opened) if name is None else name), home)


def _search(
    table: Table,
    store: StudyStore,
    executor: ExecutorName,
    address: str | None,
    threads: int | None,
    until: float | None,
    on_event: Watcher | None,
) -> tuple[Ending, tuple[str, ...]]:
    """Why it ended, and what the executor has to say."""
    check_table(table, store.name, store.plan)
    hands: Executor
    if executor == "ray":
        hands = RayExecutor(table, store.plan, address=address, threads=threads)
    elif executor != "local":
        raise SteelyardError(f"executor: must be 'local' or 'ray'; found {executor!r}")
    elif address is not None:
        raise SteelyardError(f"address: {address!r} is for the executor 'ray'; found 'local'")
    else:
        hands = LocalExecutor(table, store.plan, threads=threads, on_step=on_event)
    with closing(hands):
        ending = work(store, hands, until=until, on_event=on_event)
        if on_event is not None:
            for note in hands.notes:
                on_event(Note(note))
        return ending, hands.notes


def _only(opened: Storage) -> str:
    names = opened.studies()
    if len(names) == 1:
        return names[0]
    found = f"there are {len(names)}: {', '.join(names)}" if names else "there is none"
    raise StudyError(f"{opened.url}: which study? {found}", help="name one of them" if names else "")


def _silent(event: object) -> None:
    """The watcher of those who do not watch."""
