"""One batch of trials, from points of the space to scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from steelyard.data import Table
from steelyard.errors import RecipeError
from steelyard.jobs import Preparation, Task
from steelyard.metrics import Metric, as_loss
from steelyard.recipe import Recipe
from steelyard.run import RunStatus
from steelyard.study import DropFolds, NetworkOutcome, Plan, Point, Trial
from steelyard.tuning.evaluation.checks import check_metrics, check_recipes
from steelyard.tuning.evaluation.outcome import trial_of, untrained
from steelyard.tuning.evaluation.parts import Parts, parts_of
from steelyard.tuning.evaluation.population import Entry, Trainer
from steelyard.tuning.evaluation.step import Step
from steelyard.tuning.pruning import Referee, hopeless, incumbent, rules_of
from steelyard.tuning.space import recipe_of

Found = dict[tuple[int, int], list[NetworkOutcome]]
"""Networks by position of the trial in the batch and number of the fold."""


def evaluate(
    table: Table,
    plan: Plan,
    numbers: Sequence[int],
    points: Sequence[Point],
    *,
    threads: int | None = None,
    parts: Parts | None = None,
    preparation: Preparation | None = None,
    on_progress: Callable[[Step], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Trial]:
    """Trains the trials of a batch and scores them, in the order of ``points``.

    The networks of all trials, folds and seeds are one population, or several if memory allows no more, which
    changes nothing. Fold f is trained with the seeds ``plan.seed + f * plan.seeds`` and up, as in
    :func:`~steelyard.crossvalidation.cross_validate`: trials start alike on a fold, and no two folds do.

    A network's score is the metric at the epoch that its recipe's monitor chose; a network that diverged has
    the metric's worst value, and so has every network of a recipe that the rows of a fold do not allow (SMOTE
    among five positives). Metrics are measured after every epoch, see
    :class:`~steelyard.tuning.evaluation.gauge.Gauge`. Calibrators of the recipe have no part in it: fitted
    and judged on the same rows, the most flexible would always win.

    Where trials are stopped, they are compared with the other trials of the batch alone, between epochs, when
    all networks have come to the same epoch or to their own end. What a trial was trained for before it was
    stopped is what it would have been without. With the rule ``folds`` the batch is trained on the first
    fold, where the other rules apply; then the best trial on all other folds, then the rest fold by fold.

    Args:
        table: The rows.
        plan: Of the study.
        numbers: Of the trials in the study.
        points: Theirs.
        threads: As many as this process may use, if None. Results do not depend on it.
        parts: Those of :func:`parts_of`, if they are at hand.
        preparation: One of this table that has prepared other batches, to be used again.
        on_progress: Told of every epoch of every network, in this thread.
        stop: Asked after every epoch whether to leave it all.

    Raises:
        KeyboardInterrupt: Ctrl-C or ``stop``; nothing of the batch is kept.
        DataError: the table cannot be divided like that, or a metric is unknown or undefined on a fold.
        RecipeError: waiting networks take too much memory.
    """
    parts = parts_of(table, plan) if parts is None else parts
    metrics = check_metrics(table, plan, parts)
    recipes = [recipe_of(plan, point) for point in points]
    check_recipes(recipes)
    tasks, refused = _prepared(preparation or Preparation(table), plan, parts, recipes)
    fit = [trial for trial in range(len(points)) if trial not in refused]

    def entries(trials: Sequence[int], folds: Sequence[int]) -> list[Entry]:
        return [
            Entry(trial, numbers[fit[trial]], fold, tasks[fit[trial], fold])
            for trial in trials
            for fold in folds
        ]

    trainer = Trainer(table, plan, metrics, threads, on_progress, stop)
    everyone, folds = range(len(fit)), range(plan.folds)
    found: Found = {}
    if fit:
        referee = _referee(plan, [recipes[trial] for trial in fit], numbers)
        if any(isinstance(rule, DropFolds) for rule in plan.pruning):
            found = trainer.train(entries(everyone, folds[:1]), referee)
            _fold_by_fold(plan, metrics, found, lambda *which: trainer.train(entries(*which)))
        else:
            found = trainer.train(entries(everyone, folds), referee)
    networks = {(fit[trial], fold): outcomes for (trial, fold), outcomes in found.items()}
    for trial, reason in refused.items():
        for fold in folds:
            first = plan.seed + fold * plan.seeds
            networks[trial, fold] = [
                untrained(fold, first + seed, metrics, reason) for seed in range(plan.seeds)
            ]
    return [
        trial_of(
            numbers[trial],
            point,
            [network for fold in folds for network in networks.get((trial, fold), ())],
            plan.metrics,
            plan.folds * plan.seeds,
        )
        for trial, point in enumerate(points)
    ]


def _prepared(
    preparation: Preparation, plan: Plan, parts: Parts, recipes: Sequence[Recipe]
) -> tuple[dict[tuple[int, int], Task], dict[int, str]]:
    """Tasks by position of the trial and fold; and why recipes cannot be trained on some fold's rows."""
    tasks: dict[tuple[int, int], Task] = {}
    refused: dict[int, str] = {}
    for trial, recipe in enumerate(recipes):
        try:
            for fold, split in enumerate(parts.splits):
                tasks[trial, fold] = preparation.task(recipe, split, seed=plan.seed + fold * plan.seeds)
        except RecipeError as error:
            refused[trial] = "; ".join(error.problems)
    return tasks, refused


def _referee(plan: Plan, recipes: Sequence[Recipe], numbers: Sequence[int]) -> Referee | None:
    """None if no rule compares trials between epochs."""
    epochs = [recipe.training.epochs for recipe in recipes]
    # Of the batch, not of the study: else all batches of a grid would divide the brackets alike.
    rules = rules_of(plan.pruning, epochs, [plan.seed, *numbers[:1]])
    return Referee(rules, len(recipes)) if rules else None


def _fold_by_fold(
    plan: Plan,
    metrics: dict[str, Metric],
    found: Found,
    train: Callable[[Sequence[int], Sequence[int]], Found],
) -> None:
    """Adds the other folds to what was found on the first, of the trials that are not spared them."""
    name = plan.metrics[0]

    def loss(trial: int, fold: int) -> float:
        return as_loss(metrics[name], float(np.mean([network.best[name] for network in found[trial, fold]])))

    going = [
        trial
        for (trial, _), networks in found.items()
        if all(network.status is not RunStatus.PRUNED for network in networks)
    ]
    leader = going[incumbent(np.array([loss(trial, 0) for trial in going]))]
    found |= train([leader], range(1, plan.folds))
    leaders = np.array([loss(leader, fold) for fold in range(plan.folds)])
    going.remove(leader)
    for fold in range(1, plan.folds):
        so_far = np.array([[loss(trial, done) for done in range(fold)] for trial in going])
        if len(going):
            going = [trial for trial, out in zip(going, hopeless(so_far, leaders), strict=True) if not out]
        found |= train(going, [fold])
