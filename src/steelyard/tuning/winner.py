"""The winner of a search: trained again on all rows but the test rows, and judged on these, once.

**Rows.** The networks of the search have each seen all but one fold; the winner learns from all folds.
Nothing is kept back: what has to be chosen on rows is chosen on those of the folds, each predicted by
networks that did not learn from it.

**Epochs.** Without validation rows nothing can stop a network early, so it is trained for the middle one of
the best epochs that its recipe had on the folds. There is no good rule for whether epochs or steps should
be the same when there are more rows (Goodfellow, Bengio and Courville 2016, section 7.8): epochs are, so
each row is seen as often as it was, and of two middle ones the later, since more rows are overfitted later.
Schedules keep the length they had in the search: a cosine that was best after 23 of 60 epochs is followed
for 23 epochs, not squeezed into them, which would be another learning rate at every step. A batch size that
follows the number of rows stays what it was on the folds, for the same reason.

**Calibrator and threshold** are chosen on out-of-fold predictions (as by scikit-learn's
``CalibratedClassifierCV`` with ``ensemble=False`` and ``TunedThresholdClassifierCV``): the networks of the
folds are trained once more, from the same seeds and for that same number of epochs, and predict the rows
they did not learn from.

**A learning rate that watches validation rows** (``reduce_on_plateau`` on a validation series) cannot do
without them. Then the last fold is kept as validation rows, for the rate, the epoch, the calibrator and the
threshold, and the winner learns from the others.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.data import Split, Table
from steelyard.engine import Decision, EpochEnd, OnEpoch
from steelyard.engine.lowering import batch_size
from steelyard.errors import StudyError
from steelyard.jobs import Preparation, Task, train_together
from steelyard.metrics import Estimate, Interval, as_loss, evaluate, measure, metric
from steelyard.readout import choose_readout, uncalibrated
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.schedule import ReduceOnPlateau
from steelyard.run import Model, Run, RunStatus
from steelyard.run_logs import logs_of
from steelyard.study import Plan, Trial
from steelyard.training import Fitted, TrainingResult, fit, judge, overall, predict_rows, sound
from steelyard.tuning.analysis import Entry, Finding, leaderboard
from steelyard.tuning.evaluation import Parts, parts_of
from steelyard.tuning.space import recipe_of


@dataclass(frozen=True, eq=False)
class Winner:
    """A trial, trained again, and what its score is worth.

    ``own`` is the score that the search gave it: the mean over its networks on the folds. ``held_out`` is
    the metric of the refitted model on the test rows, with its 95 % interval; None without test rows.
    ``alone`` is the mean of its networks one by one, which ``own`` is to be compared with, since the average
    of several networks mostly scores better than each; the same as ``held_out`` of a single network.

    ``optimism`` is by how much the search promised too much: ``own`` less ``alone``, or the other way round
    for a metric that should be low. Its 95 % interval allows for the chance of the test rows and, with
    several folds, for that of the folds (Zou and Donner 2008, MOVER). NaN without test rows.

    ``recipe`` is that of the trial; ``result.recipe`` has what the refit changed. ``epochs`` is how many the
    networks were trained for, None if validation rows decided. ``sentence`` tells the scores to people;
    ``findings`` holds T107 if the interval of the optimism lies above 0.
    """

    trial: int
    recipe: Recipe
    epochs: int | None
    result: TrainingResult
    metric: str
    own: float
    held_out: Estimate | None
    alone: float
    optimism: float
    optimism_low: float
    optimism_high: float
    sentence: str
    findings: tuple[Finding, ...]


def refit(
    table: Table,
    plan: Plan,
    trials: Sequence[Trial],
    *,
    number: int | None = None,
    parts: Parts | None = None,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> Winner:
    """Trains the best of these trials, or that with this ``number``, on all rows but the test rows.

    With ``plan.seeds`` networks from ``plan.seed`` up, whose probabilities are averaged. The test rows are
    read once, at the end. See the module for what is trained how.

    Args:
        table: The one of the search.
        plan: The study's.
        trials: The study's; the best one is taken as a leaderboard has it.
        number: Of a complete trial, if it should be another one.
        parts: Those of :func:`~steelyard.tuning.evaluation.parts_of`, if they are at hand.
        threads: As many as the machine has cores if None. Results do not depend on it.
        on_epoch: Told of every epoch of every network; its answer is not asked for.

    Raises:
        StudyError: no trial is complete, or not that one.
        KeyboardInterrupt: Ctrl-C.
    """
    started = time.perf_counter()
    board = leaderboard(plan, trials)
    entry = next((entry for entry in board.entries if number in (None, entry.trial)), None)
    if entry is None:
        which = "no trial is" if number is None else f"trial {number} is not"
        raise StudyError(f"refit: {which} complete, so there is nothing to train again")
    trial = next(trial for trial in trials if trial.number == entry.trial)
    recipe = recipe_of(plan, trial.point)
    parts = parts_of(table, plan) if parts is None else parts
    watches = isinstance(recipe.optimizer.schedule, ReduceOnPlateau) and (
        recipe.optimizer.schedule.monitor.startswith("validation_")
    )
    if watches:
        split, again, epochs = dataclasses.replace(parts.splits[-1], test=parts.test), recipe, None
        fitted = fit(
            table, again, split, seeds=plan.seeds, seed=plan.seed, threads=threads, on_epoch=_told(on_epoch)
        )
        _refuse_interrupted(fitted.runs)
    else:
        epochs = epochs_for(trial)
        split = Split(parts.search, np.zeros(0, np.int64), parts.test, f"refit on {parts.method}")
        again, fitted = _fit_on_all(table, plan, recipe, split, parts, epochs, threads, on_epoch)
    result = judge(
        table,
        again,
        split,
        fitted,
        seed=plan.seed,
        chosen_on="validation" if watches else "folds",
        threads=threads,
        started=started,
    )
    return _scored(table, plan, entry, recipe, epochs, result, threads)


def epochs_for(trial: Trial) -> int:
    """The middle of the best epochs of the networks that did not diverge, of two the later; at least 1."""
    best = [network.best_epoch for network in trial.networks if network.status is not RunStatus.DIVERGED]
    return max(1, statistics.median_high(best)) if best else 1


def _fit_on_all(
    table: Table,
    plan: Plan,
    recipe: Recipe,
    split: Split,
    parts: Parts,
    epochs: int,
    threads: int | None,
    on_epoch: OnEpoch | None,
) -> tuple[Recipe, Fitted]:
    """The recipe as it was trained, and the networks of all rows with a readout chosen on the folds."""
    preparation = Preparation(table)
    learned = preparation.task(recipe, parts.splits[-1], seed=plan.seed).resampled
    rows = len(learned.rows) + len(learned.synthetic_target)
    again = apply(
        recipe,
        Change("training.batch_size", batch_size(recipe.training, rows)),
        Change("training.patience", None),
        Change("training.restore_best_weights", False),
        Change("training.max_seconds", None),
    )
    whole = preparation.task(again, split, seed=plan.seed)
    # Seeds as in the search, so that these are its networks.
    folds = [
        preparation.task(again, part, seed=plan.seed + fold * plan.seeds)
        for fold, part in enumerate(parts.splits)
    ]
    trained = train_together(
        table, [whole, *folds], plan.seeds, threads=threads, on_epoch=_told(on_epoch, epochs)
    )
    _refuse_interrupted([run for runs in trained for run in runs])
    runs = [_completed(run, epochs, plan) for run in trained[0]]
    judged = np.concatenate([part.validation for part in parts.splits])
    probability = np.concatenate(
        [
            predict_rows(table, task.split.validation, _model(table, task, of_fold), threads)
            for task, of_fold in zip(folds, trained[1:], strict=True)
        ]
    )
    readout, calibration, threshold = choose_readout(
        whole,
        probability,
        table.target[judged],
        None if table.weights is None else table.weights[judged],
        groups=table.groups[judged] if plan.by == "group" and table.groups is not None else None,
    )
    status, reason = overall(runs, sound(runs))
    fitted = Fitted(
        model=dataclasses.replace(_model(table, whole, runs), readout=readout),
        calibration=calibration,
        threshold=threshold,
        base_rate=whole.base_rate,
        runs=tuple(runs),
        status=status,
        reason=reason,
        advice=(),
        notes=whole.resampled.notes,
        logs=logs_of(table, whole, runs, {}, calibration),
    )
    return again, fitted


def _model(table: Table, task: Task, runs: Sequence[Run]) -> Model:
    weights = tuple(runs[member].weights for member in sound(runs))
    return Model(table.schema, task.encoding, task.recipe.network, weights, uncalibrated(task))


def _told(on_epoch: OnEpoch | None, epochs: int | None = None) -> OnEpoch:
    """Tells of every epoch, and stops networks after so many."""

    def watch(end: EpochEnd) -> Decision | None:
        if on_epoch is not None:
            on_epoch(end)
        return Decision(stop=True) if epochs is not None and end.epoch >= epochs else None

    return watch


def _completed(run: Run, epochs: int, plan: Plan) -> Run:
    """A network that was stopped where it was meant to end, as one that ended there."""
    if run.status not in (RunStatus.PRUNED, RunStatus.COMPLETED):
        return run
    reason = (
        f"trained for {epochs} of {run.recipe.training.epochs} epochs, the middle of the best ones of its "
        f"{plan.folds * plan.seeds} networks in the search"
    )
    return dataclasses.replace(run, status=RunStatus.COMPLETED, reason=reason, best_epoch=len(run.history))


def _refuse_interrupted(runs: Sequence[Run]) -> None:
    if any(run.status is RunStatus.INTERRUPTED for run in runs):
        raise KeyboardInterrupt


def _scored(
    table: Table,
    plan: Plan,
    entry: Entry,
    recipe: Recipe,
    epochs: int | None,
    result: TrainingResult,
    threads: int | None,
) -> Winner:
    name = metric(plan.metrics[0]).name
    held_out, alone = None, math.nan
    if "test" in result.targets:
        target = result.targets["test"]
        weights = None if result.weights is None else result.weights["test"]
        threshold = result.model.readout.threshold
        held_out = evaluate(
            target, result.probabilities["test"], weights, metrics=[name], threshold=threshold
        ).estimates[name]
        rows = result.split.test
        one_by_one = [dataclasses.replace(result.model, weights=(own,)) for own in result.model.weights]
        alone = (
            held_out.value
            if len(one_by_one) == 1
            else float(
                np.mean(
                    [
                        measure(
                            name,
                            target,
                            predict_rows(table, rows, own, threads),
                            weights,
                            threshold=threshold,
                        )
                        for own in one_by_one
                    ]
                )
            )
        )
    optimism, low, high = _optimism(name, entry, held_out, alone)
    sentence = _sentence(name, entry, held_out, alone, len(result.model.weights), len(result.split.test))
    promised: tuple[Finding, ...] = ()
    if low > 0.0:
        message = f"{sentence} That is {optimism:.2g} less than promised [{low:.2g}, {high:.2g}]."
        promised = (Finding("T107", message, (entry.trial,)),)
    return Winner(
        trial=entry.trial,
        recipe=recipe,
        epochs=epochs,
        result=result,
        metric=name,
        own=entry.mean,
        held_out=held_out,
        alone=alone,
        optimism=optimism,
        optimism_low=low,
        optimism_high=high,
        sentence=sentence,
        findings=promised,
    )


def _optimism(name: str, entry: Entry, held_out: Estimate | None, alone: float) -> tuple[float, float, float]:
    """How much more was promised than held, and its interval; positive if too much was promised."""
    if held_out is None or math.isnan(alone):
        return math.nan, math.nan, math.nan
    chosen = metric(name)
    gap = as_loss(chosen, alone) - as_loss(chosen, entry.mean)
    interval = held_out.interval or Interval(math.nan, math.nan, 0.95, "bootstrap")
    # How far each may be wrong, towards more and towards less; of a single fold nothing is known, and its
    # score is taken as it is.
    less_here, more_here = _reaches(held_out.value, interval.low, interval.high)
    less_own, more_own = (
        _reaches(entry.mean, entry.low, entry.high) if not math.isnan(entry.low) else (0.0, 0.0)
    )
    if chosen.direction == "lower":
        less_here, more_here, less_own, more_own = more_here, less_here, more_own, less_own
    return gap, gap - math.hypot(less_own, more_here), gap + math.hypot(more_own, less_here)


def _reaches(value: float, low: float, high: float) -> tuple[float, float]:
    return max(value - low, 0.0), max(high - value, 0.0)


def _sentence(
    name: str, entry: Entry, held_out: Estimate | None, alone: float, networks: int, rows: int
) -> str:
    promised = f"The search promised {entry.mean:.3f} ({name}, trial {entry.trial})"
    if held_out is None:
        return f"{promised}; no rows were kept from it to check that on."
    interval = held_out.interval
    reach = "" if interval is None else f" [{interval.low:.3f}, {interval.high:.3f}]"
    if networks == 1:
        return f"{promised}; on {rows:,} rows it never saw it is {held_out.value:.3f}{reach}."
    return (
        f"{promised}; on {rows:,} rows it never saw single networks have {alone:.3f} on average, and the "
        f"mean of {networks} has {held_out.value:.3f}{reach}."
    )
