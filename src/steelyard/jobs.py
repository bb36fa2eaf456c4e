"""Recipes on splits of a table, made ready to train, and many of them trained as one population.

All that is fitted before training is fitted here, on the training rows of the split alone: preprocessing,
resampling, the shift of the prior. Whoever trains on a table goes through here, so nothing of it can be done
before a split. (Keras programs hand over arrays that are encoded already; ``keras/imbalance.py`` resamples
their training rows.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from steelyard.data import Encoding, Split, Table
from steelyard.engine import Job, OnEpoch, OnRest, fit_population
from steelyard.engine.lowering import class_totals, class_weights
from steelyard.preprocessing import fit_encoding
from steelyard.prior import training_offset
from steelyard.recipe import Recipe
from steelyard.recipe.imbalance import Resampling
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.resampling import Resampled, join, resample
from steelyard.run import Run


@dataclass(frozen=True, eq=False)
class Task:
    """A recipe on a split, with what was fitted on its training rows.

    ``offset`` is what weights and resampling will have added to the network's logits. ``base_rate`` is the
    share of positives, in row weight, among the training rows as they are. ``seed`` is that of the first
    network, and of what was resampled.
    """

    recipe: Recipe
    split: Split
    encoding: Encoding
    resampled: Resampled
    offset: float
    base_rate: float
    seed: int

    @property
    def exact(self) -> bool:
        """Whether taking the offset away is all that the logits need: not after SMOTE, focal loss or label
        smoothing."""
        return not self.recipe.bends_probabilities


class Preparation:
    """Recipes on splits of one table, made ready; what several of them have in common is fitted once.

    Encodings are kept as long as this lives or until :meth:`forget`, resampled rows as long as a task has
    them.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._encodings: dict[tuple[Split, Preprocessing], Encoding] = {}
        self._resampled: WeakValueDictionary[tuple[Split, Preprocessing, Resampling, int], Resampled] = (
            WeakValueDictionary()
        )

    def task(self, recipe: Recipe, split: Split, *, seed: int = 0) -> Task:
        """As :func:`prepare` has it."""
        table = self._table
        encoding = self._encoding(split, recipe.preprocessing)
        resampled = self._resample(split, recipe, encoding, seed)
        weights = None if table.weights is None else table.weights[split.train]
        negative, positive = class_totals(table.target[split.train], weights)
        offset = _shift(table, recipe, resampled)
        return Task(recipe, split, encoding, resampled, offset, positive / (negative + positive), seed)

    def forget(self, kept: int) -> None:
        """Lets go of all encodings but the ``kept`` that were fitted last."""
        for key in list(self._encodings)[: max(0, len(self._encodings) - kept)]:
            del self._encodings[key]

    def _encoding(self, split: Split, spec: Preprocessing) -> Encoding:
        found = self._encodings.get((split, spec))
        if found is None:
            found = fit_encoding(self._table.features, self._table.schema, split.train, spec)
            self._encodings[split, spec] = found
        return found

    def _resample(self, split: Split, recipe: Recipe, encoding: Encoding, seed: int) -> Resampled:
        spec = recipe.imbalance.resampling
        key = (split, recipe.preprocessing, spec, seed)
        found = self._resampled.get(key)
        if found is None:
            table = self._table
            found = resample(
                table.features,
                table.target,
                split.train,
                encoding,
                table.schema,
                spec,
                seed,
                weights=table.weights,
            )
            self._resampled[key] = found
        return found


def prepare(table: Table, recipe: Recipe, split: Split, *, seed: int = 0) -> Task:
    """Fits all that is fitted before training, on ``split.train``.

    ``seed`` decides what is resampled, and is that of the first network.
    """
    return Preparation(table).task(recipe, split, seed=seed)


def train_together(
    table: Table,
    tasks: Sequence[Task],
    seeds: int,
    *,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
    on_rest: OnRest | None = None,
) -> list[list[Run]]:
    """Trains ``seeds`` networks of every task, all as one population; runs by task, then by seed.

    The seeds of a task count up from its own. Job numbers told to ``on_epoch`` and ``on_rest`` count in the
    order of the runs.
    """
    joined = join(table.features, table.target, table.weights, [task.resampled for task in tasks])
    jobs = [
        Job(task.recipe, task.split, task.encoding, seed, resampled=rows, prior_offset=task.offset)
        for task, rows in zip(tasks, joined.rows, strict=True)
        for seed in range(task.seed, task.seed + seeds)
    ]
    runs = fit_population(
        joined.features,
        joined.target,
        jobs,
        row_weights=joined.weights,
        threads=threads,
        on_epoch=on_epoch,
        on_rest=on_rest,
    )
    return [runs[number * seeds : (number + 1) * seeds] for number in range(len(tasks))]


def _shift(table: Table, recipe: Recipe, resampled: Resampled) -> float:
    """What weights, resampling and loss add to the log-odds, as far as it is a constant."""
    if not recipe.imbalance.correct_prior:
        return 0.0
    labels = resampled.labels(table.target)
    negative, positive = class_totals(labels, None)
    if not (negative and positive):
        return 0.0  # nothing is learned from one class
    weights = class_weights(recipe.imbalance, labels)
    offset = training_offset(
        weights,
        natural_odds=resampled.natural_odds,
        training_odds=resampled.odds,
        loss=recipe.loss,
        adjusted_odds=positive / negative,
    )
    if offset is None:  # the loss bends what it is given: a calibrator goes on from the rest
        offset = training_offset(weights, natural_odds=resampled.natural_odds, training_odds=resampled.odds)
    assert offset is not None, "only a loss can have no offset"
    return offset
