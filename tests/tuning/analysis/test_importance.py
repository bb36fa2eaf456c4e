"""How much each parameter decides."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from steelyard.run import RunStatus
from steelyard.study import Choice, Plan, Range, Space, Trial, TrialState
from steelyard.tuning.analysis import importance
from tests.studies import plan_of, trial_of

SPACE = Space(
    parameters=(
        Range(path="optimizer.learning_rate", low=1e-5, high=1e-1, log=True),
        Choice(path="network.activation", values=("relu", "tanh", "gelu")),
        Choice(path="network.dropout", values=(0.0, 0.2, 0.4)),
        Choice(path="network.hidden_units", values=((16,), (64, 32), [8, 8])),
        Choice(path="optimizer.name", values=("sgd", "adam")),
        Range(path="optimizer.momentum", low=0.0, high=0.99, when={"optimizer.name": ("sgd",)}),
    )
)


def _searched(random: np.random.Generator, count: int = 60) -> tuple[Plan, list[Trial]]:
    """The logarithm of the learning rate makes most of it, and with sgd the momentum the rest."""
    plan = plan_of(SPACE)
    trials = []
    for number in range(count):
        point = {
            parameter.path: parameter.values[random.integers(len(parameter.values))]
            for parameter in SPACE.parameters
            if isinstance(parameter, Choice)
        }
        point["optimizer.learning_rate"] = float(10 ** random.uniform(-5, -1))
        score = -0.05 * abs(np.log10(point["optimizer.learning_rate"]) + 3)
        if point["optimizer.name"] == "sgd":
            point["optimizer.momentum"] = float(random.uniform(0, 0.99))
            score += 0.1 * point["optimizer.momentum"]
        trials.append(trial_of(plan, number, 0.4 + score + 0.001 * random.normal(), point=point))
    return plan, trials


def test_what_decides_is_found_and_what_does_not_is_no_more_than_chance() -> None:
    plan, trials = _searched(np.random.default_rng(0))
    found = importance(plan, trials)
    shares = {share.path: share for share in found.shares}
    assert set(shares) == {parameter.path for parameter in SPACE.parameters}
    assert [share.share for share in found.shares] == sorted((s.share for s in found.shares), reverse=True)
    assert shares["optimizer.learning_rate"].share > shares["optimizer.learning_rate"].chance
    assert shares["optimizer.learning_rate"].share > 0.3
    for path in ("network.activation", "network.dropout", "network.hidden_units"):
        assert shares[path].share < shares[path].chance
    assert found.reason == "" and found.metric == "average_precision"


def test_a_conditional_parameter_is_judged_where_it_is_active() -> None:
    plan, trials = _searched(np.random.default_rng(1))
    share = next(s for s in importance(plan, trials).shares if s.path == "optimizer.momentum")
    assert share.trials == sum("optimizer.momentum" in trial.point for trial in trials)
    assert share.share > 0.05


def test_the_same_trials_give_the_same_shares_and_optuna_stays_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    plan, trials = _searched(np.random.default_rng(2), 30)
    before = optuna.logging.get_verbosity()
    assert importance(plan, trials) == importance(plan, trials)
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")


def test_of_many_trials_some_are_drawn_and_all_are_counted() -> None:
    plan, trials = _searched(np.random.default_rng(3), 130)
    found = importance(plan, trials)
    rate = next(s for s in found.shares if s.path == "optimizer.learning_rate")
    assert rate.trials == 130 and rate.share > rate.chance


def test_why_nothing_is_said() -> None:
    plan, trials = _searched(np.random.default_rng(4), 12)
    few = importance(plan, trials[:9])
    assert (few.shares, few.reason) == ((), "9 comparable trials; at least 10 are needed")
    same = importance(plan, [trial_of(plan, n, 0.4, point=trial.point) for n, trial in enumerate(trials)])
    assert (same.shares, same.reason) == ((), "all trials have the same score")
    one_point = [trial_of(plan, n, 0.4 + 0.01 * n, point=trials[0].point) for n in range(12)]
    assert importance(plan, one_point).reason == "no parameter has two values among 10 comparable trials"


def test_diverged_and_pruned_trials_are_left_out() -> None:
    plan, trials = _searched(np.random.default_rng(5), 20)
    spoiled = [
        trial_of(plan, 100, 0.0, point=trials[0].point, status=RunStatus.DIVERGED),
        trial_of(plan, 101, 0.0, point=trials[1].point, state=TrialState.PRUNED),
    ]
    assert importance(plan, [*trials, *spoiled]) == importance(plan, trials)
