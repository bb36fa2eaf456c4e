"""Recipes on splits of a table, made ready to train, and many of them trained as one population.

All that is fitted before training is fitted here, on the training rows of the split alone: preprocessing,
resampling, the shift of the prior. Whoever trains on a table goes through here, so nothing of it can be done
before a split.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Encoding, Features, Split, Table
from steelyard.engine import Job, OnEpoch, fit_population
from steelyard.engine.lowering import class_totals, class_weights
from steelyard.preprocessing import fit_encoding
from steelyard.prior import training_offset
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.imbalance import BalancedBatches, NoResampling
from steelyard.resampling import Resampled, resample
from steelyard.run import Run


@dataclass(frozen=True, eq=False)
class Task:
    """A recipe on a split, with what was fitted on its training rows.

    ``offset`` is what weights and resampling will have added to the network's logits; ``exact`` says
    whether taking it away is all it needs (not after SMOTE, focal loss or label smoothing). ``base_rate``
    is the share of positives, in row weight, among the training rows as they are.
    """

    recipe: Recipe
    split: Split
    encoding: Encoding
    resampled: Resampled
    offset: float
    exact: bool
    base_rate: float

    @property
    def known_population(self) -> bool:
        """Whether the probabilities will be for the population of the training rows: not if the recipe
        leaves the shift of weights or resampling in them."""
        imbalance = self.recipe.imbalance
        plain = imbalance.class_weight == "none" and isinstance(imbalance.resampling, NoResampling)
        return imbalance.correct_prior or plain


def prepare(table: Table, recipe: Recipe, split: Split, *, seed: int = 0) -> Task:
    """Fits all that is fitted before training, on ``split.train``. ``seed`` decides what is resampled."""
    encoding = fit_encoding(table.features, table.schema, split.train, recipe.preprocessing)
    resampled = resample(
        table.features,
        table.target,
        split.train,
        encoding,
        table.schema,
        recipe.imbalance.resampling,
        seed,
        weights=table.weights,
    )
    weights = None if table.weights is None else table.weights[split.train]
    negative, positive = class_totals(table.target[split.train], weights)
    offset, exact = _shift(table, recipe, resampled)
    return Task(recipe, split, encoding, resampled, offset, exact, positive / (negative + positive))


def train_together(
    table: Table,
    tasks: Sequence[Task],
    seeds: Sequence[int],
    *,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
) -> list[list[Run]]:
    """Trains every task with every seed, all as one population; runs by task, then by seed.

    Job numbers told to ``on_epoch`` count in the same order.
    """
    features, target, weights, starts = _with_synthetic_rows(table, tasks)
    jobs = []
    for task, start in zip(tasks, starts, strict=True):
        invented = np.arange(start, start + len(task.resampled.synthetic_target), dtype=np.int64)
        split = dataclasses.replace(task.split, train=np.concatenate([task.resampled.rows, invented]))
        recipe = _resampled_already(task.recipe)
        jobs += [Job(recipe, split, task.encoding, seed=seed, prior_offset=task.offset) for seed in seeds]
    runs = fit_population(features, target, jobs, row_weights=weights, threads=threads, on_epoch=on_epoch)
    # The runs are about rows of the table; the invented ones have done their work.
    return [
        [
            dataclasses.replace(run, recipe=task.recipe, split=task.split)
            for run in runs[number * len(seeds) : (number + 1) * len(seeds)]
        ]
        for number, task in enumerate(tasks)
    ]


def _resampled_already(recipe: Recipe) -> Recipe:
    """The recipe as the engine takes it: of resampling, only what is done batch by batch is left."""
    if isinstance(recipe.imbalance.resampling, BalancedBatches):
        return recipe
    return apply(recipe, Change("imbalance.resampling", "none"))


def _shift(table: Table, recipe: Recipe, resampled: Resampled) -> tuple[float, bool]:
    if not recipe.imbalance.correct_prior:
        return 0.0, True
    labels = np.concatenate([table.target[resampled.rows], resampled.synthetic_target])
    negative, positive = class_totals(labels, None)
    if not (negative and positive):
        return 0.0, True  # nothing is learned from one class
    weights = class_weights(recipe.imbalance, labels)
    offset = training_offset(
        weights,
        natural_odds=resampled.natural_odds,
        training_odds=resampled.odds,
        loss=recipe.loss,
        adjusted_odds=positive / negative,
    )
    if offset is None:
        known = training_offset(weights, natural_odds=resampled.natural_odds, training_odds=resampled.odds)
        return known or 0.0, False
    return offset, resampled.exact


def _with_synthetic_rows(
    table: Table, tasks: Sequence[Task]
) -> tuple[Features, NDArray[np.uint8], NDArray[np.float32] | None, list[int]]:
    """The table with the invented rows of all tasks after it, and where those of each begin."""
    starts, end = [], len(table)
    numeric, codes, targets = [table.features.numeric], [table.features.codes], [table.target]
    weights = [] if table.weights is None else [table.weights]
    for task in tasks:
        starts.append(end)
        synthetic = task.resampled.synthetic
        if synthetic is None:
            continue
        end += len(synthetic)
        numeric.append(synthetic.numeric)
        codes.append(synthetic.codes)
        targets.append(task.resampled.synthetic_target)
        if task.resampled.synthetic_weights is not None:
            weights.append(task.resampled.synthetic_weights)
    if end == len(table):
        return table.features, table.target, table.weights, starts
    features = Features(np.concatenate(numeric), np.concatenate(codes))
    return features, np.concatenate(targets), np.concatenate(weights) if weights else None, starts
