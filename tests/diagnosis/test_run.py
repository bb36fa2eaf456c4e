"""Our own runs and studies as logs."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from steelyard.data import Split, Table
from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.run import log_of_outcome, log_of_run, log_of_study
from steelyard.log import Predictions
from steelyard.recipe import Change, Recipe, apply
from steelyard.run import RunStatus
from steelyard.splitting import split_rows
from steelyard.study import Choice, NetworkOutcome, Plan, Space, Trial, TrialState
from steelyard.tables import table_from
from steelyard.training import TrainingResult, train

QUICK = apply(
    Recipe(),
    Change("training.epochs", 4),
    Change("training.batch_size", 32),
    Change("network.hidden_units", [8]),
    Change("network.batch_normalization", True),
    Change("imbalance.class_weight", "square_root"),
)


@pytest.fixture(scope="module")
def table() -> Table:
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 900))
    y = random.random(900) < 1 / (1 + np.exp(2.5 - 2 * x - z))
    return table_from(pl.DataFrame({"x": x, "z": z}), y)


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return split_rows(table)


@pytest.fixture(scope="module")
def result(table: Table, split: Split) -> TrainingResult:
    return train(table, QUICK, split, threads=1)


def test_a_run_gives_all_its_signals(table: Table, split: Split, result: TrainingResult) -> None:
    log = log_of_run(
        result.runs[0],
        positives_train=int(table.target[split.train].sum()),
        validation=Predictions(result.targets["validation"], result.probabilities["validation"]),
        logistic_loss=result.baselines["logistic_regression"]["validation"].log_loss,
        data_warnings={},
        source="a run",
    )
    signals = signals_from(log)
    labels = table.target[split.validation]
    assert signals.framework == "steelyard"
    assert signals.validation_way == "stratified"
    assert signals.positives_validation is not None
    assert signals.positives_validation.value == labels.sum()
    assert signals.weights_in_force is True
    assert signals.class_weight is not None
    rate = table.target[split.train].mean()
    assert signals.class_weight[1] == pytest.approx(math.sqrt(0.5 / rate))
    assert signals.train_loss is not None
    np.testing.assert_array_equal(signals.train_loss.values, result.runs[0].history["train_loss"])
    assert signals.train_loss_logged is not None
    np.testing.assert_array_equal(signals.train_loss_logged.values, result.runs[0].history["train_objective"])
    np.testing.assert_array_equal(signals.validation_loss.low, result.runs[0].history["validation_loss"])  # type: ignore[union-attr]
    assert signals.penalty is not None
    assert signals.validation_auc is not None
    assert signals.validation_auc_interval is not None
    assert signals.telemetry is result.runs[0].telemetry
    assert signals.logistic_loss is not None
    assert signals.data_warnings == {}
    assert signals.layers is not None
    kinds = [layer.kind for layer in signals.layers]
    assert kinds == ["dense", "batch_normalization", "activation", "dropout", "dense"]
    assert (signals.layers[0].inputs, signals.layers[-1].inputs, signals.from_logits) == (2, 8, True)
    assert signals.names_unpaired == ()


def test_decisions_on_validation_rows_are_solved(table: Table, split: Split, result: TrainingResult) -> None:
    found = Predictions(result.targets["validation"], result.probabilities["validation"])
    log = log_of_run(result.runs[0], positives_train=100, validation=found)
    confusion = signals_from(log).validation_confusion
    assert confusion is not None
    assert not confusion.contradictions
    recall = result.runs[0].history["validation_recall"]
    np.testing.assert_array_equal(
        confusion.true_positive_low, np.round(recall * table.target[split.validation].sum())
    )
    np.testing.assert_array_equal(confusion.predicted_positive_low, confusion.predicted_positive_high)


def test_a_run_without_an_epoch_has_no_curves(result: TrainingResult) -> None:
    run = result.runs[0]
    nothing = replace(
        run.history,
        epochs=run.history.epochs[:0],
        series=tuple(replace(one, values=one.values[:0]) for one in run.history.series),
    )
    signals = signals_from(log_of_run(replace(run, history=nothing), positives_train=100))
    assert signals.train_loss_logged is None
    assert signals.best_epoch is None


@pytest.mark.parametrize("finished", [0, 3])
def test_a_run_that_diverged_has_the_epoch_in_which_it_did(result: TrainingResult, finished: int) -> None:
    run = result.runs[0]
    history = replace(
        run.history,
        epochs=run.history.epochs[:finished],
        series=tuple(replace(one, values=one.values[:finished]) for one in run.history.series),
    )
    lost = replace(run, history=history, status=RunStatus.DIVERGED)
    logged = signals_from(log_of_run(lost, positives_train=100)).train_loss_logged
    assert logged is not None
    assert int(logged.epochs[-1]) == finished + 1
    assert math.isnan(logged.values[-1])


def outcome(fold: int, seed: int, value: float) -> NetworkOutcome:
    best = {"average_precision": value, "log_loss": 1.0 - value}
    return NetworkOutcome(fold, seed, RunStatus.COMPLETED, "", 3, 5, 50, best, best, {}, 0.1)


def test_a_study_is_a_table_of_trials() -> None:
    plan = Plan(
        recipe=QUICK,
        space=Space(parameters=(Choice(path="optimizer.learning_rate", values=(0.001, 0.01)),)),
        metrics=("average_precision", "log_loss"),
        folds=2,
        seeds=2,
        by="group",
        batch=2,
        fingerprint="",
    )
    networks = (outcome(0, 0, 0.1), outcome(0, 1, 0.3), outcome(1, 0, 0.2), outcome(1, 1, 0.4))
    trials = [
        Trial(0, {"optimizer.learning_rate": 0.001}, TrialState.COMPLETE, (0.25, 0.75), networks),
        Trial(1, {"optimizer.learning_rate": 0.01}, TrialState.RUNNING),
        Trial(2, {"optimizer.learning_rate": 0.01}, TrialState.PRUNED, (0.1, 0.9), networks[:1]),
    ]
    log = log_of_study(plan, trials, asked=4, source="a study")
    signals = signals_from(log)
    table = signals.trials
    assert table is not None
    assert table.parameters == {"optimizer.learning_rate": [0.001, 0.01]}
    assert table.metrics["validation_average_precision"].tolist() == [0.25, 0.1]
    assert table.metrics["validation_loss"].tolist() == [0.75, 0.9]
    assert table.ranked_by == "validation_average_precision"
    assert table.spread["validation_loss"][0] == pytest.approx(math.sqrt(0.02))
    assert np.isnan(table.spread["validation_loss"][1])
    assert table.asked == 4
    assert table.epochs is not None
    assert table.epochs.tolist() == [5, 5]
    assert (signals.seeds, signals.validation_way) == (4, "group")  # a seed of its own for each fold and seed


def test_a_study_without_a_trial() -> None:
    plan = Plan(
        recipe=None,
        space=Space(parameters=(Choice(path="width", values=(1, 2)),)),
        batch=2,
        fingerprint="",
    )
    table = signals_from(log_of_study(plan, [])).trials
    assert table is not None
    assert table.parameters == {}
    assert len(table.metrics["validation_average_precision"]) == 0


def test_logs_and_what_is_said_of_them_can_be_pickled(result: TrainingResult) -> None:
    """A fitted estimator goes to the processes of a grid search, and carries both."""
    (log,) = result.logs
    diagnosis = diagnosis_of(log)
    again = pickle.loads(pickle.dumps((log, diagnosis)))
    assert again[0].facts == log.facts
    assert [one.finding for one in again[1].results] == [one.finding for one in diagnosis.results]


def test_the_log_of_an_outcome_of_a_search(table: Table, split: Split, result: TrainingResult) -> None:
    history = result.runs[0].history
    curves = {
        name: history[name].astype(np.float32)
        for name in ("train_loss", "validation_loss", "validation_average_precision")
    }
    network = NetworkOutcome(0, 7, RunStatus.COMPLETED, "", 3, 4, 50, {}, {}, curves, 0.1)
    signals = signals_from(log_of_outcome(network, QUICK, split, table.target, data_warnings={}))
    assert signals.validation_loss is not None and signals.train_loss is not None
    np.testing.assert_array_equal(signals.validation_loss.values, curves["validation_loss"].astype(float))
    assert signals.positives_validation is not None
    assert signals.positives_validation.value == table.target[split.validation].sum()
    assert signals.base_rate_train is not None
    assert signals.base_rate_train.value == pytest.approx(table.target[split.train].mean())
    assert signals.validation_average_precision is not None
    assert (signals.names_unpaired, signals.data_warnings) == ((), {})
    nothing = replace(network, curves={}, epochs=0)
    assert signals_from(log_of_outcome(nothing, QUICK, split, table.target)).train_loss is None


def test_resampled_rows_leave_the_floors_where_the_curves_were_measured(table: Table, split: Split) -> None:
    recipe = apply(
        QUICK,
        Change("imbalance.resampling", "random_over_sampling"),
        Change("imbalance.class_weight", "balanced"),
    )
    (log,) = train(table, recipe, split, threads=1).logs
    signals = signals_from(log)
    assert signals.base_rate_train is not None
    assert signals.base_rate_train.value == pytest.approx(table.target[split.train].mean())
    assert (signals.resampling, signals.class_weight) == ("random_over_sampling", None)


def test_the_logs_of_a_result(table: Table, split: Split) -> None:
    result = train(table, QUICK, split, seeds=2, seed=3, threads=1)
    assert [log.facts.seed for log in result.logs] == [3, 4]
    for log, run in zip(result.logs, result.runs, strict=True):
        signals = signals_from(log)
        assert signals.batch_size == 32 and signals.seeds == 2
        assert signals.features is not None
        assert [feature.name for feature in signals.features] == ["x", "z"]
        assert all(0.3 < feature.deviation < 3.0 for feature in signals.features), "as they enter the network"
        assert signals.logistic_loss == result.baselines["logistic_regression"]["validation"].log_loss
        assert signals.validation_predictions is not None
        target = table.target[split.validation]
        p = signals.validation_predictions.probability
        own = -np.mean(np.where(target == 1, np.log(p), np.log1p(-p)))
        assert own == pytest.approx(run.history["validation_loss"][run.best_epoch - 1], abs=1e-5)
