"""The table of trials, against numbers that can be seen in the networks."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from steelyard.recipe import Recipe
from steelyard.run import RunStatus
from steelyard.study import Choice, NetworkOutcome, Plan, Point, Space, Trial, TrialState
from steelyard.tuning.trial_table import trial_table

SPACE = Space(
    parameters=(
        Choice(path="optimizer.learning_rate", values=(0.1, 1)),
        Choice(path="network.hidden_units", values=([8], [16, 8])),
        Choice(path="network.activation", values=("relu", "tanh")),
        Choice(path="training.batch_size", values=(32, 64)),
    )
)


def plan(folds: int = 2, seeds: int = 2) -> Plan:
    return Plan(
        recipe=Recipe(),
        space=SPACE,
        metrics=("roc_auc", "log_loss"),
        folds=folds,
        seeds=seeds,
        batch=1,
        fingerprint="0" * 16,
    )


def network(fold: int, seed: int, auc: float, loss: float = 0.5, epochs: int = 3) -> NetworkOutcome:
    return NetworkOutcome(
        fold=fold,
        seed=seed,
        status=RunStatus.COMPLETED if math.isfinite(loss) else RunStatus.DIVERGED,
        reason="",
        best_epoch=epochs - 1,
        epochs=epochs,
        steps=10 * epochs,
        best={"roc_auc": auc, "log_loss": loss},
        last={"roc_auc": auc - 0.1, "log_loss": loss + 0.1},
        curves={},
        seconds=1.0,
    )


def trial(number: int, point: Point, *networks: NetworkOutcome) -> Trial:
    return Trial(number, point, TrialState.COMPLETE, (0.0, 0.0), networks, seconds=float(len(networks)))


POINT = {
    "optimizer.learning_rate": 0.1,
    "network.hidden_units": [16, 8],
    "network.activation": "relu",
    "training.batch_size": 32,
}


def test_means_and_spreads() -> None:
    networks = [network(0, 0, 0.6), network(0, 1, 0.8), network(1, 2, 0.8), network(1, 3, 0.8, epochs=5)]
    (row,) = trial_table(plan(), [trial(0, POINT, *networks)]).to_dicts()
    assert row["roc_auc"] == np.mean([0.6, 0.8, 0.8, 0.8])
    assert math.isclose(row["roc_auc_last"], row["roc_auc"] - 0.1)
    assert math.isclose(row["roc_auc_folds"], np.std([0.7, 0.8], ddof=1))
    assert math.isclose(row["roc_auc_seeds"], math.sqrt((np.var([0.6, 0.8], ddof=1) + 0.0) / 2))
    assert row["epochs"] == 3.0 and row["best_epoch"] == 2.0
    assert row["steps"] == 140 and row["networks"] == 4 and row["diverged"] == 0
    assert row["seconds"] == 4.0


def test_what_one_fold_or_one_seed_cannot_tell_is_null() -> None:
    (row,) = trial_table(plan(1, 1), [trial(0, POINT, network(0, 0, 0.6))]).to_dicts()
    assert row["roc_auc"] == 0.6
    assert row["roc_auc_folds"] is None and row["roc_auc_seeds"] is None


def test_a_diverged_network_has_the_worst_score_and_no_spread() -> None:
    networks = [network(0, 0, 0.0, math.inf), network(1, 1, 0.8)]
    (row,) = trial_table(plan(2, 1), [trial(0, POINT, *networks)]).to_dicts()
    assert row["log_loss"] == math.inf and row["log_loss_folds"] is None
    assert row["roc_auc"] == 0.4 and row["diverged"] == 1


def test_parameters_have_a_type_of_their_own() -> None:
    other = {"optimizer.learning_rate": 1, "network.hidden_units": [8], "network.activation": "tanh"}
    found = trial_table(plan(), [trial(0, POINT, network(0, 0, 0.6)), trial(1, other, network(0, 0, 0.6))])
    assert found.columns[:6] == ["number", "state", *(parameter.path for parameter in SPACE.parameters)]
    assert found["optimizer.learning_rate"].to_list() == [0.1, 1.0]
    assert found["network.hidden_units"].to_list() == ["[16, 8]", "[8]"]
    assert found["network.activation"].to_list() == ["relu", "tanh"]
    assert found["training.batch_size"].to_list() == [32, None]
    assert found.schema["training.batch_size"] == pl.Int64


def test_trials_that_run_have_no_numbers() -> None:
    running = Trial(0, POINT, TrialState.RUNNING)
    (row,) = trial_table(plan(), [running]).to_dicts()
    assert row["state"] == "running" and row["roc_auc"] is None and row["networks"] is None


def test_no_trials() -> None:
    found = trial_table(plan(), [])
    assert found.height == 0 and "roc_auc_seeds" in found.columns
