"""The same recipe, data and seed give the same bits, whatever the threads and the company."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard import engine
from steelyard.engine import Job
from steelyard.recipe import Recipe
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    activation,
    dropout,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    stack,
)
from tests.engine.runs import same_bits

RECIPES: list[Recipe] = [
    recipe(
        network=stack(dropout(0.1), hidden(16, "relu"), dropout(0.3), hidden(9, "gelu"), LOGIT),
        optimizer={"name": "adam", "learning_rate": 0.01},
    ),
    recipe(
        network=stack(hidden(20, "linear"), NORMALIZATION, activation("silu"), dropout(0.2), LOGIT),
        optimizer={"name": "rmsprop", "learning_rate": 0.005, "momentum": 0.5},
        imbalance={"class_weight": "balanced"},
    ),
    recipe(
        network=stack(hidden(33, "selu", l1=0.001, l2=0.001), hidden(7, "mish"), LOGIT),
        optimizer={"name": "adamw", "learning_rate": 0.01, "schedule": {"name": "one_cycle"}},
        loss={"name": "focal_crossentropy"},
        training=PLAIN_TRAINING | {"epochs": 8, "patience": 2, "restore_best_weights": True},
    ),
    recipe(
        network=stack(LOGIT),
        optimizer={
            "name": "nadam",
            "learning_rate": 0.02,
            "schedule": {"name": "reduce_on_plateau", "patience": 1},
        },
        training=PLAIN_TRAINING | {"batch_size": 17},
    ),
    recipe(
        network=stack(hidden(12, "tanh"), dropout(0.5), LOGIT),
        optimizer={"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "global_clip_norm": 0.5},
        training=PLAIN_TRAINING | {"batch_size": 1000},
    ),
]


def test_alone_or_in_a_population_of_fifty_with_one_thread_or_two() -> None:
    problem = mixed_problem()
    jobs = [problem.job(RECIPES[number % len(RECIPES)], seed=number // 7) for number in range(50)]
    crowd_of_one_thread = engine.fit_population(problem.features, problem.target, jobs, threads=1)
    crowd_of_two = engine.fit_population(problem.features, problem.target, jobs, threads=2)
    assert len(crowd_of_two) == 50
    for first, second in zip(crowd_of_one_thread, crowd_of_two, strict=True):
        same_bits(first, second)
    for number in (0, 1, 2, 3, 4, 23, 49):
        for threads in (1, 2):
            (alone,) = engine.fit_population(
                problem.features, problem.target, [jobs[number]], threads=threads
            )
            same_bits(crowd_of_two[number], alone)
    assert not np.array_equal(
        crowd_of_two[0].weights["dense/kernel"], crowd_of_two[35].weights["dense/kernel"]
    ), "another seed must give other weights, or the test shows nothing"


def test_results_come_in_the_order_of_the_jobs() -> None:
    problem = numeric_problem()
    jobs = [
        problem.job(recipe(training=PLAIN_TRAINING | {"epochs": epochs}), seed=epochs)
        for epochs in (40, 1, 20, 2)
    ]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2)
    assert [len(run.history) for run in runs] == [40, 1, 20, 2]
    assert [run.seed for run in runs] == [40, 1, 20, 2]
    for run, job in zip(runs, jobs, strict=True):
        assert run.recipe is job.recipe
        assert run.split is job.split
        assert run.encoding is job.encoding


@pytest.mark.parametrize(
    "network",
    [
        stack(hidden(512), hidden(512), LOGIT),
        stack(hidden(512, "linear"), NORMALIZATION, activation("relu"), dropout(0.3), hidden(512), LOGIT),
    ],
    ids=["plain", "normalized, dropout"],
)
def test_one_large_model_with_both_cores_inside_a_batch(network: dict[str, object]) -> None:
    problem = numeric_problem(64, train=2500, validation=1100)
    made = recipe(
        network=network,
        optimizer={"name": "adamw", "learning_rate": 0.002, "global_clip_norm": 1.0},
        training=PLAIN_TRAINING | {"epochs": 2, "batch_size": 1024},
    )
    job = problem.job(made)
    (one,) = engine.fit_population(problem.features, problem.target, [job], threads=1)
    (two,) = engine.fit_population(problem.features, problem.target, [job], threads=2)
    (three,) = engine.fit_population(problem.features, problem.target, [job], threads=3)
    same_bits(one, two)
    same_bits(one, three)
    small = problem.job(recipe())
    crowd = engine.fit_population(problem.features, problem.target, [small, job, small, job, job], threads=2)
    for number in (1, 3, 4):
        same_bits(one, crowd[number])
    logits = [
        engine.predict_logits(made.network, one.weights, problem.encoding, problem.features, threads=threads)
        for threads in (1, 2)
    ]
    np.testing.assert_array_equal(logits[0], logits[1])
    assert one.history["train_objective"][1] < one.history["train_objective"][0]


def test_a_prediction_does_not_depend_on_the_rows_beside_it() -> None:
    problem = mixed_problem()
    (run,) = engine.fit_population(problem.features, problem.target, [problem.job(RECIPES[1])])
    whole = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)
    assert whole.shape == (len(problem.features),)
    assert whole.dtype == np.float32
    for rows in (slice(0, 1), slice(5, 6), slice(3, 40), slice(100, 210)):
        part = type(problem.features)(
            np.ascontiguousarray(problem.features.numeric[rows]),
            np.ascontiguousarray(problem.features.codes[rows]),
        )
        alone = engine.predict_logits(run.recipe.network, run.weights, run.encoding, part)
        np.testing.assert_array_equal(alone, whole[rows])


def test_jobs_with_different_rows_and_encodings_share_one_table() -> None:
    problem = mixed_problem()
    half = mixed_problem(train=80, validation=130)
    assert half.encoding is not problem.encoding
    jobs = [problem.job(RECIPES[0]), Job(RECIPES[0], half.split, half.encoding, 0), problem.job(RECIPES[0])]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2)
    same_bits(runs[0], runs[2])
    (alone,) = engine.fit_population(problem.features, problem.target, [jobs[1]], threads=2)
    same_bits(runs[1], alone)
    assert not np.array_equal(runs[0].weights["dense/kernel"], runs[1].weights["dense/kernel"])
