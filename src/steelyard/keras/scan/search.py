"""A scan as a study: on folds and seeds, kept in a database, hopeless trials stopped early.

A scan is what :func:`steelyard.tune` does with a grid, but that the model function says what a point means:
the paths of the space are the names of the parameters, and the plan has no recipe. So plan, storage, pruning
and the loop that claims batches are those of :mod:`steelyard.tuning`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from steelyard.errors import StudyError
from steelyard.keras.checks import whole
from steelyard.keras.codes import refuse
from steelyard.keras.scan.grid import Parameters
from steelyard.keras.scan.holdout import Holdout, divide, hold_out
from steelyard.keras.scan.identity import fingerprint, point_of, source_of, space_of
from steelyard.keras.scan.population import ScanExecutor
from steelyard.keras.scan.records import columns_of, history_of, status_of
from steelyard.keras.scan.results import Results
from steelyard.keras.scan.trials import Bar, ModelFunction
from steelyard.keras.seeding import next_seed
from steelyard.metrics import metric
from steelyard.recipe.base import Part
from steelyard.recipe.problems import validate
from steelyard.study import DropFolds, Plan, Pruning, Trial, TrialState
from steelyard.tuning.cost import usual_batch
from steelyard.tuning.evaluation.gauge import SERIES
from steelyard.tuning.home import Home
from steelyard.tuning.search import Ending, sigterm_as_interrupt, work
from steelyard.tuning.storage import StudyStore
from steelyard.tuning.study import Study, study_of


@dataclass(frozen=True, eq=False)
class Found:
    """What a scan found: the study it is, and what the study's numbers and names mean.

    ``combinations`` are the parameters of all trials by number; ``parts`` are the folds, or the only split.
    """

    study: Study
    combinations: Sequence[Parameters]
    parts: Sequence[Holdout]
    seed: int

    @cached_property
    def trials(self) -> list[Trial]:
        """Those that are finished, by number."""
        return [trial for trial in self.study.trials if trial.state is not TrialState.RUNNING]

    @property
    def results(self) -> Results:
        """What the scan shows: numbers, but no models."""
        trials = self.trials
        parameters = [self.combinations[trial.number] for trial in trials]
        return Results(
            columns=columns_of(trials, parameters, self.study.plan.metrics),
            parameters=parameters,
            statuses=[status_of(trial) for trial in trials],
            histories=[],
            curves=[history_of(trial) for trial in trials],
            times={"duration": [trial.seconds for trial in trials]},
            architectures=[None] * len(trials),
            weights=[None] * len(trials),
            planned=len(self.combinations),
            interrupted=self.study.ending is Ending.INTERRUPTED,
        )


def search(
    function: ModelFunction,
    x: Any,
    y: Any,
    *,
    x_val: Any,
    y_val: Any,
    val_split: float,
    grid: Callable[[int], list[Parameters]],
    seed: int | None,
    storage: str | Path | None,
    study: str,
    resume: bool,
    folds: int | None,
    seeds: int,
    metrics: str | Sequence[str],
    pruning: str | Pruning | Sequence[str | Pruning] | None,
    batch: int | None,
    bar: bool,
    print_params: bool,
) -> Found:
    """Trains what is not in the storage yet, batch by batch; arguments as :class:`~steelyard.keras.Scan` has
    them. ``grid`` makes the combinations, by the seed.

    Ctrl-C drops the batch in hand; KeyboardInterrupt is raised if nothing is finished. Raises what
    :class:`~steelyard.keras.Scan` raises.
    """
    count = 1 if folds is None else whole("Scan: folds", folds, low=1)
    names = _metric_names(metrics)
    rules = [pruning] if isinstance(pruning, str | Part) else pruning or ()
    if count > 1 and x_val is not None:
        raise refuse("K246", "Scan: folds divide the rows of x, so there is no use for x_val")
    home = Home(storage)
    with sigterm_as_interrupt(), home.open() as opened:
        begun = opened.find(study)
        if begun is not None and not resume:
            raise _there_already(begun)
        seed = _seed(begun, seed)
        combinations = grid(seed)
        _check_names(combinations[0])
        parts = _parts(x, y, x_val, y_val, val_split, count, seed)
        fixed: dict[str, Any] = {} if storage is None else {"Scan.model": source_of(function)}
        if count == 1 and x_val is None:
            fixed["Scan.val_split"] = val_split
        plan = validate(
            Plan,
            {
                "recipe": None,
                "space": space_of(combinations, fixed),
                "sampler": "grid",
                "seed": seed,
                "metrics": names,
                "folds": count,
                "seeds": whole("Scan: seeds", seeds, low=1),
                "test_share": 0.0,
                "pruning": tuple({"name": rule} if isinstance(rule, str) else rule for rule in rules),
                "batch": 1 if batch is None else whole("Scan: batch", batch, low=1),
                "fingerprint": fingerprint(x, y, x_val, y_val),
            },
            "Scan",
        )
        _check_pruning(plan.pruning)
        if batch is None:
            usual = usual_batch(plan, len(combinations)) if begun is None else begun.plan.batch
            plan = plan.model_copy(update={"batch": usual})
        store = opened.create_or_load(study, plan, len(combinations))
        networks = plan.folds * plan.seeds
        done = store.progress().finished * networks
        with Bar(len(combinations) * networks, done=done, shown=bar) as progress, warnings.catch_warnings():
            # Divergence is told at the end, once for all trials.
            warnings.filterwarnings("ignore", "K107:")
            executor = ScanExecutor(
                function, parts, combinations, plan, advance=progress.advance, print_params=print_params
            )
            points = [point_of(combination) for combination in combinations]
            ending = work(store, executor, ask=lambda numbers: [points[number] for number in numbers])
        found = Found(study_of(store, home, ending=ending), combinations, parts, seed)
    if not found.trials:  # interrupted before the first batch was done
        raise KeyboardInterrupt
    return found


def _there_already(begun: StudyStore) -> StudyError:
    return StudyError(
        f"{begun.where}: is there already, and resume=False asks for a new one",
        help="give the scan another name with study=..., or let it go on with resume=True",
    )


def _check_names(parameters: Parameters) -> None:
    """The table has columns that are called by these names, besides those of the metrics."""
    clash = [name for name in parameters if name == "state" or name.startswith(("val_", "validation_"))]
    if clash:
        raise refuse("K242", f"the parameter {clash[0]!r} is called like a column", "Give it another name.")


def _metric_names(metrics: str | Sequence[str]) -> tuple[str, ...]:
    names = tuple(metric(name).name for name in ([metrics] if isinstance(metrics, str) else metrics))
    strange = [name for name in names if name not in SERIES]
    if strange:
        raise refuse(
            "K246",
            f"Scan: metrics names {strange[0]}, which is not measured while fits train",
            f"Use {', '.join(SERIES)}; metrics of compile are in the table in any case.",
        )
    return names


def _check_pruning(rules: Sequence[Pruning]) -> None:
    if any(isinstance(rule, DropFolds) for rule in rules):
        raise refuse(
            "K246",
            "Scan: pruning='folds' trains fold after fold; a scan trains all folds of a trial together",
            "Use 'halving', 'hyperband', 'median' or 'patience'; or steelyard.tune.",
        )


def _seed(begun: StudyStore | None, seed: int | None) -> int:
    """The one given, else that of the study which has begun, else the next of the process."""
    if seed is not None:
        return whole("Scan: seed", seed, low=0)
    return next_seed() if begun is None else begun.plan.seed


def _parts(x: Any, y: Any, x_val: Any, y_val: Any, val_split: float, folds: int, seed: int) -> list[Holdout]:
    if folds > 1:
        return divide(x, y, folds, seed)
    return [hold_out(x, y, x_val, y_val, val_split, seed)]
