"""What training made, as a diagnosis reads it: a log for each network, with facts that no curve tells."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.calibration import CalibrationChoice
from steelyard.data import Features, Table
from steelyard.diagnosis.features import features_of
from steelyard.diagnosis.run import log_of_run
from steelyard.engine.lowering import batch_size
from steelyard.jobs import Task
from steelyard.log import FeatureFact, Log, Predictions
from steelyard.metrics import Scores
from steelyard.preprocessing import encode
from steelyard.run import Run

_SAMPLE = 2_000
"""Training rows by which a diagnosis knows what the inputs are like."""


def logs_of(
    table: Table,
    task: Task,
    runs: Sequence[Run],
    alone: Mapping[int, NDArray[np.float64]],
    calibration: CalibrationChoice | None,
) -> tuple[Log, ...]:
    """The networks of a task as a diagnosis reads them.

    ``alone`` is by the number of a network what it says of the validation rows, uncalibrated (networks that
    are not worth averaging are left out); ``calibration`` belongs to the model of them all.
    """
    calibrator = None if calibration is None else calibration.calibrator
    inputs = _inputs(table, task)
    split, learned = task.split, len(task.resampled.labels(table.target))
    return tuple(
        log_of_run(
            run,
            positives_train=int(table.target[split.train].sum()),
            validation=Predictions(table.target[split.validation], alone[number])
            if number in alone
            else None,
            row_weights=table.weights is not None,
            batch_size=batch_size(task.recipe.training, learned),
            seeds=len(runs),
            calibration="none" if calibrator is None else calibrator.name,
            features=inputs,
            source=f"{table.source}, seed {run.seed}",
        )
        for number, run in enumerate(runs)
    )


def with_logistic(logs: Sequence[Log], found: Scores | None) -> tuple[Log, ...]:
    """The logs with what the logistic regression reaches on the validation rows, if it was fitted."""
    if found is None:
        return tuple(logs)
    # Of validation rows of one class there is no ranking.
    auc = None if math.isnan(found.roc_auc) else found.roc_auc
    return tuple(
        dataclasses.replace(
            log, facts=dataclasses.replace(log.facts, logistic_loss=found.log_loss, logistic_auc=auc)
        )
        for log in logs
    )


def _inputs(table: Table, task: Task) -> tuple[FeatureFact, ...] | None:
    """What the numbers are like as they enter the network, on some training rows."""
    rows = task.split.train[:: max(1, -(-len(task.split.train) // _SAMPLE))]
    numbers = Features(table.features.numeric[rows], np.zeros((len(rows), 0), np.int32))
    matrix = encode(numbers, dataclasses.replace(task.encoding, categories=())).toarray()
    names = [column.name for column in table.schema.numeric]
    gaps = [f"{names[column]} is missing" for column in task.encoding.indicators]
    return features_of(matrix, [*names, *gaps])
