"""Trials that are stopped: who, when, and what is left of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard.data import Table
from steelyard.recipe import Change, Recipe
from steelyard.run import RunStatus
from steelyard.study import NetworkOutcome, Trial, TrialState
from steelyard.tuning.evaluation import evaluate
from steelyard.tuning.pruning import Referee, hopeless
from tests.tuning.evaluation.problems import a_plan, rates, small_recipe, small_table

POINTS = rates(0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1e30)
NINE = Change("training.epochs", 9)


@pytest.fixture(scope="module")
def table() -> Table:
    return small_table()


def batch(table: Table, recipe: Recipe, *rules: dict[str, Any], **arguments: Any) -> list[Trial]:
    plan = a_plan(table, recipe, pruning=rules, **({"folds": 2, "seeds": 2} | arguments))
    return evaluate(table, plan, range(len(POINTS)), POINTS)


def is_prefix(stopped: NetworkOutcome, free: NetworkOutcome) -> None:
    assert stopped.epochs <= free.epochs
    for name, curve in stopped.curves.items():
        np.testing.assert_array_equal(curve, free.curves[name][: stopped.epochs])


@pytest.mark.parametrize(
    "rules",
    [
        [{"name": "halving", "min_epochs": 1}],
        [{"name": "hyperband"}],
        [{"name": "median", "warmup_epochs": 2}],
        [{"name": "patience", "patience": 1}],
        [{"name": "folds"}],
        [{"name": "halving", "min_epochs": 1}, {"name": "folds"}],
        [{"name": "median", "warmup_epochs": 1}, {"name": "patience", "patience": 2}],
    ],
    ids=lambda rules: " and ".join(rule["name"] for rule in rules),
)
def test_what_was_trained_is_what_it_would_have_been(table: Table, rules: list[dict[str, Any]]) -> None:
    metrics = ("average_precision", "brier")
    free = batch(table, small_recipe(NINE), metrics=metrics)
    stopped = batch(table, small_recipe(NINE), *rules, metrics=metrics)
    places = {
        (trial.number, network.fold, network.seed): network for trial in free for network in trial.networks
    }
    some = 0
    for trial in stopped:
        for network in trial.networks:
            other = places[trial.number, network.fold, network.seed]
            is_prefix(network, other)
            some += other.epochs - network.epochs
        some += 4 - len(trial.networks)
        assert trial.values == tuple(
            float(np.mean([network.best[name] for network in trial.networks])) for name in metrics
        )
    assert some > 0, "nothing was stopped"


def test_halving_keeps_a_third_each_time(table: Table) -> None:
    trials = batch(table, small_recipe(NINE), {"name": "halving", "min_epochs": 1})
    epochs = [[network.epochs for network in trial.networks] for trial in trials]
    assert epochs[-1] == [0] * 4 and trials[-1].state is TrialState.COMPLETE, "it diverged at once"
    assert all(len(set(own)) == 1 for own in epochs)
    assert sorted(own[0] for own in epochs) == [0, 1, 1, 1, 1, 1, 3, 3, 9]
    for trial, own in zip(trials[:-1], epochs, strict=False):
        assert trial.state is (TrialState.COMPLETE if own[0] == 9 else TrialState.PRUNED)
        expected = {RunStatus.COMPLETED} if own[0] == 9 else {RunStatus.PRUNED}
        assert {network.status for network in trial.networks} == expected
    assert "stopped after epoch 1" in trials[0].networks[0].reason


def test_recipes_of_different_lengths_are_compared_as_they_ended(table: Table) -> None:
    """A trial of two epochs takes part in the comparison after three of them, and keeps its place if it is
    good: nobody who goes on is worse."""
    plan = a_plan(
        table,
        small_recipe(NINE),
        space={
            "parameters": [
                {"path": "optimizer.learning_rate", "values": [0.001, 0.05]},
                {"path": "training.epochs", "values": [2, 9]},
            ]
        },
        pruning=({"name": "halving", "reduction": 2, "min_epochs": 3},),
    )
    points = [
        {"optimizer.learning_rate": rate, "training.epochs": epochs}
        for rate, epochs in ((0.05, 2), (0.05, 9), (0.001, 9), (0.001, 2))
    ]
    trials = evaluate(table, plan, range(4), points)
    assert [trial.networks[0].epochs for trial in trials][0::3] == [2, 2]
    assert trials[0].state is trials[3].state is TrialState.COMPLETE
    score = {
        trial.number: trial.networks[0].curves["validation_average_precision"][:3].max() for trial in trials
    }
    racing = sorted(score, key=lambda number: -score[number])[:2]
    for number in (1, 2):
        assert (trials[number].networks[0].epochs > 3) == (number in racing)


def test_the_standing_is_the_score_if_all_ended_now(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Early stopping, divergence and a monitor that is not the metric of the search included."""
    seen: list[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = []

    def watch(self: Referee, epoch: int, score: Any, average: Any) -> NDArray[np.bool_]:
        seen.append((epoch, score.copy(), average.copy()))
        return np.zeros(len(score), np.bool_)

    monkeypatch.setattr(Referee, "judge", watch)
    recipe = small_recipe(
        NINE,
        Change("training.patience", 2),
        Change("training.min_delta", 0.002),
        Change("training.monitor", "validation_roc_auc"),
    )
    rule = {"name": "median", "warmup_epochs": 1}
    trials = batch(table, recipe, rule, metrics=("average_precision", "roc_auc"))
    assert [epoch for epoch, _, _ in seen] == list(range(1, 9))
    lengths = {network.epochs for trial in trials for network in trial.networks}
    assert len(lengths) > 2, "nothing stopped early"
    for epoch, score, average in seen:
        for trial in trials:
            best, mean = zip(*(_until(network, epoch) for network in trial.networks), strict=True)
            assert score[trial.number] == pytest.approx(np.mean(best))
            assert average[trial.number] == pytest.approx(np.mean(mean))
    for trial in trials:
        assert trial.values is not None
        ended = [_until(network, 9)[0] for network in trial.networks]
        assert trial.values[0] == pytest.approx(-np.mean(ended))


def _until(network: NetworkOutcome, epoch: int) -> tuple[float, float]:
    """The loss at the epoch that the monitor has chosen until then, and the mean loss."""
    if network.status is RunStatus.DIVERGED:
        return 0.0, 0.0
    monitored = network.curves["validation_roc_auc"][:epoch]
    best = 0
    for position, value in enumerate(monitored):
        if value - monitored[best] > 0.002:
            best = position
    losses = -network.curves["validation_average_precision"][:epoch]
    return float(losses[best]), float(losses.mean())


def test_a_score_that_is_frozen_by_patience(table: Table) -> None:
    trials = batch(table, small_recipe(NINE), {"name": "patience", "patience": 1}, metrics=("log_loss",))
    stopped = [
        network for trial in trials for network in trial.networks if network.status is RunStatus.STOPPED_EARLY
    ]
    assert stopped
    for network in stopped:
        curve = network.curves["validation_log_loss"]
        assert curve[-1] >= curve[:-1].min()
        assert (np.diff(curve[:-1]) < 0).all()
        assert network.reason == f"log_loss did not improve for 1 epochs after epoch {network.epochs - 1}"
    assert all(trial.state is TrialState.COMPLETE for trial in trials), "each came to an end of its own"


def test_folds_are_spared_as_the_rule_has_it(table: Table) -> None:
    free = batch(table, small_recipe(NINE), folds=4, seeds=1)
    spared = batch(table, small_recipe(NINE), {"name": "folds"}, folds=4, seeds=1)
    losses = np.array([[-network.best["average_precision"] for network in trial.networks] for trial in free])
    leader = int(losses[:, 0].argmin())
    for trial in spared:
        folds = 1
        while folds < 4 and not hopeless(losses[[trial.number], :folds], losses[leader])[0]:
            folds += 1
        assert [network.fold for network in trial.networks] == list(range(folds))
        assert trial.state is (TrialState.COMPLETE if folds == 4 else TrialState.PRUNED)
    assert len({len(trial.networks) for trial in spared}) > 1


def test_with_one_fold_no_fold_can_be_spared(table: Table) -> None:
    trials = batch(table, small_recipe(NINE), {"name": "folds"}, folds=1)
    assert all(trial.state is TrialState.COMPLETE for trial in trials)
