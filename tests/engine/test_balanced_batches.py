"""Batches with a given share of positives, and metrics at the natural base rate."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from steelyard import engine
from steelyard.engine import Job
from steelyard.errors import DataError
from tests.engine.problems import LOGIT, dropout, hidden, numeric_problem, recipe, stack

PROBLEM = numeric_problem(train=210, validation=80, rate=0.1)


def balanced_job(share: float = 0.5, batch_size: int = 16, **parts: Any) -> Job:
    made = recipe(
        imbalance={"resampling": {"name": "balanced_batches", "positive_share": share}},
        training={
            "epochs": 4,
            "batch_size": batch_size,
            "patience": None,
            "restore_best_weights": False,
        },
        **parts,
    )
    return dataclasses.replace(PROBLEM.job(made, seed=5), running_metrics=("loss",))


def labels_met(job: Job) -> list[np.ndarray]:
    met: list[np.ndarray] = []
    engine.fit_population(
        PROBLEM.features, PROBLEM.target, [job], on_epoch=lambda end: met.append(end.training_logits()[1])
    )
    return met


@pytest.mark.parametrize(
    ("share", "batch_size", "positives"), [(0.5, 16, 8), (0.25, 16, 4), (0.01, 16, 1), (0.9, 7, 6)]
)
def test_every_batch_has_its_share(share: float, batch_size: int, positives: int) -> None:
    for labels in labels_met(balanced_job(share, batch_size)):
        assert len(labels) == len(PROBLEM.split.train), "an epoch has as many rows as without"
        whole = len(labels) // batch_size * batch_size
        counts = labels[:whole].reshape(-1, batch_size).sum(axis=1)
        assert (counts == positives).all()


def test_the_rarer_class_is_repeated_evenly_and_the_other_drawn_without_repeats() -> None:
    """Seen through a network that lets the row through: its logit is the first feature, nearly unchanged."""
    met: list[np.ndarray] = []
    one = {"kernel_initializer": "ones", "bias_initializer": "zeros"}
    job = balanced_job(network=stack({**LOGIT, **one}), optimizer={"name": "sgd", "learning_rate": 1e-12})
    engine.fit_population(
        PROBLEM.features,
        PROBLEM.target,
        [job],
        on_epoch=lambda end: met.append(end.training_logits()[0].copy()),
    )
    train = PROBLEM.split.train
    sums = PROBLEM.features.numeric[train].sum(axis=1)
    epochs = [train[np.abs(logits[:, None] - sums).argmin(axis=1)] for logits in met]
    for rows in epochs:
        _, counts = np.unique(rows[PROBLEM.target[rows] == 1], return_counts=True)
        assert counts.max() - counts.min() <= 1
        _, counts = np.unique(rows[PROBLEM.target[rows] == 0], return_counts=True)
        assert counts.max() == 1
    assert not np.array_equal(epochs[0], epochs[1])


def test_the_same_with_any_number_of_threads() -> None:
    jobs = [balanced_job(network=stack(hidden(5), dropout(0.2), LOGIT))] * 3
    one, two = (
        engine.fit_population(PROBLEM.features, PROBLEM.target, jobs, threads=threads) for threads in (1, 2)
    )
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first.weights["dense/kernel"], second.weights["dense/kernel"])


def test_one_class_cannot_be_balanced() -> None:
    with pytest.raises(DataError, match="'balanced_batches' needs both classes"):
        engine.fit_population(PROBLEM.features, np.zeros_like(PROBLEM.target), [balanced_job()])


def test_plain_metrics_are_of_the_natural_base_rate() -> None:
    """Taking an offset from the logits changes the loss and what is above one half, not the ranking and
    not the training."""
    job = PROBLEM.job(recipe(imbalance={"class_weight": {"negative": 1, "positive": 9}}))
    offset = float(np.log(9.0))
    (plain,) = engine.fit_population(PROBLEM.features, PROBLEM.target, [job])
    (natural,) = engine.fit_population(
        PROBLEM.features, PROBLEM.target, [dataclasses.replace(job, prior_offset=offset)]
    )
    np.testing.assert_array_equal(plain.weights["dense/kernel"], natural.weights["dense/kernel"])
    logits = engine.predict_logits(job.recipe.network, natural.weights, job.encoding, PROBLEM.features)
    rows = PROBLEM.split.validation
    p = expit(logits[rows].astype(np.float64) - offset)
    y = PROBLEM.target[rows]
    loss = -np.mean(np.where(y == 1, np.log(p), np.log1p(-p)))
    assert natural.history["validation_loss"][-1] == pytest.approx(loss, rel=1e-5)
    assert natural.history["validation_accuracy"][-1] == pytest.approx(np.mean((p > 0.5) == y))
    np.testing.assert_array_equal(natural.history["validation_roc_auc"], plain.history["validation_roc_auc"])
    assert natural.history["validation_loss"][-1] < plain.history["validation_loss"][-1]
