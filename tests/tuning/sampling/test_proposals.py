from __future__ import annotations

import copy
import logging
import math
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.recipe import Recipe
from steelyard.study import Plan, SamplerName, Space, Trial, TrialState
from steelyard.tuning.sampling import Proposer, design
from steelyard.tuning.sampling.sight import MEMORY, Sight
from steelyard.tuning.space import grid, grid_size, recipe_at
from tests.tuning.sampling.plans import CONDITIONAL, NUMBERS, loss, plan, trial
from tests.tuning.space.spaces import spaces

ADAPTIVE: list[SamplerName] = ["tpe", "cmaes", "nsga2"]


def searched(asked: Plan, batches: int) -> list[Trial]:
    """Trials of so many batches, each asked for when those before it are known."""
    known: list[Trial] = []
    proposer = Proposer(asked)
    for batch in range(batches):
        first = batch * asked.batch
        for number, point in enumerate(proposer.propose(known, asked.batch, first), first):
            known.append(trial(number, point, *([loss(point)] * len(asked.metrics))))
    return known


@pytest.mark.parametrize("sampler", ADAPTIVE)
def test_what_is_learned_makes_later_points_better(sampler: SamplerName) -> None:
    known = searched(plan(NUMBERS, sampler), 9)
    early = np.mean([loss(one.point) for one in known[:20]])
    late = np.mean([loss(one.point) for one in known[-20:]])
    assert late < 0.5 * early


def test_a_gaussian_process_learns() -> None:
    pytest.importorskip("torch")
    asked = plan({"network.dropout": (0.0, 0.9)}, "gp", batch=6)
    points = design(plan({"network.dropout": (0.0, 0.9)}, "random"), 0, 12)
    known = [
        trial(number, point, (point["network.dropout"] - 0.3) ** 2) for number, point in enumerate(points)
    ]
    (point,) = Proposer(asked).propose(known, 1, 12)
    assert point["network.dropout"] == pytest.approx(0.3, abs=0.1)
    assert Proposer(asked).propose(known, 1, 12) == [point]


@pytest.mark.parametrize("sampler", ADAPTIVE)
@pytest.mark.parametrize("space", [NUMBERS, CONDITIONAL], ids=["numbers", "conditional"])
def test_the_same_trials_give_the_same_points(sampler: SamplerName, space: object) -> None:
    asked = plan(space, sampler, metrics=("log_loss", "roc_auc") if sampler == "nsga2" else ("log_loss",))
    known = searched(asked, 4)
    following = Proposer(asked).propose(known, 10, 40)
    assert Proposer(asked).propose(known[::-1], 10, 40) == following
    assert Proposer(asked).propose(known, 10, 50) != following
    assert len({str(one.point) for one in known} | {str(point) for point in following}) == 50


@pytest.mark.parametrize("sampler", ADAPTIVE)
@pytest.mark.parametrize("space", [NUMBERS, CONDITIONAL], ids=["numbers", "conditional"])
def test_what_was_asked_before_changes_nothing(sampler: SamplerName, space: object) -> None:
    """So a process that takes a study up goes on as the one would that was stopped."""
    asked = plan(space, sampler, metrics=("log_loss", "roc_auc") if sampler == "nsga2" else ("log_loss",))
    proposer = Proposer(asked)
    known: list[Trial] = []
    for first in range(0, 60, 10):
        points = proposer.propose(known, 10, first)
        assert points == Proposer(asked).propose(known, 10, first) == proposer.propose(known, 10, first)
        others = [Trial(first + number, point, TrialState.RUNNING) for number, point in enumerate(points)]
        assert proposer.propose([*known, *others], 3, 90) == Proposer(asked).propose([*known, *others], 3, 90)
        for number, point in enumerate(points, first):
            state = TrialState.PRUNED if number % 4 == 3 else TrialState.COMPLETE
            known.append(trial(number, point, *([loss(point)] * len(asked.metrics)), state=state))


@pytest.mark.parametrize(
    "space", [NUMBERS, {**NUMBERS, "network.l2": [0.01]}], ids=["numbers", "and a single"]
)
def test_a_whole_space_is_the_one_that_optuna_finds(space: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plan(space, "tpe")
    known = searched(asked, 4)
    ours = Proposer(asked).propose(known, 10, 40)
    monkeypatch.setattr(
        "steelyard.tuning.sampling.samplers._WholeSpaceTPE.infer_relative_search_space",
        optuna.samplers.TPESampler.infer_relative_search_space,
    )
    assert Proposer(asked).propose(known, 10, 40) == ours


@pytest.mark.parametrize("sampler", ADAPTIVE)
def test_what_a_sampler_is_shown_stays_as_it_is(
    sampler: SamplerName, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = plan(CONDITIONAL, sampler)
    known = searched(asked, 3)
    seen = [Sight(asked).seen(one) for one in known]
    before = copy.deepcopy([one.shown.__dict__ for one in seen])
    monkeypatch.setattr(Sight, "seen", lambda self, one: seen[one.number])
    Proposer(asked).propose(known, 10, 30)
    assert [one.shown.__dict__ for one in seen] == before


def test_points_do_not_depend_on_how_python_hashes_text(project_root: Path) -> None:
    points = design(plan(CONDITIONAL, "random"), 0, 30)
    known = [trial(number, point, loss(point)) for number, point in enumerate(points)]
    program = (
        "from tests.tuning.sampling.plans import CONDITIONAL, loss, plan, trial\n"
        "from steelyard.tuning.sampling import Proposer, design\n"
        "points = design(plan(CONDITIONAL, 'random'), 0, 30)\n"
        "known = [trial(number, point, loss(point)) for number, point in enumerate(points)]\n"
        "print(Proposer(plan(CONDITIONAL, 'tpe')).propose(known, 5, 30))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=project_root,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert told.strip() == str(Proposer(plan(CONDITIONAL, "tpe")).propose(known, 5, 30))


def test_a_metric_of_which_more_is_better_is_maximised() -> None:
    asked = plan(NUMBERS, "tpe", metrics=("roc_auc",))
    points = design(plan(NUMBERS, "random"), 0, 60)
    by_dropout = [trial(number, point, point["network.dropout"]) for number, point in enumerate(points)]
    assert np.mean([one["network.dropout"] for one in Proposer(asked).propose(by_dropout, 10, 60)]) > 0.6


def test_several_objectives_are_all_pursued() -> None:
    asked = plan(NUMBERS, "nsga2", metrics=("roc_auc", "log_loss"))
    known: list[Trial] = []
    for first in range(0, 100, 10):
        for number, point in enumerate(Proposer(asked).propose(known, 10, first), first):
            rate = math.log10(point["optimizer.learning_rate"])
            known.append(trial(number, point, point["network.dropout"], (rate + 2) ** 2))
    late = [one.values for one in known[-20:] if one.values is not None]
    early = [one.values for one in known[:20] if one.values is not None]
    assert np.mean(late, axis=0)[0] > np.mean(early, axis=0)[0]
    assert np.mean(late, axis=0)[1] < np.mean(early, axis=0)[1]


@pytest.mark.parametrize("sampler", ADAPTIVE)
def test_no_point_of_a_small_space_is_proposed_twice(sampler: SamplerName) -> None:
    space = {
        "network.dropout": [0.1, 0.2, 0.3, 0.4],
        "optimizer.learning_rate": {"low": 0.25, "high": 1.0, "step": 0.25},
    }
    asked = plan(space, sampler, batch=4)
    size = grid_size(asked.space)
    assert size == 16
    points = [one.point for one in searched(asked, 4)]
    assert {str(point) for point in points} == {str(point) for point in grid(asked.space)}


def test_a_space_that_is_used_up_is_repeated() -> None:
    asked = plan({"network.dropout": [0.1, 0.2], "optimizer.learning_rate": [0.1]}, "tpe", batch=2)
    known = [trial(number, point, 1.0) for number, point in enumerate(grid(asked.space))]
    assert all(point in [one.point for one in known] for point in Proposer(asked).propose(known, 2, 2))


@pytest.mark.parametrize("sampler", ADAPTIVE)
def test_whatever_became_of_trials_the_search_goes_on(sampler: SamplerName) -> None:
    asked = plan(
        CONDITIONAL, sampler, metrics=("log_loss", "roc_auc") if sampler == "nsga2" else ("log_loss",)
    )
    points = design(plan(CONDITIONAL, "random"), 0, 50)
    values = [math.inf, math.nan, 1.0, -math.inf, 1.0]
    known = [
        Trial(
            number,
            point,
            [TrialState.COMPLETE, TrialState.PRUNED, TrialState.COMPLETE][number % 3],
            None if number == 1 else (values[number % 5],) * len(asked.metrics),
        )
        for number, point in enumerate(points)
    ]
    known += [Trial(number, point, TrialState.RUNNING) for number, point in enumerate(points[:10], 50)]
    for point in Proposer(asked).propose(known, 5, 60):
        recipe_at(Recipe(), asked.space, point)


def test_trials_that_run_elsewhere_are_avoided() -> None:
    asked = plan({"network.dropout": (0.0, 0.9)}, "tpe", batch=5)
    points = design(plan({"network.dropout": (0.0, 0.9)}, "random"), 0, 40)
    known = [trial(n, point, (point["network.dropout"] - 0.3) ** 2) for n, point in enumerate(points)]
    alone = Proposer(asked).propose(known, 5, 45)
    running = [Trial(40 + n, point, TrialState.RUNNING) for n, point in enumerate(alone)]
    beside = Proposer(asked).propose([*known, *running], 5, 45)
    assert not {str(point) for point in alone} & {str(point) for point in beside}


def test_the_best_and_the_latest_are_remembered() -> None:
    asked = plan(NUMBERS, "tpe")
    points = design(plan(NUMBERS, "random"), 0, 600)
    sight = Sight(asked)
    known = [sight.seen(trial(number, point, float(abs(number - 20)))) for number, point in enumerate(points)]
    seen = [one.number for one in sight.remembered(known)]
    assert len(seen) == MEMORY["tpe"]
    assert set(range(8, 33)) <= set(seen) and seen[25:] == list(range(600 - 225, 600))
    assert len(Sight(plan(NUMBERS, "cmaes")).remembered(known)) == 600


def test_nothing_global_is_changed_and_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity(), list(warnings.filters), logging.getLogger("optuna").level
    Proposer(plan(CONDITIONAL, "tpe")).propose([], 2, 0)
    Proposer(plan(NUMBERS, "cmaes")).propose([], 2, 0)
    after = optuna.logging.get_verbosity(), list(warnings.filters), logging.getLogger("optuna").level
    assert before == after
    assert capfd.readouterr() == ("", "")


@given(spaces(), st.sampled_from(["tpe", "nsga2"]))
@settings(max_examples=15, deadline=None)
def test_every_proposed_point_is_a_recipe(space: Space, sampler: SamplerName) -> None:
    asked = plan(space, sampler, batch=6)
    points = design(plan(space, "random"), 0, 18)
    known = [trial(number, point, float(number % 7)) for number, point in enumerate(points)]
    for point in Proposer(asked).propose(known, 4, 18):
        recipe_at(Recipe(), space, point)
