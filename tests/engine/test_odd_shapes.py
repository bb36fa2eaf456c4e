"""Tables, networks, batches and weights at the edge of what there is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from steelyard import engine
from steelyard.engine import Job
from steelyard.run import Run, RunStatus
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    Problem,
    activation,
    category_problem,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    stack,
)
from tests.engine.runs import all_finite, same_bits, train


def check_trains(problem: Problem, made: dict[str, Any] | None = None, better: float = 0.0) -> Run:
    """Trains, and its last train loss is what the reference computes from its weights."""
    run = train(problem, **(made or {}))
    assert run.status is RunStatus.COMPLETED
    assert all_finite(run.weights)
    weights = reference.double(run.weights)
    rows = problem.split.train
    logits = reference.forward(
        run.recipe.network, weights, reference.inputs(problem.features, problem.encoding, rows, weights)
    ).logits
    expected = reference.log_loss(logits, problem.target[rows].astype(np.float64))
    assert run.history["train_loss"][-1] == pytest.approx(expected, rel=1e-4)
    assert run.history["train_loss"][-1] < run.history["train_loss"][0] - better
    return run


def test_deep_network() -> None:
    layers = [hidden(12, "selu", kernel_initializer="lecun_normal") for _ in range(30)]
    check_trains(
        numeric_problem(),
        {"network": stack(*layers, LOGIT), "optimizer": {"name": "adam", "learning_rate": 0.002}},
    )


def test_wide_network() -> None:
    check_trains(
        numeric_problem(),
        {
            "network": stack(hidden(1000, kernel_initializer="he_normal"), hidden(1000), LOGIT),
            "optimizer": {"name": "adam", "learning_rate": 0.0003},
        },
    )


def test_a_thousand_columns() -> None:
    check_trains(numeric_problem(1000), {"optimizer": {"name": "adam", "learning_rate": 0.002}})


def test_no_numeric_column() -> None:
    check_trains(category_problem(), {"optimizer": {"name": "adam", "learning_rate": 0.02}}, better=0.02)


def test_no_hidden_layer() -> None:
    check_trains(mixed_problem(), {"network": stack(LOGIT)}, better=0.02)


def test_a_batch_far_larger_than_the_data_costs_no_memory_of_its_size() -> None:
    check_trains(numeric_problem(), {"training": PLAIN_TRAINING | {"batch_size": 500_000_000}})


@pytest.mark.parametrize(("rows", "size"), [(100, 16), (1023, 16), (1024, 32), (2100, 64), (20_000, 256)])
def test_the_automatic_batch_size_grows_with_the_training_rows(rows: int, size: int) -> None:
    problem = numeric_problem(2, train=rows, validation=20)
    one_epoch = PLAIN_TRAINING | {"epochs": 1}
    automatic = train(problem, training=one_epoch | {"batch_size": "auto"})
    same_bits(automatic, train(problem, training=one_epoch | {"batch_size": size}))
    other = train(problem, training=one_epoch | {"batch_size": 2 * size})
    assert not np.array_equal(automatic.weights["dense/kernel"], other.weights["dense/kernel"])


def test_batch_normalization_with_a_last_batch_of_one_row() -> None:
    network = stack(hidden(6, "linear"), NORMALIZATION, activation("relu"), LOGIT)
    check_trains(numeric_problem(train=193), {"network": network})


def test_rows_of_weight_zero_do_not_count() -> None:
    """Their labels may be anything, with the same bits."""
    problem = numeric_problem()
    weights = np.ones(len(problem.features), np.float32)
    weights[problem.split.train[::3]] = 0.0
    flipped = problem.target.copy()
    flipped[problem.split.train[::3]] ^= 1
    job = problem.job(recipe())
    runs = [
        engine.fit_population(problem.features, target, [job], row_weights=weights, threads=1)[0]
        for target in (problem.target, flipped)
    ]
    for name, value in runs[0].weights.items():
        np.testing.assert_array_equal(value, runs[1].weights[name])
    np.testing.assert_array_equal(runs[0].history["train_objective"], runs[1].history["train_objective"])
    assert (runs[0].history["train_loss"] != runs[1].history["train_loss"]).all(), (
        "the plain loss has no weights"
    )


def test_all_row_weights_one_is_no_weights() -> None:
    problem = numeric_problem()
    ones = np.ones(len(problem.features), np.float32)
    (weighted,) = engine.fit_population(
        problem.features, problem.target, [problem.job(recipe())], row_weights=ones
    )
    same_bits(train(problem), weighted)


def test_training_can_begin_from_given_weights() -> None:
    """For plain SGD in file order, an epoch from where an epoch ended is the second of two."""
    problem = numeric_problem()
    plain = PLAIN_TRAINING | {"shuffle": False}
    two = train(problem, training=plain | {"epochs": 2})
    one = train(problem, training=plain | {"epochs": 1})
    job = Job(
        recipe=one.recipe,
        split=problem.split,
        encoding=problem.encoding,
        seed=99,
        initial_weights=one.weights,
    )
    (second,) = engine.fit_population(problem.features, problem.target, [job], threads=1)
    for name, value in two.weights.items():
        np.testing.assert_array_equal(second.weights[name], value)


def test_without_shuffling_rows_come_in_the_order_of_the_split() -> None:
    problem = numeric_problem()
    plain: dict[str, Any] = {"training": PLAIN_TRAINING | {"shuffle": False}}
    backwards = replace(problem, split=replace(problem.split, train=problem.split.train[::-1].copy()))
    assert not np.array_equal(
        train(problem, **plain).weights["dense/kernel"], train(backwards, **plain).weights["dense/kernel"]
    )
    same_bits(train(problem, seed=1, network=FIXED, **plain), train(problem, seed=2, network=FIXED, **plain))


FIXED = stack(
    hidden(4, "tanh", kernel_initializer={"name": "constant", "value": 0.1}),
    {**LOGIT, "kernel_initializer": "ones"},
)


def test_an_empty_population() -> None:
    problem = numeric_problem()
    assert engine.fit_population(problem.features, problem.target, []) == []


def test_the_inputs_are_left_as_they_are() -> None:
    problem = mixed_problem()
    before = (problem.features.numeric.copy(), problem.features.codes.copy(), problem.target.copy())
    start = reference.random_weights(recipe().network, problem.encoding)
    kept = {name: value.copy() for name, value in start.items()}
    job = replace(problem.job(recipe()), initial_weights=start)
    engine.fit_population(problem.features, problem.target, [job])
    np.testing.assert_array_equal(problem.features.numeric, before[0])
    np.testing.assert_array_equal(problem.features.codes, before[1])
    np.testing.assert_array_equal(problem.target, before[2])
    for name, value in kept.items():
        np.testing.assert_array_equal(start[name], value)
