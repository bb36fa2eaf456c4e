"""A training log, ours or anybody's: the curves, and what else is known of the run.

Readers fill these records from files; what a log does not say stays None. ``Facts.origins`` says of each fact
where it was found, so that a finding can name the place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.history import History, Telemetry

UNKNOWN_KIND = "unknown"
"""The kind of a layer of which nothing is known but that there is one, or several."""


@dataclass(frozen=True)
class LayerFact:
    """A layer of a network, from the input to the output, as far as it is known.

    ``kind`` is Keras' name in lower case: ``dense``, ``dropout``, ``batch_normalization``, ``activation``;
    or :data:`UNKNOWN_KIND`.
    """

    kind: str
    units: int | None = None
    inputs: int | None = None
    """Width of what comes in."""
    activation: str | None = None
    """Of a dense or activation layer, by Keras' name; ``linear`` if it has none."""
    rate: float | None = None
    """Of a dropout layer, or of the dropout inside of a recurrent one."""
    l1: float = 0.0
    l2: float = 0.0
    """As Keras counts: ``l2 * sum(w^2)`` is added to the loss."""
    kernel_initializer: str | None = None
    bias_initializer: str | None = None
    trainable: bool = True


@dataclass(frozen=True)
class FeatureFact:
    """One input column, on the training rows or a sample of them."""

    name: str
    rows: int
    """How many rows these numbers are from."""
    minimum: float
    maximum: float
    mean: float
    deviation: float
    distinct: int | None = None
    missing: int = 0
    median: float | None = None


@dataclass(frozen=True)
class Stopping:
    """How early stopping or a checkpoint was set up."""

    monitor: str
    patience: int | None = None
    mode: str | None = None
    restore_best: bool | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a run besides its curves. None means: not known."""

    framework: str | None = None
    """``keras 2``, ``keras 3``, ``steelyard``, ``lightning``, ``sklearn``, ..."""
    loss: str | None = None
    """``binary_crossentropy``, ``mse``, ... by Keras' name."""
    from_logits: bool | None = None
    label_smoothing: float | None = None
    layers: tuple[LayerFact, ...] | None = None
    optimizer: str | None = None
    """In lower case: ``adam``, ``sgd``."""
    learning_rate: float | None = None
    batch_size: int | None = None
    planned_epochs: int | None = None
    shuffled: bool | None = None
    """Are training rows shuffled between epochs?"""
    class_weight: tuple[float, float] | None = None
    """Of a negative and of a positive row, as asked for."""
    class_weight_type: str | None = None
    """``dict``, ``array``, ``list``, ``string keys``, ``balanced`` (the framework works it out), ``none``."""
    sample_weight: bool | None = None
    metrics: tuple[str, ...] | None = None
    """As they were asked for when the model was compiled."""
    metric_functions: tuple[str, ...] | None = None
    """Those of them that are plain functions of a batch, whose values are averaged over batches."""
    pr_metrics: tuple[str, ...] | None = None
    """Those of them that are areas under the curve of precision and recall, whatever they are called."""
    stopping: Stopping | None = None
    rows_train: int | None = None
    rows_validation: int | None = None
    positives_train: int | None = None
    positives_validation: int | None = None
    base_rate: float | None = None
    """Share of positives among all rows, where only that is known."""
    odds_said: float | None = None
    """Rows of the commoner class per row of the rarer one, as a person says it ("about 20:1")."""
    validation_way: str | None = None
    """Which rows validate: ``tail``, ``random``, ``stratified``, ``group``, ``time``, ``given``."""
    validation_share: float | None = None
    validation_is_test: bool | None = None
    """Were the rows that chose something also those the result is reported on?"""
    resampling: str | None = None
    """``smote``, ``random_over_sampling``, ... or ``none``."""
    resampled_before_split: bool | None = None
    one_hot_columns: int | None = None
    """How many inputs are columns of zeros and ones."""
    scaling: str | None = None
    """``standard``, ``min_max``, ... or ``none``."""
    scaled_before_split: bool | None = None
    calibration: str | None = None
    """How what the network says is mapped to probabilities afterwards: ``logistic``, ... or ``none``. Curves
    and predictions are of the network itself."""
    features: tuple[FeatureFact, ...] | None = None
    reported_auc: float | None = None
    """An area under the ROC curve that the text reports."""
    reported_on: str | None = None
    """The rows it is reported on: ``test``, ``validation``, ``train``."""
    seed: int | None = None
    """Of the initial weights and the order of the rows."""
    seeds: int | None = None
    """How many times the same was trained with another seed."""
    initial_loss: float | None = None
    """Plain log loss of the untrained network."""
    one_batch_loss: float | None = None
    """Plain log loss that the network reaches when trained on one batch alone, without penalty or dropout."""
    logistic_loss: float | None = None
    """Plain log loss, on the validation rows, of a logistic regression fitted to the training rows."""
    logistic_auc: float | None = None
    """Its ROC AUC there."""
    entities_shared: float | None = None
    """Share of the validation rows whose person, device or other group has training rows too."""
    data_warnings: Mapping[str, str] | None = None
    """What is known of table and split: by code (``D103``) the sentence with its numbers. Empty: nothing."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """By the name of the fact, where it was found: ``model.fit(class_weight=...)``, ``--positives``,
    ``inferred: the accuracy of predicting 0``."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network said of some rows: uint8 and float64 (rows,)."""

    target: NDArray[np.uint8]
    probability: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrialTable:
    """The table of a search: a row per trial.

    ``parameters`` and ``metrics`` are columns by name; a metric is float64 (trials,), NaN where there is
    none, by its canonical name (``validation_loss``). ``ranked_by`` is the metric that chose the winner, if
    that is known; ``spread`` holds by metric the standard deviation over seeds within a trial, if known.
    ``asked`` is how many trials there should be; ``epochs`` how many each trained, float64 (trials,).
    ``lower_is_better`` is of ``ranked_by``, where the search says it; None: as its name tells.
    """

    parameters: Mapping[str, Sequence[Any]]
    metrics: Mapping[str, NDArray[np.float64]]
    ranked_by: str | None = None
    spread: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    asked: int | None = None
    epochs: NDArray[np.float64] | None = None
    lower_is_better: bool | None = None


@dataclass(frozen=True, eq=False)
class Log:
    """One run as a log tells it, or one search.

    ``predictions`` are by split. ``notes`` say what the reader had to assume, skip or repair.
    """

    source: str
    """File, and place in it, for people: ``run3/metrics.csv``, ``notebook.ipynb, cell 7``."""
    format: str
    """Which reader read it: ``keras history``, ``tensorboard``, ..."""
    history: History | None = None
    facts: Facts = Facts()
    telemetry: Telemetry | None = None
    predictions: Mapping[str, Predictions] = field(default_factory=dict)
    trials: TrialTable | None = None
    notes: tuple[str, ...] = ()
    folder: Path | None = None
    """Of a saved run of Steelyard: where its predictions lie."""
