"""The learning curves of the top trials."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given

from steelyard.report.study_curves import MOST, study_curves_svg
from steelyard.study import Plan, Trial
from tests.report.searches import paths, searches, sound, texts
from tests.studies import plan_of, trial_of


def _curves(fold: int, seed: int) -> Mapping[str, np.ndarray]:
    epochs = np.arange(1, 11, dtype=np.float32)
    return {
        "train_loss": 0.2 + 0.3 / epochs + 0.1 * fold,
        "validation_loss": 0.25 + 0.3 / epochs + 0.1 * fold,
        "validation_average_precision": 0.4 - 0.3 / epochs,
        "validation_roc_auc": 0.8 - 0.3 / epochs,
    }


def test_a_mean_per_trial_thin_on_training_rows() -> None:
    plan = plan_of(folds=3)
    trials = [trial_of(plan, number, 0.4, curves=_curves, best_epoch=5, epochs=10) for number in range(9)]
    svg = study_curves_svg(plan, trials, [4, 2])
    assert len(paths(svg, "sy-line-0")) == len(paths(svg, "sy-line-1")) == 2
    assert len(paths(svg, "sy-line-0 sy-thin")) == 1
    assert len(paths(svg, "sy-line-0 sy-dot")) == 2
    assert {"log_loss by epoch", "average_precision by epoch", "trial 4", "trial 2"} <= set(texts(svg))
    # The mean of folds that differ by 0.1: 0.25 + 0.06 + 0.1.
    assert "trial 4: 0.410 at epoch 5; thin: training rows" in texts(svg)


def test_no_more_than_can_be_told_apart() -> None:
    plan = plan_of(folds=1)
    trials = [trial_of(plan, number, 0.4, curves=_curves) for number in range(9)]
    svg = study_curves_svg(plan, trials, range(9))
    assert f"sy-line-{MOST - 1}" in svg.split("</style>")[1] and f"sy-line-{MOST}" not in svg


def test_beside_the_log_loss_stands_the_next_metric_if_there_is_one() -> None:
    two = plan_of(metrics=("log_loss", "roc_auc"))
    trials = [trial_of(two, 0, 0.4, curves=_curves, more={"roc_auc": 0.8})]
    assert {"log_loss by epoch", "roc_auc by epoch"} <= set(texts(study_curves_svg(two, trials, [0])))
    one = plan_of(metrics=("log_loss",))
    assert "roc_auc by epoch" not in texts(study_curves_svg(one, trials, [0]))


def test_nothing_to_draw() -> None:
    plan = plan_of()
    assert "no trial to show" in texts(study_curves_svg(plan, [], [3]))
    assert "not measured" in texts(study_curves_svg(plan, [trial_of(plan, 3, 0.4)], [3]))


@given(searches())
def test_any_search_can_be_drawn(search: tuple[Plan, list[Trial]]) -> None:
    plan, trials = search
    sound(study_curves_svg(plan, trials, [trial.number for trial in trials]))
