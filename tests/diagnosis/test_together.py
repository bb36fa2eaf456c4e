"""Several runs judged as one comparison."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.readers import read
from steelyard.diagnosis.together import log_of_runs
from steelyard.finding import Status
from steelyard.history import History, Quantity, Series
from steelyard.log import Facts, LayerFact, Log, Stopping, TrialTable


def run(losses: list[float], name: str = "run", *, metric: str = "loss", **facts: Any) -> Log:
    series = Series("validation", metric, np.array(losses))
    return of_series(series, name=name, **facts)


def of_series(*series: Series, name: str = "run", epochs: list[int] | None = None, **facts: Any) -> Log:
    known: dict[str, Any] = {"framework": "keras 3", "rows_validation": 1000, **facts}
    at = np.arange(1, len(series[0].values) + 1) if epochs is None else np.array(epochs)
    return Log(name, "keras history", History(at, series), Facts(**known))


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
        (Stopping("valid_loss", restore_best=True), 0.3),
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


@pytest.mark.parametrize(
    ("metric", "monitor", "framework", "kept"),
    [
        ("mse", "val_mse", "keras 3", 0.3),
        ("roc_auc", "val_auc", "keras 3", 0.5),
        ("f1", "val_f1", "keras 3", 0.5),
        ("f1", "val_f1", "keras 2", 0.3),  # which takes it for a loss, and so keeps the worst
        ("accuracy", "val_acc", "keras 2", 0.5),
        ("reported", "val_reported", "keras 3", 0.3),
    ],
)
def test_what_is_watched_tells_which_epoch_was_kept(
    metric: str, monitor: str, framework: str, kept: float
) -> None:
    stopping = Stopping(monitor, 5, restore_best=True)
    runs = [
        run([0.4, 0.3, 0.5, 0.45], metric=metric, stopping=stopping, framework=framework, batch_size=size)
        for size in (8, 16)
    ]
    assert table_of(*runs).metrics[f"validation_{metric}"].tolist() == [kept, kept]


def test_epochs_that_were_not_validated_are_no_failure() -> None:
    nan = np.nan
    told = Series("validation", "loss", np.array([nan, 0.3, nan]), measured=np.array([False, True, False]))
    untold = Series("validation", "loss", np.array([nan, 0.3, nan]))
    train = Series("train", "loss", np.array([0.5, 0.4, 0.3]))
    for series in ((told,), (untold, train)):
        first, second = (of_series(*series, batch_size=size) for size in (8, 16))
        assert table_of(first, second).metrics["validation_loss"].tolist() == [0.3, 0.3]


def test_a_run_that_ran_away_has_no_score() -> None:
    lost = Series("validation", "loss", np.array([0.4, np.nan]))
    train = Series("train", "loss", np.array([0.5, np.nan]))
    first = of_series(lost, train, batch_size=8)
    second = of_series(lost, replace(train, values=np.array([0.5, 0.4])), batch_size=16)
    assert np.isnan(table_of(first, second).metrics["validation_loss"][0])
    measured = replace(lost, measured=np.array([True, True]))
    assert np.isnan(table_of(of_series(measured, batch_size=8), second).metrics["validation_loss"][0])


def test_early_stopping_that_ended_all_runs_is_known_of_the_comparison() -> None:
    runs = [
        run([0.5, 0.4] + [0.41] * more, batch_size=size, stopping=Stopping("val_loss", patience))
        for size, more, patience in ((8, 3, 3), (16, 30, 5))
    ]
    found = log_of_runs(runs)
    assert found is not None
    assert found.facts.stopping == Stopping("val_loss", 3)
    assert diagnosis_of(found)["SRC808"].status is Status.PASSED
    without = log_of_runs([runs[0], run([0.5] * 30, batch_size=16)])
    assert without is not None and without.facts.stopping is None


def test_each_run_is_one_seed() -> None:
    found = log_of_runs([run([0.5], batch_size=8), run([0.4], batch_size=16)])
    assert found is not None
    said = diagnosis_of(found)["SRC806"].finding
    assert said is not None and said.message.startswith("Each of 2 configurations was trained once.")


def test_the_length_of_a_run_is_its_last_epoch() -> None:
    every = Series("validation", "loss", np.linspace(0.5, 0.4, 10))
    fifth = Series("validation", "loss", np.array([0.45, 0.4]))
    table = table_of(of_series(every, batch_size=8), of_series(fifth, epochs=[5, 10], batch_size=16))
    assert table.epochs is not None and table.epochs.tolist() == [10, 10]


def test_of_a_log_with_several_runs_the_last_counts() -> None:
    appended = Series("validation", "loss", np.array([0.1, 0.1, 0.5, 0.4]))
    stopping = Stopping("val_loss", 3, restore_best=True)
    first = of_series(appended, epochs=[1, 2, 1, 2], batch_size=8, stopping=stopping)
    table = table_of(first, run([0.3, 0.35], batch_size=16, stopping=stopping))
    assert table.metrics["validation_loss"].tolist() == [0.4, 0.3]
    assert table.epochs is not None and table.epochs.tolist() == [2, 2]


def test_losses_that_are_not_one_measure_are_left_out() -> None:
    accuracy = Series("validation", "accuracy", np.array([0.9]))

    def with_loss(value: float, **facts: Any) -> Log:
        return of_series(Series("validation", "loss", np.array([value]), Quantity()), accuracy, **facts)

    functions = table_of(with_loss(0.3, loss="binary_crossentropy"), with_loss(0.05, loss="mse"))
    assert list(functions.metrics) == ["validation_accuracy"]
    plain, penalized = ((LayerFact("dense", 1, 9, "sigmoid", l2=l2),) for l2 in (0.0, 0.01))
    penalties = table_of(with_loss(0.3, layers=plain), with_loss(0.9, layers=penalized))
    assert list(penalties.metrics) == ["validation_accuracy"]
    ours = [with_loss(0.3, layers=one, framework="steelyard") for one in (plain, penalized)]
    assert "validation_loss" in table_of(*ours).metrics
    assert log_of_runs([run([0.3], loss="mse"), run([0.3], loss="mae")]) is None


def test_how_probabilities_are_mapped_afterwards_does_not_tell_runs_apart() -> None:
    pair = [run([0.5], seed=1, calibration="none"), run([0.4], seed=2, calibration="logistic")]
    assert log_of_runs(pair) is None


def test_class_weights_are_the_same_as_whole_numbers() -> None:
    pair = [run([0.5], class_weight=weights, seed=seed) for seed, weights in ((1, (1, 9)), (2, (1.0, 9.0)))]
    assert log_of_runs(pair) is None


def test_keras_logs_with_an_area_are_compared_by_it(tmp_path: Path) -> None:
    for name, last in (("a", 0.71), ("b", 0.7)):
        (tmp_path / f"{name}.csv").write_text(
            f"epoch,loss,val_loss,val_auc\n0,0.6,0.5,0.6\n1,0.5,0.4,{last}\n"
        )
    logs = [
        replace(log, facts=replace(log.facts, rows_validation=1050, positives_validation=50, batch_size=size))
        for size, name in ((8, "a.csv"), (16, "b.csv"))
        for log in read(tmp_path / name)
    ]
    found = log_of_runs(logs)
    assert found is not None
    assert diagnosis_of(found)["SRC803"].status is Status.FIRED
