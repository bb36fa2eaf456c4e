"""The train procedure: a table, a recipe and a split become a model and its scores.

Pure of files and terminals: the command line, the estimator and later the experiments call it and
decide themselves what to show and what to keep.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.baselines import Baseline, logistic_regression, prevalence
from steelyard.calibration import CalibrationChoice
from steelyard.data import Encoding, Features, Schema, Split, Table
from steelyard.engine import OnEpoch, predict_probability
from steelyard.errors import RecipeError
from steelyard.jobs import Task, prepare, train_together
from steelyard.log import Log
from steelyard.metrics import Scores, score
from steelyard.readout import can_choose, check_objective, choose_readout, uncalibrated
from steelyard.recipe import Change, Recipe
from steelyard.run import Model, Run, RunStatus
from steelyard.run_logs import logs_of, with_logistic
from steelyard.thresholds import ThresholdChoice

PartScores = Mapping[str, Scores]
"""Scores by part of the split, ``validation`` and ``test``; a part without rows has no key."""

ChosenOn = Literal["validation", "folds"]
"""The validation rows of the split; or, where there are none, the training rows: each by networks of a
cross-validation that did not learn from it."""

SEVERITY = (
    RunStatus.COMPLETED,
    RunStatus.STOPPED_EARLY,
    RunStatus.PRUNED,
    RunStatus.INTERRUPTED,
    RunStatus.DIVERGED,
)
"""From best to worst; several networks together have the status of the worst of them."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """What :func:`fit` gives: the model and what became of each network.

    ``runs`` has one entry per seed, ``seed``, ``seed + 1``, ... ``model`` averages the networks of those
    among them that are sound (see :func:`sound`). ``calibration`` and ``threshold`` say how its readout
    was chosen, None where there were no validation rows of both classes to choose on. ``base_rate`` is the
    share of positives, in row weight, among the training rows as they are. ``status`` is the worst of the
    runs' and ``reason`` says in a sentence what happened; ``advice`` holds what to change before training
    again, empty if nothing suggests itself. ``notes`` are sentences for people. ``logs`` are the runs, in
    their order, as a diagnosis reads them.
    """

    model: Model
    calibration: CalibrationChoice | None
    threshold: ThresholdChoice | None
    base_rate: float
    runs: tuple[Run, ...]
    status: RunStatus
    reason: str
    advice: tuple[Change, ...]
    notes: tuple[str, ...]
    logs: tuple[Log, ...]


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """All that one call of :func:`train` found out; what a run folder keeps and a summary tells.

    ``status``, ``reason``, ``advice``, ``model``, ``runs``, ``calibration``, ``threshold`` and ``base_rate``
    are those of :class:`Fitted`. ``scores`` are the model's; ``network_scores[i]`` are those of ``runs[i]``
    alone. ``targets`` (uint8), ``probabilities`` (float64, of the positive label, by the model) and, if rows
    have weights, ``weights`` hold the rows of ``split.validation`` and ``split.test``, in their order.
    ``baselines`` holds the scores of each yardstick by its name. ``notes`` are sentences a reader of the
    scores should know. ``logs[i]`` is ``runs[i]`` as a diagnosis reads it
    (:func:`~steelyard.diagnosis.diagnosis.diagnosis_of`). ``seconds`` is the time all of it took.
    ``chosen_on`` are the rows that chose epoch, calibrator and threshold.
    """

    recipe: Recipe
    seed: int
    status: RunStatus
    reason: str
    advice: tuple[Change, ...]
    model: Model
    calibration: CalibrationChoice | None
    threshold: ThresholdChoice | None
    base_rate: float
    runs: tuple[Run, ...]
    schema: Schema
    source: str
    fingerprint: str
    rows: int
    positives: int
    split: Split
    targets: Mapping[str, NDArray[np.uint8]]
    weights: Mapping[str, NDArray[np.float32]] | None
    probabilities: Mapping[str, NDArray[np.float64]]
    scores: PartScores
    network_scores: tuple[PartScores, ...]
    baselines: Mapping[str, PartScores]
    notes: tuple[str, ...]
    logs: tuple[Log, ...]
    seconds: float
    chosen_on: ChosenOn = "validation"


def fit(
    table: Table,
    recipe: Recipe,
    split: Split,
    *,
    seeds: int = 1,
    seed: int = 0,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """The first half of :func:`train`, with the same arguments: trains, and scores nothing."""
    if seeds < 1:
        raise RecipeError(f"seeds: at least one network must be trained; found {seeds}")
    check_objective(recipe.decision.threshold)
    task = prepare(table, recipe, split, seed=seed)
    (runs,) = train_together(table, [task], seeds, threads=threads, on_epoch=on_epoch)
    members = sound(runs)
    status, reason = overall(runs, members)
    alone = validated(table, task, runs, threads)
    model, calibration, threshold = assemble(table, task, runs, threads, alone)
    return Fitted(
        model=model,
        calibration=calibration,
        threshold=threshold,
        base_rate=task.base_rate,
        runs=tuple(runs),
        status=status,
        reason=reason,
        advice=advise(runs),
        notes=task.resampled.notes,
        logs=logs_of(table, task, runs, alone, calibration),
    )


def train(
    table: Table,
    recipe: Recipe,
    split: Split,
    *,
    seeds: int = 1,
    seed: int = 0,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
    on_stage: Callable[[str], None] | None = None,
) -> TrainingResult:
    """Trains ``seeds`` networks that differ in nothing but their seed, and scores their average.

    Preprocessing is fitted on training rows, the epoch chosen on validation rows, and the test rows
    are read once, after the last weight is final. A run that diverges, stops early or is interrupted
    by Ctrl-C is part of the result, not an error; Ctrl-C while the logistic regression is fitted
    leaves that yardstick out.

    Args:
        table: The rows; ``table.weights`` count in the objective and in all scores.
        recipe: How to train.
        split: Which rows train, choose and judge. Validation or test may be empty.
        seeds: How many networks; their probabilities are averaged.
        seed: Of the first network; the others count up from it.
        threads: As many as the machine has cores if None. Results do not depend on it.
        on_epoch: Told of each finished epoch of each network; may stop it (it then counts as pruned).
        on_stage: Told in a few words what goes on outside the epochs ("fitting logistic regression").

    Raises:
        RecipeError: ``seeds`` is below 1, or the recipe does not fit the table.
    """
    started = time.perf_counter()
    tell = on_stage if on_stage is not None else silent
    tell("training")
    fitted = fit(table, recipe, split, seeds=seeds, seed=seed, threads=threads, on_epoch=on_epoch)
    return judge(table, recipe, split, fitted, seed=seed, threads=threads, started=started, on_stage=on_stage)


def judge(
    table: Table,
    recipe: Recipe,
    split: Split,
    fitted: Fitted,
    *,
    seed: int = 0,
    chosen_on: ChosenOn = "validation",
    threads: int | None = None,
    started: float | None = None,
    on_stage: Callable[[str], None] | None = None,
) -> TrainingResult:
    """The second half of :func:`train`, with the same arguments: scores a model, and yardsticks beside it.

    ``started`` is when all of it began, by :func:`time.perf_counter`; now if None.
    """
    started = time.perf_counter() if started is None else started
    tell = on_stage if on_stage is not None else silent
    model = fitted.model
    tell("scoring")
    alone = [dataclasses.replace(model, weights=(run.weights,)) for run in fitted.runs]
    by_network = [_predict(table, split, network, threads) for network in alone]
    probabilities = _predict(table, split, model, threads)
    baselines, notes = _baselines(table, split, model.encoding, tell)
    yardsticks = {baseline.name: _score(table, split, baseline.probabilities) for baseline in baselines}
    return TrainingResult(
        recipe=recipe,
        seed=seed,
        status=fitted.status,
        reason=fitted.reason,
        advice=fitted.advice,
        model=model,
        calibration=fitted.calibration,
        threshold=fitted.threshold,
        base_rate=fitted.base_rate,
        runs=fitted.runs,
        schema=table.schema,
        source=table.source,
        fingerprint=table.fingerprint,
        rows=len(table),
        positives=int(table.target.sum()),
        split=split,
        targets={part: table.target[rows] for part, rows in _judged(split).items()},
        weights=None
        if table.weights is None
        else {part: table.weights[rows] for part, rows in _judged(split).items()},
        probabilities=probabilities,
        scores=_score(table, split, probabilities),
        network_scores=tuple(_score(table, split, columns) for columns in by_network),
        baselines=yardsticks,
        notes=(*fitted.notes, *notes),
        logs=with_logistic(fitted.logs, yardsticks.get("logistic_regression", {}).get("validation")),
        seconds=time.perf_counter() - started,
        chosen_on=chosen_on,
    )


def sound(runs: Sequence[Run]) -> list[int]:
    """Positions of the runs whose networks are worth averaging.

    Those that did not diverge and finished an epoch; if there are none, those that finished an epoch;
    if there are none either, all.
    """
    learned = [number for number, run in enumerate(runs) if run.best_epoch > 0]
    healthy = [number for number in learned if runs[number].status is not RunStatus.DIVERGED]
    return healthy or learned or list(range(len(runs)))


def overall(runs: Sequence[Run], members: Sequence[int]) -> tuple[RunStatus, str]:
    """The worst status among the runs, and the sentence that goes with it."""
    worst = max(runs, key=lambda run: SEVERITY.index(run.status))
    if len(runs) == 1:
        return worst.status, worst.reason
    alike = sum(run.status is worst.status for run in runs)
    reason = f"{alike} of {len(runs)} networks {worst.status.replace('_', ' ')}: {worst.reason}"
    left_out = len(runs) - len(members)
    if left_out:
        reason = f"{reason.rstrip('.')}; {left_out} left out of the average"
    return worst.status, reason


def advise(runs: Sequence[Run]) -> tuple[Change, ...]:
    """What to change before training again, if anything suggests itself."""
    recipe = runs[0].recipe
    if any(run.status is RunStatus.DIVERGED for run in runs):
        usual = type(recipe.optimizer)().learning_rate
        gentler = min(float(f"{recipe.optimizer.learning_rate / 10:.3g}"), usual)
        changes = [Change("optimizer.learning_rate", gentler)]
        if recipe.optimizer.global_clip_norm is None:
            changes.append(Change("optimizer.global_clip_norm", 1.0))
        if recipe.preprocessing.scaling == "none":
            changes.append(Change("preprocessing.scaling", "robust"))
        return tuple(changes)
    still_improving = all(
        run.status is RunStatus.COMPLETED and run.best_epoch == recipe.training.epochs > 1 for run in runs
    )
    return (Change("training.epochs", 2 * recipe.training.epochs),) if still_improving else ()


def silent(stage: str) -> None:
    """The listener of those who do not listen."""


def _judged(split: Split) -> dict[str, NDArray[np.int64]]:
    """The rows that are scored, by part; parts without rows left out."""
    parts = {"validation": split.validation, "test": split.test}
    return {part: rows for part, rows in parts.items() if len(rows)}


def _predict(table: Table, split: Split, model: Model, threads: int | None) -> dict[str, NDArray[np.float64]]:
    """Probabilities of each part that is scored."""
    return {part: predict_rows(table, rows, model, threads) for part, rows in _judged(split).items()}


def predict_rows(
    table: Table, rows: NDArray[np.int64], model: Model, threads: int | None = None, *, raw: bool = False
) -> NDArray[np.float64]:
    """Probabilities of some rows of a table, by :func:`~steelyard.engine.predict_probability`."""
    features = Features(
        numeric=np.ascontiguousarray(table.features.numeric[rows]),
        codes=np.ascontiguousarray(table.features.codes[rows]),
    )
    return predict_probability(model, features, raw=raw, threads=threads)


def validated(
    table: Table, task: Task, runs: Sequence[Run], threads: int | None = None
) -> dict[int, NDArray[np.float64]]:
    """What each sound network alone says of the validation rows, before calibration, by its number."""
    rows = task.split.validation
    if not len(rows):
        return {}
    return {
        number: predict_rows(table, rows, _uncalibrated(table, task, [runs[number]]), threads)
        for number in sound(runs)
    }


def assemble(
    table: Table,
    task: Task,
    runs: Sequence[Run],
    threads: int | None = None,
    alone: Mapping[int, NDArray[np.float64]] | None = None,
) -> tuple[Model, CalibrationChoice | None, ThresholdChoice | None]:
    """The model of a task: its sound networks, read as was chosen on its validation rows.

    Without validation rows of both classes nothing is chosen. ``alone`` is what :func:`validated` gives, if
    it is at hand.
    """
    model = _uncalibrated(table, task, [runs[number] for number in sound(runs)])
    rows = task.split.validation
    labels = table.target[rows]
    weights_of_rows = None if table.weights is None else table.weights[rows]
    if not can_choose(labels, weights_of_rows):
        return model, None, None
    alone = validated(table, task, runs, threads) if alone is None else alone
    readout, calibration, threshold = choose_readout(
        task,
        np.mean(list(alone.values()), axis=0),
        labels,
        weights_of_rows,
        groups=None if table.groups is None else table.groups[rows],
    )
    return dataclasses.replace(model, readout=readout), calibration, threshold


def _uncalibrated(table: Table, task: Task, runs: Sequence[Run]) -> Model:
    weights = tuple(run.weights for run in runs)
    return Model(table.schema, task.encoding, task.recipe.network, weights, uncalibrated(task))


def _score(table: Table, split: Split, probabilities: Mapping[str, NDArray[np.float64]]) -> dict[str, Scores]:
    scores: dict[str, Scores] = {}
    for part, rows in _judged(split).items():
        weights = None if table.weights is None else table.weights[rows]
        scores[part] = score(table.target[rows], probabilities[part], weights)
    return scores


def _baselines(
    table: Table, split: Split, encoding: Encoding, tell: Callable[[str], None]
) -> tuple[list[Baseline], tuple[str, ...]]:
    """The yardsticks, and what is to be said about them."""
    baselines = [prevalence(table, split)]
    tell("fitting logistic regression")
    try:
        baselines.append(logistic_regression(table, split, encoding))
    except KeyboardInterrupt:
        return baselines, ("the logistic regression was interrupted and is left out",)
    return baselines, tuple(baseline.note for baseline in baselines if baseline.note)
