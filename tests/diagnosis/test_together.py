"""Several runs judged as one comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.together import log_of_runs
from steelyard.finding import Status
from steelyard.history import History, Series
from steelyard.log import Facts, Log, Stopping, TrialTable


def run(losses: list[float], name: str = "run", *, metric: str = "loss", **facts: Any) -> Log:
    series = Series("validation", metric, np.array(losses))
    known: dict[str, Any] = {"framework": "keras 3", "rows_validation": 1000, **facts}
    return Log(name, "keras history", History(np.arange(1, len(losses) + 1), (series,)), Facts(**known))


def table_of(*logs: Log) -> TrialTable:
    found = log_of_runs(logs)
    assert found is not None
    assert found.trials is not None
    return found.trials


def test_a_row_per_run_with_what_varies() -> None:
    table = table_of(
        run([0.5, 0.3, 0.4], optimizer="adam", learning_rate=0.1, seed=1),
        run([0.5, 0.2], optimizer="adam", learning_rate=0.2, seed=1),
    )
    assert table.parameters == {"learning_rate": [0.1, 0.2], "seed": [1, 1]}
    assert table.metrics["validation_loss"].tolist() == [0.4, 0.2]
    assert table.epochs is not None
    assert table.epochs.tolist() == [3, 2]


@pytest.mark.parametrize(
    ("stopping", "score"),
    [
        (Stopping("val_loss", restore_best=True), 0.3),
        (Stopping("validation_loss", mode="min", restore_best=True), 0.3),
        (Stopping("val_loss", mode="max", restore_best=True), 0.5),
        (Stopping("val_loss", restore_best=False), 0.4),
        (Stopping("val_auc", restore_best=True), 0.4),
    ],
)
def test_the_score_is_that_of_the_weights_that_were_kept(stopping: Stopping, score: float) -> None:
    first, second = (run([0.5, 0.3, 0.4], stopping=stopping, batch_size=size) for size in (8, 16))
    assert table_of(first, second).metrics["validation_loss"].tolist() == [score, score]


def test_a_setting_that_one_log_does_not_tell_is_no_parameter() -> None:
    known = table_of(run([0.5], batch_size=8, loss="mse"), run([0.4], batch_size=16)).parameters
    assert known == {"batch_size": [8, 16]}


@pytest.mark.parametrize(
    "others",
    [
        [],
        [run([0.4], framework="lightning")],
        [run([0.4], rows_validation=999)],
        [run([0.4], metric="auc")],
        [Log("empty", "keras history")],
    ],
)
def test_what_is_no_comparison(others: list[Log]) -> None:
    assert log_of_runs([run([0.5]), *others]) is None


def test_the_same_seed_with_another_result_is_found() -> None:
    found = log_of_runs([run([0.5], seed=1, learning_rate=0.1), run([0.4], seed=1, learning_rate=0.1)])
    assert found is not None
    assert diagnosis_of(found)["SRC809"].status is Status.FIRED


def test_seeds_of_one_setting_are_no_comparison() -> None:
    assert log_of_runs([run([0.50 + 0.01 * seed], seed=seed) for seed in range(6)]) is None


def test_runs_that_are_not_known_to_differ_are_none() -> None:
    assert log_of_runs([run([0.5]), run([0.4])]) is None


def test_two_changes_at_once() -> None:
    found = log_of_runs(
        [
            run([0.5], learning_rate=0.1, batch_size=8, seed=1),
            run([0.4], learning_rate=0.2, batch_size=16, seed=1),
        ]
    )
    assert found is not None
    assert diagnosis_of(found)["SRC807"].status is Status.FIRED


def test_a_twin_shows_that_probes_change_the_training() -> None:
    def training(losses: list[float]) -> Log:
        series = Series("train", "loss", np.array(losses))
        return Log("run", "keras history", History(np.arange(1, len(losses) + 1), (series,)))

    watched, alone = training([0.5, 0.4, 0.3, 0.25]), training([0.5, 0.41, 0.33, 0.29])
    assert diagnosis_of(watched, twin=alone)["CMP109"].status is Status.FIRED
    assert diagnosis_of(watched, twin=watched)["CMP109"].status is Status.PASSED
    assert diagnosis_of(watched)["CMP109"].status is Status.NOT_APPLICABLE
