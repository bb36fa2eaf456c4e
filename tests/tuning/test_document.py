"""A study as a document: plain JSON, and the front of several objectives."""

from __future__ import annotations

import json
import math

import optuna
from hypothesis import given
from hypothesis import strategies as st

from steelyard.recipe import Recipe
from steelyard.study import Choice, Plan, Space, Trial, TrialState
from steelyard.tuning.document import front, plain

PLAN = Plan(
    recipe=Recipe(),
    space=Space(parameters=(Choice(path="network.activation", values=("relu", "tanh")),)),
    metrics=("average_precision", "log_loss"),
    batch=4,
    fingerprint="f",
)

SCORES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


@given(SCORES)
def test_the_front_is_that_of_optuna(scores: list[tuple[int, int]]) -> None:
    point = {"network.activation": "relu"}
    trials = [
        Trial(number, point, TrialState.COMPLETE, (precision / 5, loss / 5))
        for number, (precision, loss) in enumerate(scores)
    ]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.add_trials([optuna.create_trial(values=trial.values) for trial in trials])
    assert set(front(PLAN, trials)) == {trial.number for trial in study.best_trials}


def test_only_complete_trials_are_on_the_front() -> None:
    point = {"network.activation": "relu"}
    pruned = Trial(0, point, TrialState.PRUNED, (0.9, 0.1))
    running = Trial(1, point, TrialState.RUNNING)
    assert front(PLAN, [pruned, running, Trial(2, point, TrialState.COMPLETE, (0.5, 0.5))]) == (2,)


def test_what_json_does_not_know_becomes_null() -> None:
    value = {"a": (math.inf, -math.inf, math.nan, 1.5), "b": Recipe().training, "c": None, "d": True}
    written = json.loads(json.dumps(plain(value), allow_nan=False))
    assert written["a"] == [None, None, None, 1.5]
    assert written["b"] == Recipe().training.model_dump(mode="json")
    assert (written["c"], written["d"]) == (None, True)
