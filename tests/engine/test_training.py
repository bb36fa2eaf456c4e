"""How training ends: early, in time, on command, by divergence or by Ctrl-C; and odd shapes of data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard import engine
from steelyard.engine import Decision, EpochEnd, Job
from steelyard.run import Run, RunStatus, Weights
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    Problem,
    activation,
    category_problem,
    dropout,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    stack,
)

FAST: dict[str, object] = {"name": "sgd", "learning_rate": 1.5, "momentum": 0.5}
"""So fast that the validation loss goes up and down."""


def train(problem: Problem, seed: int = 0, **parts: object) -> Run:
    (run,) = engine.fit_population(
        problem.features, problem.target, [problem.job(recipe(**parts), seed)], threads=1
    )
    return run


def same_bits(first: Run, second: Run) -> None:
    """Everything but the seconds is equal to the last bit."""
    assert first.status is second.status
    assert first.best_epoch == second.best_epoch
    assert first.weights.keys() == second.weights.keys()
    for name, value in first.weights.items():
        np.testing.assert_array_equal(value, second.weights[name], err_msg=name)
    for name in first.history:
        if name != "train_seconds":
            np.testing.assert_array_equal(first.history[name], second.history[name], err_msg=name)
    np.testing.assert_array_equal(first.telemetry.logit_mean, second.telemetry.logit_mean)


def all_finite(weights: Weights) -> bool:
    return all(bool(np.isfinite(value).all()) for value in weights.values())


# --- early stopping -------------------------------------------------------------------------------


def keras_rule(values: NDArray[np.float64], patience: int, min_delta: float, rises: bool) -> tuple[int, int]:
    """The number of epochs trained and the best of them (Keras' EarlyStopping)."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, value in enumerate(-values if rises else values, start=1):
        if best - value > min_delta or best_epoch == 0:
            best, best_epoch, waited = value, epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return epoch, best_epoch
    return len(values), best_epoch


@pytest.mark.parametrize(
    "monitor",
    ["validation_loss", "validation_average_precision", "validation_f1", "train_loss", "train_objective"],
)
@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (2, 0.0), (4, 0.0), (2, 0.01), (3, 0.05)])
def test_early_stopping(monitor: str, patience: int, min_delta: float) -> None:
    problem = numeric_problem()
    training = PLAIN_TRAINING | {"epochs": 40, "monitor": monitor}
    whole = train(problem, optimizer=FAST, training=training)
    rises = not monitor.endswith(("loss", "objective"))
    epochs, best = keras_rule(whole.history[monitor], patience, min_delta, rises)
    run = train(problem, optimizer=FAST, training=training | {"patience": patience, "min_delta": min_delta})
    assert len(run.history) == epochs
    assert run.best_epoch == best
    assert run.status is (RunStatus.STOPPED_EARLY if epochs < 40 else RunStatus.COMPLETED)
    np.testing.assert_array_equal(run.history[monitor], whole.history[monitor][:epochs])
    if (patience, min_delta) == (1, 0.0):
        assert run.status is RunStatus.STOPPED_EARLY, "this case must stop, or the test shows nothing"


@pytest.mark.parametrize("normalized", [False, True])
def test_the_best_weights_are_restored(normalized: bool) -> None:
    problem = numeric_problem()
    first = [hidden(8, "linear"), NORMALIZATION, activation("tanh")] if normalized else [hidden(8, "tanh")]
    training = PLAIN_TRAINING | {"epochs": 30, "restore_best_weights": True}
    run = train(problem, network=stack(*first, dropout(0.2), LOGIT), optimizer=FAST, training=training)
    losses = run.history["validation_loss"]
    assert run.status is RunStatus.COMPLETED
    assert run.best_epoch == int(np.argmin(losses)) + 1 < 30
    rows = problem.split.validation
    logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)[rows]
    again = reference.log_loss(logits.astype(np.float64), problem.target[rows].astype(np.float64))
    assert again == pytest.approx(losses.min(), rel=1e-5)
    assert again < losses[-1] - 1e-6


def test_the_last_weights_are_kept_if_the_recipe_says_so() -> None:
    problem = numeric_problem()
    run = train(problem, optimizer=FAST, training=PLAIN_TRAINING | {"epochs": 30})
    rows = problem.split.validation
    logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)[rows]
    again = reference.log_loss(logits.astype(np.float64), problem.target[rows].astype(np.float64))
    assert again == pytest.approx(run.history["validation_loss"][-1], rel=1e-5)
    assert run.best_epoch == int(np.argmin(run.history["validation_loss"])) + 1 < 30


def test_time_runs_out() -> None:
    run = train(numeric_problem(), training=PLAIN_TRAINING | {"epochs": 1_000_000, "max_seconds": 0.2})
    assert run.status is RunStatus.STOPPED_EARLY
    assert "time" in run.reason or "second" in run.reason
    assert 1 <= len(run.history) < 1_000_000
    assert 0.1 < run.history["train_seconds"].sum() < 5.0


# --- whoever watches ------------------------------------------------------------------------------


def test_epochs_are_reported() -> None:
    problem = numeric_problem()
    ends: list[EpochEnd] = []
    jobs = [problem.job(recipe(), seed) for seed in range(3)]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2, on_epoch=ends.append)
    assert sorted((end.job, end.epoch) for end in ends) == [(j, e) for j in range(3) for e in range(1, 6)]
    for end in ends:
        history = runs[end.job].history
        assert end.epochs == 5
        assert end.seconds > 0
        assert end.metrics.keys() == set(history)
        for name, value in end.metrics.items():
            assert value == pytest.approx(history[name][end.epoch - 1], nan_ok=True), name


def test_a_watcher_can_stop_a_run_and_leaves_the_others_alone() -> None:
    problem = numeric_problem()
    jobs = [problem.job(recipe(), seed) for seed in range(4)]
    undisturbed = engine.fit_population(problem.features, problem.target, jobs, threads=1)

    def watch(end: EpochEnd) -> Decision | None:
        return Decision(stop=True) if end.job == 2 and end.epoch == 2 else None

    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2, on_epoch=watch)
    assert [run.status for run in runs] == [
        RunStatus.COMPLETED,
        RunStatus.COMPLETED,
        RunStatus.PRUNED,
        RunStatus.COMPLETED,
    ]
    assert len(runs[2].history) == 2
    assert runs[2].reason
    for number in (0, 1, 3):
        same_bits(runs[number], undisturbed[number])
    np.testing.assert_array_equal(
        runs[2].history["train_objective"], undisturbed[2].history["train_objective"][:2]
    )


def test_a_watcher_can_set_the_learning_rate() -> None:
    problem = numeric_problem()

    def watch(end: EpochEnd) -> Decision | None:
        return Decision(learning_rate=0.001) if end.epoch == 2 else None

    job = problem.job(recipe())
    (run,) = engine.fit_population(problem.features, problem.target, [job], on_epoch=watch)
    (usual,) = engine.fit_population(problem.features, problem.target, [job])
    np.testing.assert_allclose(run.history["train_learning_rate"], [0.1, 0.1, 0.001, 0.001, 0.001], rtol=1e-6)
    np.testing.assert_array_equal(run.history["train_loss"][:2], usual.history["train_loss"][:2])
    moved, usually = (np.ptp(r.history["train_loss"][2:]) for r in (run, usual))
    assert moved < usually / 10


def test_an_error_in_a_watcher_reaches_the_caller() -> None:
    problem = numeric_problem()

    def watch(end: EpochEnd) -> Decision | None:
        raise RuntimeError("from the watcher")

    with pytest.raises(RuntimeError, match="from the watcher"):
        engine.fit_population(problem.features, problem.target, [problem.job(recipe())], on_epoch=watch)


# --- divergence -----------------------------------------------------------------------------------

WILD: dict[str, object] = {"name": "sgd", "learning_rate": 1e30}
RELU = stack(hidden(8, "relu"), hidden(8, "relu"), LOGIT)


def test_a_diverged_run_says_when_and_keeps_finite_weights() -> None:
    run = train(numeric_problem(), network=RELU, optimizer=WILD)
    assert run.status is RunStatus.DIVERGED
    assert "epoch 1" in run.reason
    assert "step" in run.reason
    assert all_finite(run.weights)
    assert len(run.history) == 0
    assert run.best_epoch == 0


@pytest.mark.parametrize(
    "name", ["sgd", "adam", "adamw", "adadelta", "adagrad", "rmsprop", "adamax", "nadam"]
)
@pytest.mark.parametrize("function", ["relu", "tanh", "gelu"])
def test_no_optimizer_returns_infinite_weights(name: str, function: str) -> None:
    network = stack(hidden(8, function), hidden(8, function), LOGIT)
    run = train(numeric_problem(), network=network, optimizer={"name": name, "learning_rate": 3e38})
    assert run.status is RunStatus.DIVERGED or function == "tanh"  # bounded units can keep even this finite
    assert all_finite(run.weights)


def test_divergence_in_a_later_epoch_keeps_the_epochs_before() -> None:
    problem = numeric_problem()

    def watch(end: EpochEnd) -> Decision | None:
        return Decision(learning_rate=1e30) if end.epoch == 3 else None

    job = problem.job(recipe(network=RELU))
    (run,) = engine.fit_population(problem.features, problem.target, [job], on_epoch=watch)
    assert run.status is RunStatus.DIVERGED
    assert "epoch 4" in run.reason
    assert len(run.history) == 3
    assert len(run.telemetry.epochs) == 3
    assert np.isfinite(run.history["validation_loss"]).all()
    assert all_finite(run.weights)


def test_huge_inputs_diverge_or_train_but_never_crash() -> None:
    problem = numeric_problem()
    huge = replace(
        problem, features=replace(problem.features, numeric=problem.features.numeric * np.float32(1e30))
    )
    run = train(huge, network=RELU)
    assert run.status is RunStatus.DIVERGED
    assert all_finite(run.weights)


def test_a_diverging_job_does_not_disturb_the_others() -> None:
    problem = numeric_problem()
    sound = [problem.job(recipe(network=RELU), seed) for seed in range(4)]
    wild = problem.job(recipe(network=RELU, optimizer=WILD))
    alone = engine.fit_population(problem.features, problem.target, sound, threads=2)
    mixed = engine.fit_population(
        problem.features, problem.target, [wild, *sound[:2], wild, *sound[2:], wild], threads=2
    )
    for number in (0, 3, 6):
        assert mixed[number].status is RunStatus.DIVERGED
    for first, second in zip(alone, [mixed[1], mixed[2], mixed[4], mixed[5]], strict=True):
        assert first.status is RunStatus.COMPLETED
        same_bits(first, second)


# --- Ctrl-C ---------------------------------------------------------------------------------------

INTERRUPTED = """
    import numpy as np
    from steelyard import engine
    from tests.engine.problems import numeric_problem, recipe, PLAIN_TRAINING

    problem = numeric_problem(train=500)
    short = problem.job(recipe())
    endless = problem.job(recipe(training=PLAIN_TRAINING | {"epochs": 100_000_000}))
    told = []

    def watch(end):
        if end.job > 0 and end.epoch == 20 and not told:
            told.append(True)
            print("ready", flush=True)

    jobs = [short, endless, endless, endless]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2, on_epoch=watch)
    for run in runs:
        logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)
        assert np.isfinite(logits).all()
        print(run.status.value, len(run.history), flush=True)
    print(runs[1].reason)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent to a child elsewhere")
def test_ctrl_c_ends_with_usable_runs() -> None:
    program = textwrap.dedent(INTERRUPTED)
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", child.communicate()[1]
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        output, errors = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 0, errors
    assert "KeyboardInterrupt" not in errors
    assert time.monotonic() - began < 10
    lines = output.splitlines()
    assert lines[0] == "completed 5"
    # The third endless job had no thread yet: it is interrupted before its first epoch.
    assert [line.split()[0] for line in lines[1:4]] == ["interrupted"] * 3
    assert int(lines[1].split()[1]) >= 20 or int(lines[2].split()[1]) >= 20
    assert "interrupted" in lines[4]


# --- odd shapes -----------------------------------------------------------------------------------


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


# --- order and masks ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 100, 4097])
def test_an_epochs_order_is_a_permutation(n: int) -> None:
    order = engine.epoch_order(5, 1, n)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(n))


def test_orders_differ_between_epochs_and_seeds_and_are_fair() -> None:
    assert not np.array_equal(engine.epoch_order(1, 1, 50), engine.epoch_order(1, 2, 50))
    assert not np.array_equal(engine.epoch_order(1, 1, 50), engine.epoch_order(2, 1, 50))
    np.testing.assert_array_equal(engine.epoch_order(1, 3, 50), engine.epoch_order(1, 3, 50))
    counts = np.zeros((6, 6))
    for epoch in range(1, 3001):
        counts[np.arange(6), engine.epoch_order(0, epoch, 6)] += 1
    expected = 3000 / 6
    assert (
        (counts - expected) ** 2 / expected
    ).sum() < 60  # chi-square with 25 degrees of freedom: p = 0.0001


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.5, 0.9])
@pytest.mark.parametrize("units", [1, 7, 16, 33])
def test_dropout_masks_drop_their_share_of_every_unit_and_row(rate: float, units: int) -> None:
    masks = np.stack([engine.dropout_mask(3, 2, step, 40, units, rate) for step in range(200)])
    assert masks.shape == (200, 40, units)
    assert masks.dtype == np.bool_
    spread = np.sqrt(rate * (1 - rate))
    assert abs((~masks).mean() - rate) <= 5 * spread / np.sqrt(masks.size)
    assert np.abs((~masks).mean(axis=(0, 1)) - rate).max() <= 5 * spread / np.sqrt(200 * 40)
    assert np.abs((~masks).mean(axis=(0, 2)) - rate).max() <= 5 * spread / np.sqrt(200 * units)


def test_dropout_masks_are_independent_of_each_other() -> None:
    """Between steps, layers, seeds, neighbouring rows and neighbouring units."""
    base = engine.dropout_mask(1, 0, 0, 128, 64, 0.5)
    np.testing.assert_array_equal(base, engine.dropout_mask(1, 0, 0, 128, 64, 0.5))
    others = {
        "step": engine.dropout_mask(1, 0, 1, 128, 64, 0.5),
        "layer": engine.dropout_mask(1, 1, 0, 128, 64, 0.5),
        "seed": engine.dropout_mask(2, 0, 0, 128, 64, 0.5),
        **{f"{shift} rows on": np.roll(base, shift, axis=0) for shift in (1, 2, 4, 8)},
        **{f"{shift} units on": np.roll(base, shift, axis=1) for shift in (1, 4, 8, 16, 32)},
    }
    for name, other in others.items():
        correlation = np.corrcoef(base.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 5 / np.sqrt(base.size), name


def test_a_smaller_batch_has_the_same_masks_in_its_rows() -> None:
    np.testing.assert_array_equal(
        engine.dropout_mask(1, 0, 0, 128, 20, 0.3)[:37], engine.dropout_mask(1, 0, 0, 37, 20, 0.3)
    )
