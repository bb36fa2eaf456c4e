"""The procedure: recipes and a table become predictions for rows held out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from steelyard.crossvalidation.population import Outcome, train_on_folds
from steelyard.crossvalidation.result import ByFold, CrossValidation, HeldOut, Trained
from steelyard.crossvalidation.yardsticks import judge_yardsticks
from steelyard.data import Split, Table
from steelyard.engine import OnEpoch
from steelyard.errors import DataError, RecipeError
from steelyard.folds import Fold, describe_folds, make_folds
from steelyard.readout import check_objective
from steelyard.recipe import Recipe
from steelyard.recipe.decision import Decision
from steelyard.run import RunStatus
from steelyard.splitting import Way
from steelyard.training import assemble, predict_rows, silent


def cross_validate(
    recipes: Recipe | Mapping[str, Recipe],
    table: Table,
    *,
    folds: int | Sequence[Split] = 5,
    repeats: int = 1,
    seeds: int = 1,
    by: Way = "random",
    seed: int = 0,
    yardsticks: bool = True,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
    on_stage: Callable[[str], None] | None = None,
) -> CrossValidation:
    """Judges recipes on the same folds, with networks of the same seeds on each.

    In each fold, preprocessing and resampling see training rows alone; epoch, calibrator and threshold are
    chosen on validation rows, taken from those that the fold does not hold out; the rows held out are read
    once, at the end. The networks of all recipes, folds, repeats and seeds are one population (as far as
    memory allows, which changes nothing but the time). Probabilities of the seeds of a fold are averaged.

    Ctrl-C ends it; the folds that all recipes have finished by then are the result, so that all means are
    over the same folds. If there is none, it is raised.

    Args:
        recipes: One, or several by name.
        table: The rows; ``table.weights`` count in objectives and scores.
        folds: How many, or splits of your own, whose test rows are held out.
        repeats: How often the table is divided anew; at random or by group only.
        seeds: Networks for each recipe and fold, averaged.
        by: How folds are made, see :func:`~steelyard.folds.make_folds`; ignored with splits of your own.
        seed: Of the folds and of the first network; the others count up from it, fold by fold.
        yardsticks: Whether the base rate and a logistic regression are judged on the same folds.
        threads: As many as the machine has cores if None. Results do not depend on it.
        on_epoch: Told of every epoch of every network; there are :func:`networks_of` jobs.
        on_stage: Told in a few words what goes on.

    Raises:
        RecipeError: there is no recipe, ``seeds`` is below 1, or a recipe does not fit the table.
        DataError: the table cannot be divided like that.
    """
    started = time.perf_counter()
    tell = on_stage if on_stage is not None else silent
    named = {"recipe": recipes} if isinstance(recipes, Recipe) else dict(recipes)
    _check(named, seeds)
    made = _folds(table, folds, repeats, by, seed)
    trainings, training_of = _distinct(named)
    found: dict[str, list[HeldOut | None]] = {name: [None] * len(made) for name in named}
    trained = 0
    try:
        for outcomes in train_on_folds(
            table,
            made,
            trainings,
            seeds=seeds,
            seed=seed,
            threads=threads,
            on_epoch=on_epoch,
            tell=tell,
        ):
            tell("scoring")
            for outcome in outcomes:
                if any(run.status is RunStatus.INTERRUPTED for run in outcome.runs):
                    continue
                trained += len(outcome.runs)
                for name in (name for name, own in training_of.items() if own == outcome.training):
                    held_out = _judge(table, made[outcome.fold], outcome, named[name], threads)
                    found[name][outcome.fold] = held_out
    except KeyboardInterrupt:
        pass  # what there is, is kept
    finished = [all(by_fold) for by_fold in zip(*found.values(), strict=True)]
    if not any(finished):
        raise KeyboardInterrupt
    results: dict[str, ByFold] = {
        name: tuple(entry if kept else None for entry, kept in zip(entries, finished, strict=True))
        for name, entries in found.items()
    }
    references: dict[str, ByFold] = {}
    notes: tuple[str, ...] = ()
    if yardsticks and all(finished):
        references, notes = judge_yardsticks(table, made, next(iter(named.values())), tell)
    return CrossValidation(
        recipes=MappingProxyType(named),
        folds=made,
        results=MappingProxyType(results),
        yardsticks=MappingProxyType(references),
        target=table.target,
        weights=table.weights,
        schema=table.schema,
        source=table.source,
        fingerprint=table.fingerprint,
        by=by if isinstance(folds, int) else "given",
        method=describe_folds(folds, repeats, by, seed) if isinstance(folds, int) else "splits as given",
        seed=seed,
        seeds=seeds,
        trained=trained,
        notes=notes,
        seconds=time.perf_counter() - started,
    )


def networks_of(recipes: Mapping[str, Recipe], folds: int, seeds: int) -> int:
    """How many networks :func:`cross_validate` trains for these; ``folds`` are those of all repeats."""
    return len(_distinct(recipes)[0]) * folds * seeds


def _check(recipes: Mapping[str, Recipe], seeds: int) -> None:
    if not recipes:
        raise RecipeError("recipes: there is nothing to cross-validate")
    if seeds < 1:
        raise RecipeError(f"seeds: at least one network must be trained; found {seeds}")
    for recipe in recipes.values():
        check_objective(recipe.decision.threshold)


def _folds(table: Table, folds: int | Sequence[Split], repeats: int, by: Way, seed: int) -> tuple[Fold, ...]:
    if isinstance(folds, int):
        return make_folds(table, folds=folds, repeats=repeats, by=by, seed=seed)
    if repeats != 1:
        raise DataError(f"repeats: splits as given are not repeated; found {repeats} repeats")
    for number, split in enumerate(folds, start=1):
        parts = np.concatenate([split.train, split.validation, split.test])
        if not (len(split.train) and len(split.test)):
            raise DataError(f"folds: split {number} of {len(folds)} needs training rows and test rows")
        if len(np.unique(parts)) < len(parts):
            raise DataError(f"folds: split {number} of {len(folds)} has a row in two parts")
    return tuple(Fold(1, number, split) for number, split in enumerate(folds, start=1))


def _distinct(recipes: Mapping[str, Recipe]) -> tuple[list[Recipe], dict[str, int]]:
    """The recipes whose networks differ, and which of them each name needs.

    How predictions are read has no part in training.
    """
    trainings: list[Recipe] = []
    numbers: dict[str, int] = {}
    of_name = {}
    for name, recipe in recipes.items():
        key = recipe.model_copy(update={"decision": Decision()}).model_dump_json()
        if key not in numbers:
            numbers[key] = len(trainings)
            trainings.append(recipe)
        of_name[name] = numbers[key]
    return trainings, of_name


def _judge(table: Table, fold: Fold, outcome: Outcome, recipe: Recipe, threads: int | None) -> HeldOut:
    task = dataclasses.replace(outcome.task, recipe=recipe)
    model, calibration, threshold = assemble(table, task, outcome.runs, threads)
    rows = fold.split.test
    networks = (Trained(run.seed, run.status, run.best_epoch, len(run.history)) for run in outcome.runs)
    return HeldOut(
        fold=fold,
        probability=predict_rows(table, rows, model, threads),
        raw=predict_rows(table, rows, model, threads, raw=True),
        readout=model.readout,
        calibration=calibration,
        threshold=threshold,
        networks=tuple(networks),
        notes=task.resampled.notes,
    )
