"""Signals: each fact that a rule may ask for, derived once from a log.

A rule names the signals it needs as parameters; one that the log does not give is None, and the rule is then
not applicable. How it could be supplied stands beside each signal, for the sentence that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, get_type_hints

import numpy as np
from numpy.typing import NDArray

from steelyard.history import Quantity, Telemetry
from steelyard.log import FeatureFact, LayerFact, Predictions, Stopping, TrialTable


@dataclass(frozen=True)
class Estimate:
    """A number that is known exactly (``low == high``) or to lie between two others, and how it is known."""

    value: float
    low: float
    high: float
    how: str = ""


@dataclass(frozen=True, eq=False)
class Curve:
    """A quantity over those epochs (from 1) at which it was measured; all arrays are (measurements,), one at
    least.

    ``low`` and ``high`` enclose the value where it had to be worked out; they equal ``values`` where it was
    logged. ``quantity`` says what is in it, ``how`` how it came about.
    """

    epochs: NDArray[np.int64]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    quantity: Quantity
    how: str = "as logged"

    def __len__(self) -> int:
        return len(self.epochs)


@dataclass(frozen=True, eq=False)
class ConfusionCurve:
    """What the counts of decisions on a split can have been, epoch by epoch: int64 arrays (epochs,).

    ``contradictions`` are epochs at which no counts fit all that was logged, with the arithmetic in words.
    """

    epochs: NDArray[np.int64]
    rows: int
    positives: Estimate
    predicted_positive_low: NDArray[np.int64]
    predicted_positive_high: NDArray[np.int64]
    true_positive_low: NDArray[np.int64]
    true_positive_high: NDArray[np.int64]
    contradictions: Mapping[int, str]


@dataclass(frozen=True)
class BestEpoch:
    """The epoch with the least plain validation loss (or the best of what there is), and the first and last
    epoch that cannot be told from it by the sampling noise of the validation rows."""

    epoch: int
    first: int
    last: int
    by: str


@dataclass(frozen=True, eq=False)
class Signals:
    """All that rules may ask for; their parameters have these names and types.

    Beside the type of each stand what it is, and how to supply it where a log lacks it.
    """

    # -- the run
    framework: Annotated[str | None, "the framework that wrote the log", "--framework 'keras 2'"] = None
    loss: Annotated[
        str | None, "the loss function", "--loss binary_crossentropy, --model FILE, or the code"
    ] = None
    from_logits: Annotated[
        bool | None, "whether the loss takes logits", "--from-logits or --not-from-logits, or the code"
    ] = None
    layers: Annotated[tuple[LayerFact, ...] | None, "the layers", "--model FILE, or the code"] = None
    penalized: Annotated[
        bool | None,
        "whether a penalty on weights is in the loss",
        "--l2 0.01 or --l2 0, --model FILE, or the code",
    ] = None
    dropout: Annotated[
        bool | None, "whether there is dropout", "--dropout 0.5 or --dropout 0, --model FILE, or the code"
    ] = None
    optimizer: Annotated[str | None, "the optimizer", "--optimizer adam, --model FILE, or the code"] = None
    learning_rate: Annotated[
        float | None,
        "the learning rate, where it changes the highest",
        "--learning-rate 0.001, --model FILE, or the code",
    ] = None
    batch_size: Annotated[int | None, "rows per step", "--batch-size 128, or the code"] = None
    planned_epochs: Annotated[int | None, "the number of epochs asked for", "--epochs N, or the code"] = None
    shuffled: Annotated[
        bool | None,
        "whether training rows are shuffled between epochs",
        "--shuffled or --not-shuffled, or the code",
    ] = None
    class_weight: Annotated[
        tuple[float, float] | None,
        "weights of a negative and a positive row, as asked for",
        "--class-weight balanced",
    ] = None
    class_weight_type: Annotated[
        str | None, "what kind of object the class weights are", "--class-weight-type dict, or the code"
    ] = None
    metrics: Annotated[tuple[str, ...] | None, "the metrics asked for", "the code"] = None
    metric_functions: Annotated[
        tuple[str, ...] | None,
        "metrics that are plain functions of a batch",
        "--batch-metric f1, or the code",
    ] = None
    stopping: Annotated[
        Stopping | None,
        "how early stopping was set up",
        "--monitor val_loss --patience N --restore-best, or the code",
    ] = None
    validation_way: Annotated[
        str | None,
        "how validation rows were chosen",
        "--split tail (or random, stratified, group, time), or the code",
    ] = None
    validation_is_test: Annotated[
        bool | None,
        "whether the rows that chose are those of the result",
        "--validation-is-test or --validation-is-not-test, or the text",
    ] = None
    resampling: Annotated[
        str | None, "how training rows were resampled", "--resampling smote (or none), or the code"
    ] = None
    resampled_before_split: Annotated[
        bool | None,
        "whether rows were resampled before the split",
        "--resampled-before-split or --split-before-resampling, or the code",
    ] = None
    one_hot_columns: Annotated[
        int | None, "how many inputs are zeros and ones", "--data FILE --target COLUMN"
    ] = None
    scaling: Annotated[str | None, "how inputs were scaled", "--scaling standard (or none), or the code"] = (
        None
    )
    calibration: Annotated[
        str | None, "how the network's probabilities are calibrated afterwards", "the code"
    ] = None
    scaled_before_split: Annotated[
        bool | None,
        "whether scaling saw all rows",
        "--scaled-before-split or --split-before-scaling, or the code",
    ] = None
    features: Annotated[
        tuple[FeatureFact, ...] | None,
        "what the inputs are like",
        "--data FILE --target COLUMN with --scaling none (or standard), or sample rows in the text",
    ] = None
    reported_auc: Annotated[
        float | None, "the ROC AUC that was reported", "--reported-auc 0.8, or the text"
    ] = None
    reported_on: Annotated[str | None, "the rows it was reported on", "--reported-on test, or the text"] = (
        None
    )
    seeds: Annotated[int | None, "how often the same was trained with another seed", "--seeds N"] = None
    # -- rows
    rows_train: Annotated[int | None, "number of training rows", "--rows-train N"] = None
    rows_validation: Annotated[int | None, "number of validation rows", "--rows N"] = None
    base_rate_train: Annotated[
        Estimate | None, "share of positives among training rows", "--positives-train N --rows-train N"
    ] = None
    base_rate_validation: Annotated[
        Estimate | None, "share of positives among validation rows", "--positives N --rows N"
    ] = None
    positives_validation: Annotated[
        Estimate | None, "number of positives among validation rows", "--positives N --rows N"
    ] = None
    base_rate_raw: Annotated[
        Estimate | None,
        "share of positives among all rows, before any resampling",
        "--base-rate 0.05, or the text",
    ] = None
    # -- curves as logged
    train_loss_logged: Annotated[
        Curve | None, "the training loss as logged", "a log with the training loss"
    ] = None
    validation_loss_logged: Annotated[
        Curve | None, "the validation loss as logged", "a log with the validation loss (validation_data=)"
    ] = None
    train_accuracy: Annotated[Curve | None, "training accuracy", "metrics=['accuracy']"] = None
    train_precision: Annotated[Curve | None, "training precision", "metrics=[Precision()]"] = None
    train_recall: Annotated[Curve | None, "training recall", "metrics=[Recall()]"] = None
    train_f1: Annotated[Curve | None, "training F1", "a metric F1"] = None
    train_auc: Annotated[Curve | None, "training ROC AUC", "metrics=[AUC()]"] = None
    validation_accuracy: Annotated[
        Curve | None, "validation accuracy", "metrics=['accuracy'] and validation_data="
    ] = None
    validation_precision: Annotated[
        Curve | None, "validation precision", "metrics=[Precision()] and validation_data="
    ] = None
    validation_recall: Annotated[
        Curve | None, "validation recall", "metrics=[Recall()] and validation_data="
    ] = None
    validation_f1: Annotated[Curve | None, "validation F1", "a metric F1 and validation_data="] = None
    validation_auc: Annotated[Curve | None, "validation ROC AUC", "metrics=[AUC()] and validation_data="] = (
        None
    )
    validation_average_precision: Annotated[
        Curve | None, "validation average precision", "metrics=[AUC(curve='PR')] and validation_data="
    ] = None
    learning_rates: Annotated[Curve | None, "the learning rate of each epoch", "a callback that logs it"] = (
        None
    )
    segments: Annotated[
        tuple[tuple[int, int], ...] | None,
        "first and last measurement of each run that the log holds, by position (curves are of the last run)",
        "a log",
    ] = None
    names_unpaired: Annotated[
        tuple[str, ...] | None, "metrics of one split without their like in the other", "a log"
    ] = None
    # -- made comparable
    train_floor: Annotated[
        Estimate | None,
        "entropy of the training rows' base rate, in nats",
        "--positives-train N --rows-train N",
    ] = None
    validation_floor: Annotated[
        Estimate | None, "entropy of the validation rows' base rate, in nats", "--positives N --rows N"
    ] = None
    penalty: Annotated[
        Curve | None, "the penalty inside the loss", "a metric that logs sum(model.losses), or --model FILE"
    ] = None
    initial_penalty: Annotated[
        Estimate | None, "the penalty of the untrained network", "--model FILE, or the code"
    ] = None
    weights_in_force: Annotated[
        bool | None,
        "whether the logged training loss can come from the class weights asked for",
        "--class-weight balanced, and --positives-train N --rows-train N",
    ] = None
    weighted_train_floor: Annotated[
        Estimate | None,
        "the training loss, with the class weights asked for, of a network that knows only the base rate",
        "--class-weight balanced, and --positives-train N --rows-train N",
    ] = None
    weighted_train_least: Annotated[
        Curve | None,
        "the least training loss, with the class weights asked for, that the logged decisions allow",
        "--class-weight balanced, --positives-train N --rows-train N, and training metrics",
    ] = None
    constant_validation_loss: Annotated[
        Estimate | None,
        "the plain validation loss of a network that knows only the base rate it was trained on",
        "--positives N --rows N, --positives-train N --rows-train N, and --class-weight",
    ] = None
    train_loss: Annotated[
        Curve | None,
        "the plain training loss: unweighted, without penalty and dropout, at the end of the epoch",
        "--loss binary_crossentropy with --class-weight and --l2, or a BinaryCrossentropy metric",
    ] = None
    validation_loss: Annotated[
        Curve | None,
        "the plain validation loss: unweighted, without penalty",
        "--loss binary_crossentropy with --l2, or a BinaryCrossentropy metric",
    ] = None
    loss_gap: Annotated[
        Curve | None,
        "the plain validation loss less the plain training loss; a penalty in both cancels",
        "a log with both losses",
    ] = None
    train_skill: Annotated[
        Curve | None,
        "how much better than guessing the training loss is (1 - plain loss / floor)",
        "--positives-train N --rows-train N, and --loss binary_crossentropy",
    ] = None
    validation_skill: Annotated[
        Curve | None,
        "how much better than guessing the validation loss is (1 - plain loss / floor)",
        "--positives N --rows N, and --loss binary_crossentropy",
    ] = None
    validation_noise: Annotated[
        float | None,
        "standard error of the plain validation loss from the choice of validation rows",
        "--positives N --rows N",
    ] = None
    best_epoch: Annotated[
        BestEpoch | None, "the best epoch, give or take", "a log with the validation loss"
    ] = None
    validation_confusion: Annotated[
        ConfusionCurve | None,
        "what the decisions on validation rows can have been",
        "--positives N --rows N, accuracy, precision and recall",
    ] = None
    train_confusion: Annotated[
        ConfusionCurve | None,
        "what the decisions on training rows can have been",
        "--positives-train N --rows-train N, and training metrics",
    ] = None
    validation_auc_interval: Annotated[
        Estimate | None,
        "ROC AUC on validation rows with its 95 % interval",
        "--predictions FILE, or metrics=[AUC()] with --positives N --rows N",
    ] = None
    # -- more than curves
    twin_train_loss: Annotated[
        Curve | None,
        "the training loss of the same run with the same seed and without probes",
        "the log of that run, as --twin LOG",
    ] = None
    telemetry: Annotated[
        Telemetry | None, "gradients, updates, dead units by layer", "a run of Steelyard"
    ] = None
    validation_predictions: Annotated[
        Predictions | None,
        "probabilities of the validation rows",
        "--predictions FILE, or a run of Steelyard",
    ] = None
    train_predictions: Annotated[
        Predictions | None,
        "probabilities of training rows",
        "--train-predictions FILE, or a run of Steelyard",
    ] = None
    initial_loss: Annotated[
        float | None,
        "the plain loss of the untrained network",
        "model.evaluate before model.fit, as --initial-loss X",
    ] = None
    one_batch_loss: Annotated[
        float | None,
        "the loss reached when trained on one batch alone",
        "1000 steps on 16 to 64 rows of both classes without penalty and dropout, as --one-batch-loss X",
    ] = None
    logistic_loss: Annotated[
        float | None,
        "plain validation loss of a logistic regression on the same rows",
        "--data FILE --target COLUMN with --split tail, or --logistic-loss X",
    ] = None
    logistic_auc: Annotated[
        float | None,
        "validation ROC AUC of a logistic regression",
        "--data FILE --target COLUMN with --split tail, or --logistic-auc X",
    ] = None
    data_warnings: Annotated[
        Mapping[str, str] | None,
        "the warnings about table and split, by code",
        "--data FILE --target COLUMN, or a run of Steelyard",
    ] = None
    entities_shared: Annotated[
        float | None,
        "share of validation rows whose person, device or other group has training rows too",
        "--entities-shared 0.3, or --data FILE --target COLUMN with --group COLUMN",
    ] = None
    trials: Annotated[TrialTable | None, "the table of a search", "a search's table, or several logs"] = None


SIGNALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {name: hint.__metadata__ for name, hint in get_type_hints(Signals, include_extras=True).items()}
)
"""By name, what each is and how to supply it."""
