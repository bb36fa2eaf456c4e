"""Trials of a scan that are stopped between epochs are prefixes of what they would have been."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steelyard.errors import SteelyardError
from steelyard.keras.callbacks import EarlyStopping
from steelyard.run import RunStatus
from steelyard.study import Halving, MedianPruning, PatiencePruning, TrialState
from tests.keras.scan.models import impatient, network, plain, scan, stopping

PARAMS: dict[str, Any] = {"rate": [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1], "units": [8]}


def test_who_goes_on_is_as_without_pruning_and_who_does_not_is_its_beginning() -> None:
    whole = scan(params=PARAMS, folds=2)
    pruned = scan(params=PARAMS, folds=2, pruning=Halving(reduction=2, min_epochs=1))
    assert whole.study is not None and pruned.study is not None
    # Six trials at first, three after one epoch, one after two.
    assert sorted(pruned.data["round_epochs"]) == [1, 1, 1, 2, 2, 4]
    for number, (full, part) in enumerate(zip(whole.study.trials, pruned.study.trials, strict=True)):
        epochs = pruned.data["round_epochs"][number]
        for one, other in zip(full.networks, part.networks, strict=True):
            for name, values in one.curves.items():
                if name != "train_seconds":
                    assert np.array_equal(values[:epochs], other.curves[name], equal_nan=True)
        ended = epochs == 4
        assert pruned.status[number] is (RunStatus.COMPLETED if ended else RunStatus.PRUNED)
        assert part.state is (TrialState.COMPLETE if ended else TrialState.PRUNED)
        if ended:
            assert full.values == part.values


def test_the_best_after_the_first_epoch_go_on() -> None:
    whole = scan(params=PARAMS, folds=2, metrics="log_loss")
    pruned = scan(params=PARAMS, folds=2, metrics="log_loss", pruning=Halving(reduction=3, min_epochs=2))
    assert whole.study is not None
    scores = [
        np.mean([network.curves["validation_log_loss"][:2].min() for network in trial.networks])
        for trial in whole.study.trials
    ]
    kept = {number for number, status in enumerate(pruned.status) if status is RunStatus.COMPLETED}
    assert kept == set(np.argsort(scores)[:2])


def test_callbacks_are_called_and_their_decisions_count() -> None:
    whole = scan(stopping, PARAMS)
    pruned = scan(stopping, PARAMS, pruning=MedianPruning(warmup_epochs=3))
    assert RunStatus.PRUNED in pruned.status
    assert RunStatus.STOPPED_EARLY in pruned.status
    for number, status in enumerate(pruned.status):
        if status is RunStatus.PRUNED:
            assert pruned.data["round_epochs"][number] < whole.data["round_epochs"][number]
        else:
            assert status is whole.status[number]
            assert pruned.data["val_loss"][number] == whole.data["val_loss"][number]


def test_one_that_its_callback_stopped_keeps_its_score_and_its_place() -> None:
    """The best trial after two epochs stops itself there: all others are then put out, two epochs later."""

    def one_stops(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
        model = network(params)
        stop = [EarlyStopping(monitor="loss", patience=1, min_delta=100.0)] if params["rate"] == 0.1 else []
        history = model.fit(
            x_train, y_train, validation_data=(x_val, y_val), epochs=6, callbacks=stop, batch_size=64
        )
        return history, model

    params = {"rate": [0.0001, 0.0003, 0.1], "units": [8]}
    done = scan(one_stops, params, pruning=Halving(reduction=3, min_epochs=4), metrics="log_loss")
    assert list(done.data["round_epochs"]) == [4, 4, 2]
    assert done.status == [RunStatus.PRUNED, RunStatus.PRUNED, RunStatus.STOPPED_EARLY]


def test_patience_looks_at_one_network_alone() -> None:
    whole = scan(params=PARAMS)
    done = scan(params=PARAMS, pruning=PatiencePruning(patience=1, min_delta=10.0))
    assert list(done.data["round_epochs"]) == [2] * 6
    assert done.status == [RunStatus.STOPPED_EARLY] * 6
    assert whole.study is None
    for one, other in zip(done.round_history, whole.round_history, strict=True):
        np.testing.assert_allclose(one["val_loss"], other["val_loss"][:2], rtol=1e-6)


@pytest.mark.parametrize("rule", ["halving", "hyperband", "median"])
def test_rules_have_names(rule: str) -> None:
    done = scan(params=PARAMS, pruning=rule, folds=2)
    assert len(done.data) == 6


def test_batches_are_pruned_by_themselves() -> None:
    done = scan(params=PARAMS, pruning=Halving(reduction=3), batch=3)
    assert (done.data["round_epochs"] == 4).tolist().count(True) == 2
    assert (done.data["round_epochs"][:3] == 4).any()


def test_a_fit_that_does_not_wait_cannot_be_compared() -> None:
    with pytest.raises(SteelyardError, match=r"K248: Scan: the trial with rate=0\.0001, units=8 was trained"):
        scan(impatient, PARAMS, pruning="halving")
    assert len(scan(plain, PARAMS, pruning="halving").data) == 6
