"""What a batch is made of, and how it is trained, changes nothing."""

from __future__ import annotations

import os
import pickle
import signal
from typing import Any

import pytest

from steelyard.errors import DataError, RecipeError
from steelyard.recipe import Change
from steelyard.study import Choice, Space
from steelyard.tuning.evaluation import Step, evaluate, population
from tests.tuning.evaluation.problems import RATE, a_plan, rates, small_recipe, small_table
from tests.tuning.same import assert_same_trials

PLANS: dict[str, dict[str, Any]] = {
    "recorded metrics": {},
    "computed metrics": {"metrics": ("f1", "brier")},
    "patience": {"pruning": ({"name": "patience", "patience": 2},)},
}


@pytest.mark.parametrize("name", PLANS)
def test_threads_and_company_change_nothing(name: str) -> None:
    table = small_table()
    plan = a_plan(table, small_recipe(), folds=2, seeds=2, **PLANS[name])
    points = rates(0.003, 0.01, 0.05, 0.1)
    together = evaluate(table, plan, range(4), points, threads=3)
    alone = [
        trial
        for number, point in enumerate(points)
        for trial in evaluate(table, plan, [number], [point], threads=1)
    ]
    assert_same_trials(together, alone)


@pytest.mark.parametrize("rule", ["halving", "hyperband", "median", "folds"])
def test_threads_change_nothing_where_trials_are_stopped(rule: str) -> None:
    table = small_table()
    plan = a_plan(
        table,
        small_recipe(),
        folds=2,
        seeds=2,
        pruning=({"name": rule} | ({"min_epochs": 1} if rule == "halving" else {}),),
    )
    points = rates(0.001, 0.003, 0.01, 0.03, 0.1, 1e30)
    one, three = (evaluate(table, plan, range(6), points, threads=threads) for threads in (1, 3))
    assert_same_trials(one, three)


def test_populations_that_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    table = small_table()
    recipe = small_recipe(Change("imbalance.resampling", "smote"))
    space = Space(
        parameters=(
            Choice(path=RATE, values=(0.01, 0.1)),
            Choice(path="imbalance.resampling.ratio", values=(0.5, 1.0)),
        )
    )
    points = [
        {RATE: rate, "imbalance.resampling.ratio": ratio} for rate in (0.01, 0.1) for ratio in (0.5, 1.0)
    ]
    plan = a_plan(table, recipe, folds=2, space=space)
    together = evaluate(table, plan, range(4), points)
    monkeypatch.setattr(population, "MOST_BYTES", 1)
    assert_same_trials(evaluate(table, plan, range(4), points), together)


def test_networks_that_wait_and_do_not_fit_are_refused_before_they_train(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = small_table()
    halving = ({"name": "halving"},)
    plan = a_plan(table, small_recipe(), folds=2, seeds=3, pruning=halving)
    monkeypatch.setattr(population, "MOST_RESTING_BYTES", 800_000)
    steps: list[Step] = []
    with pytest.raises(RecipeError, match=r"the 54 networks of 9 trials .* GiB") as refused:
        evaluate(table, plan, range(9), rates(*[0.01] * 9), on_progress=steps.append)
    assert not steps
    fitting = int(refused.value.help.split("batch=")[1].split(",")[0])
    evaluate(table, plan, range(fitting), rates(*[0.01] * fitting))
    with pytest.raises(RecipeError):
        evaluate(table, plan, range(fitting + 2), rates(*[0.01] * (fitting + 2)))


def test_every_epoch_is_told() -> None:
    table = small_table()
    plan = a_plan(table, small_recipe(), folds=2, seeds=2, metrics=("average_precision", "brier"), seed=3)
    steps: list[Step] = []
    trials = evaluate(table, plan, [5, 6], rates(0.01, 0.1), threads=2, on_progress=steps.append)
    assert len(steps) == 2 * 4 * 6
    for trial in trials:
        for network in trial.networks:
            own = [
                step
                for step in steps
                if (step.trial, step.fold, step.seed) == (trial.number, network.fold, network.seed)
            ]
            assert [(step.epoch, step.epochs) for step in own] == [(epoch, 6) for epoch in range(1, 7)]
            assert own[-1].metrics == network.last


def test_trials_can_be_sent_elsewhere() -> None:
    table = small_table()
    trials = evaluate(table, a_plan(table, small_recipe()), [0], rates(0.01))
    assert_same_trials(pickle.loads(pickle.dumps(trials)), trials)


@pytest.mark.parametrize("pruning", [(), ({"name": "halving"},), ({"name": "folds"},)])
def test_stopped_from_outside(pruning: tuple[dict[str, str], ...]) -> None:
    table = small_table()
    plan = a_plan(table, small_recipe(), folds=2, pruning=pruning)
    calls = iter(range(100))
    with pytest.raises(KeyboardInterrupt):
        evaluate(table, plan, range(4), rates(*[0.01] * 4), stop=lambda: next(calls) > 9)


def test_stopped_by_ctrl_c() -> None:
    """Without a listener too, where nothing is called between epochs."""
    table = small_table(3_000)
    plan = a_plan(table, small_recipe(Change("training.epochs", 20_000)), folds=2)

    # A shell that starts the tests in the background has them ignore SIGINT.
    on_sigint = signal.signal(signal.SIGINT, signal.default_int_handler)
    on_alarm = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            evaluate(table, plan, range(4), rates(*[0.01] * 4))
    finally:
        signal.signal(signal.SIGALRM, on_alarm)
        signal.signal(signal.SIGINT, on_sigint)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"metrics": ("average_precison",)}, "did you mean 'average_precision'"),
        ({"metrics": ("calibration_slope", "roc_auc")}, "calibration_slope cannot rank trials"),
        ({"metrics": ("precision_at_top=5000",)}, "there are 140 rows only"),
    ],
)
def test_plans_that_cannot_be_judged(arguments: dict[str, Any], problem: str) -> None:
    table = small_table()
    plan = a_plan(table, small_recipe(), **({"test_share": 0.0} | arguments))
    with pytest.raises(DataError, match=problem):
        evaluate(table, plan, [0], rates(0.01))


def test_stopping_by_one_of_two_objectives_is_refused() -> None:
    table = small_table()
    plan = a_plan(
        table,
        small_recipe(),
        sampler="nsga2",
        metrics=("roc_auc", "log_loss"),
        pruning=({"name": "halving"},),
    )
    with pytest.raises(RecipeError, match="stopped by their roc_auc alone"):
        evaluate(table, plan, [0], rates(0.01))


def test_a_threshold_that_is_none() -> None:
    table = small_table()
    plan = a_plan(table, small_recipe(Change("decision.threshold", "f_eins")))
    with pytest.raises(RecipeError, match="f_eins"):
        evaluate(table, plan, [0], rates(0.01))
