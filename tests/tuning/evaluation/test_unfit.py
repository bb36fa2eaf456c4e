"""A recipe that the rows do not allow is a trial with the worst score; the search goes on."""

from __future__ import annotations

import math

import pytest

from steelyard.errors import RecipeError
from steelyard.run import RunStatus
from steelyard.study import Choice, DropFolds, Halving, Pruning, Space, TrialState
from steelyard.tuning.cost import estimate
from steelyard.tuning.evaluation import evaluate
from tests.tuning.evaluation.problems import a_plan, small_recipe, small_table
from tests.tuning.same import assert_same_trials

NEIGHBORS = "imbalance.resampling"
POINTS = [
    {NEIGHBORS: {"name": "smote", "k_neighbors": 3}},
    {NEIGHBORS: {"name": "smote", "ratio": 0.01}},
    {NEIGHBORS: {"name": "random_over_sampling"}},
]


@pytest.mark.parametrize("pruning", [(), (Halving(min_epochs=1, reduction=2),), (DropFolds(),)])
def test_the_others_are_trained_as_without_it(pruning: tuple[Pruning, ...]) -> None:
    table = small_table()
    space = Space(parameters=(Choice(path=NEIGHBORS, values=tuple(point[NEIGHBORS] for point in POINTS)),))
    plan = a_plan(table, small_recipe(), space=space, folds=2, metrics=("log_loss",), pruning=pruning)
    found = evaluate(table, plan, [0, 1, 2], POINTS)
    unfit = found[1]
    assert unfit.state is TrialState.COMPLETE
    assert unfit.values == (math.inf,)
    assert [(network.fold, network.epochs, network.status) for network in unfit.networks] == [
        (0, 0, RunStatus.DIVERGED),
        (1, 0, RunStatus.DIVERGED),
    ]
    assert unfit.networks[0].reason.startswith("it could not be trained: ")
    assert_same_trials([found[0], found[2]], evaluate(table, plan, [0, 2], [POINTS[0], POINTS[2]]))


def test_all_of_them_unfit() -> None:
    table = small_table()
    space = Space(parameters=(Choice(path=NEIGHBORS, values=(POINTS[1][NEIGHBORS],)),))
    plan = a_plan(table, small_recipe(), space=space, pruning=(Halving(),))
    (trial,) = evaluate(table, plan, [0], POINTS[1:2])
    assert trial.values == (0.0,)
    with pytest.raises(RecipeError, match="ratio"):
        estimate(table, plan, 1)
