"""The history of a search."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given

from steelyard.report.study_history import study_history_svg
from steelyard.run import RunStatus
from steelyard.study import Plan, Trial, TrialState
from tests.report.searches import paths, searches, sound, texts, titles
from tests.studies import plan_of, trial_of


def test_a_dot_per_trial_and_a_step_per_improvement() -> None:
    plan = plan_of()
    trials = [trial_of(plan, number, score) for number, score in enumerate([0.3, 0.2, 0.4, 0.35])]
    svg = study_history_svg(plan, trials)
    assert len(paths(svg, "sy-trial sy-thin sy-spot")) == 4
    (best,) = paths(svg, "sy-top")
    assert (best.count("M"), best.count("V")) == (1, 1)
    assert "average_precision of 4 trials, in the order of asking" in texts(svg)
    assert "best 0.400, by trial 2" in texts(svg)
    assert titles(svg)[2] == "trial 2: 0.4000"


def test_for_a_loss_the_best_falls() -> None:
    plan = plan_of(metrics=("log_loss",))
    svg = study_history_svg(plan, [trial_of(plan, n, score) for n, score in enumerate([0.3, 0.2, 0.4])])
    assert "best 0.200, by trial 1" in texts(svg)


def test_pruned_and_diverged_trials_are_seen_and_no_best() -> None:
    plan = plan_of(metrics=("log_loss",))
    trials = [
        trial_of(plan, 0, 0.3),
        trial_of(plan, 1, 0.1, state=TrialState.PRUNED),
        trial_of(plan, 2, math.inf, status=RunStatus.DIVERGED),
    ]
    svg = study_history_svg(plan, trials)
    assert len(paths(svg, "sy-pruned sy-thin sy-spot")) == 1
    assert len(paths(svg, "sy-lost sy-cross")) == 1
    assert "best 0.300, by trial 0, 1 pruned, 1 diverged" in texts(svg)
    assert "trial 2: no score (diverged)" in titles(svg)


def test_one_terrible_trial_does_not_press_the_others_together() -> None:
    plan = plan_of()
    scores = [*np.linspace(0.40, 0.44, 20), 0.01]
    svg = study_history_svg(plan, [trial_of(plan, n, score) for n, score in enumerate(scores)])
    heights = {float(path.split()[1].removesuffix("h0")) for path in paths(svg, "sy-trial sy-thin sy-spot")}
    assert max(heights) - sorted(heights)[0] > 150
    assert "0.42" in texts(svg) and "0.00" not in texts(svg)


def test_nothing_is_complete() -> None:
    plan = plan_of()
    assert "no trial is complete" in texts(study_history_svg(plan, []))
    pruned = [trial_of(plan, 0, 0.3, state=TrialState.PRUNED)]
    assert "average_precision of 1 trial, in the order of asking" in texts(study_history_svg(plan, pruned))


@given(searches())
def test_any_search_can_be_drawn(search: tuple[Plan, list[Trial]]) -> None:
    sound(study_history_svg(*search))
