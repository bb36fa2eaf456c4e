"""A scan as a study: stored, resumed, on folds and seeds."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from steelyard import load_study
from steelyard.errors import SteelyardError, SteelyardWarning, StudyError
from steelyard.keras import Scan, fitting
from steelyard.keras.callbacks import Callback, ReduceLROnPlateau
from steelyard.keras.layers import Dense, Dropout
from steelyard.keras.models import Sequential
from steelyard.keras.optimizers import Adam
from steelyard.keras.seeding import seeded
from steelyard.run import RunStatus
from steelyard.study import TrialState
from tests.keras.scan import models
from tests.keras.scan.models import GRID, impatient, network, plain, scan, stopping, table

TALOS = ["round_epochs", "accuracy", "loss", "val_accuracy", "val_loss", "rate", "units"]


@pytest.fixture(scope="module")
def alone() -> Scan:
    """A scan as talos has it."""
    return scan()


@pytest.fixture
def populations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the populations that are trained from now on."""
    sizes: list[int] = []
    real = fitting.fit_population

    def spy(features: Any, target: Any, jobs: Any, **arguments: Any) -> Any:
        sizes.append(len(jobs))
        return real(features, target, jobs, **arguments)

    monkeypatch.setattr(fitting, "fit_population", spy)
    return sizes


# Storage.


def test_what_is_stored_is_what_a_scan_finds_anyway(
    alone: Scan, tmp_path: Path, populations: list[int]
) -> None:
    stored = scan(storage=tmp_path / "scans.db")
    assert populations == [6]
    assert list(stored.data)[: len(TALOS)] == TALOS
    assert stored.data[TALOS].equals(alone.data)
    assert stored.status == alone.status
    for found, expected in zip(stored.round_history, alone.round_history, strict=True):
        assert list(found) == list(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-6)


def test_what_is_finished_is_not_trained_again(tmp_path: Path, populations: list[int]) -> None:
    first = scan(storage=tmp_path / "scans.db", folds=2)
    populations.clear()
    again = scan(storage=tmp_path / "scans.db", folds=2)
    assert populations == []
    assert again.data.equals(first.data)
    assert again.round_history == first.round_history


def test_a_name_holds_one_scan_and_a_file_several(tmp_path: Path, alone: Scan) -> None:
    storage = tmp_path / "scans.db"
    scan(storage=storage, study="few", round_limit=2)
    assert scan(storage=storage, study="all").data[TALOS].equals(alone.data)
    assert load_study(storage, "few").finished == 2
    with pytest.raises(StudyError, match="study 'few': is there already, and resume=False"):
        scan(storage=storage, study="few", round_limit=2, resume=False)


def test_without_a_seed_a_scan_goes_on_with_its_own(tmp_path: Path, populations: list[int]) -> None:
    first = scan(storage=tmp_path / "scans.db", seed=None)
    populations.clear()
    assert scan(storage=tmp_path / "scans.db", seed=None).details["seed"] == first.details["seed"]
    assert populations == []


def test_a_stored_scan_is_a_study_as_any_other(tmp_path: Path) -> None:
    done = scan(storage=tmp_path / "scans.db", metrics=["roc_auc", "log_loss"])
    study = load_study(tmp_path / "scans.db", "scan")
    best = done.data["validation_roc_auc_best"].idxmax()
    assert study.best.number == best
    assert study.best.point == {"rate": done.data["rate"][best], "units": done.data["units"][best]}
    assert study.best.values == (
        done.data["validation_roc_auc_best"][best],
        done.data["validation_log_loss_best"][best],
    )
    assert study.optuna().best_trial.params == study.best.point
    assert "roc_auc" in study._repr_html_()
    with pytest.raises(StudyError, match="a model function made their networks"):
        _ = study.best_recipe


# Identity.


def of_epochs(epochs: int) -> Callable[..., Any]:
    def function(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
        model = network(params)
        return model.fit(x_train, y_train, validation_data=[x_val, y_val], epochs=epochs), model

    return function


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"params": GRID | {"units": [4, 16]}}, r"units\]\.values is \[4, 8\] there and \[4, 16\] here"),
        ({"round_limit": 4}, "Scan.combinations is nothing there and '4 of 6, "),
        ({"folds": 3}, "folds is 2 there and 3 here"),
        ({"seeds": 2}, "seeds is 1 there and 2 here"),
        ({"seed": 6}, "seed is 5 there and 6 here"),
        ({"batch": 3}, "batch is 6 there and 3 here"),
        ({"pruning": "patience"}, r"pruning\[0\].name is nothing there and 'patience' here"),
        ({"model": stopping}, "Scan.model.function is '.*function' there and 'stopping' here"),
        ({"model": of_epochs(2)}, "Scan.model.epochs is '1' there and '2' here"),
        ({"folds": None}, "Scan.val_split is nothing there and 0.3 here"),
    ],
)
def test_another_scan_of_the_name_is_refused_by_what_differs(
    tmp_path: Path, changed: dict[str, Any], message: str, populations: list[int]
) -> None:
    arguments: dict[str, Any] = {"model": of_epochs(1), "storage": tmp_path / "scans.db", "folds": 2}
    scan(**arguments)
    populations.clear()
    with pytest.raises(StudyError, match=message):
        scan(**(arguments | changed))
    assert populations == []


def test_other_rows_and_other_constants_are_other_scans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(storage=tmp_path / "scans.db")
    x, y = table()
    with pytest.raises(StudyError, match=r"fingerprint is '.*' there and '.*' here"):
        Scan(x * 2, y, GRID, plain, seed=5, disable_progress_bar=True, storage=tmp_path / "scans.db")
    monkeypatch.setattr(models, "EPOCHS", 5)
    with pytest.raises(StudyError, match=r"Scan\.model\.EPOCHS is '4' there and '5' here"):
        scan(storage=tmp_path / "scans.db")


# Interruptions.


def interrupted_at(rate: float) -> Callable[..., None]:
    """Sequential.compile, with Ctrl-C when a network of this learning rate is made."""
    real = Sequential.compile

    def compile(model: Sequential, optimizer: Any, *arguments: Any, **named: Any) -> None:
        if optimizer.learning_rate == rate:
            raise KeyboardInterrupt
        real(model, optimizer, *arguments, **named)

    return compile


def test_ctrl_c_keeps_finished_batches_and_the_scan_goes_on(
    alone: Scan, tmp_path: Path, populations: list[int]
) -> None:
    arguments: dict[str, Any] = {"storage": tmp_path / "scans.db", "batch": 2}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sequential, "compile", interrupted_at(0.1))
        with pytest.warns(
            SteelyardWarning, match="K141: Ctrl-C: 4 of 6 trials are finished, .* 2 are missing"
        ):
            part = scan(**arguments)
    assert part.data[TALOS].equals(alone.data[:4])
    assert populations == [2, 2]
    assert scan(**arguments).data[TALOS].equals(alone.data)
    assert populations == [2, 2, 2]


def test_ctrl_c_before_anything_is_finished_is_passed_on(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Sequential, "compile", interrupted_at(0.1))
        scan(storage=tmp_path / "scans.db")
    assert load_study(tmp_path / "scans.db").finished == 0


KILLED = """
import os, signal, sys
from tests.keras.scan.models import GRID, Sequential, scan

real = Sequential.compile

def compile(model, optimizer, *arguments, **named):
    if optimizer.learning_rate == 0.1:
        os.kill(os.getpid(), signal.SIGKILL)
    real(model, optimizer, *arguments, **named)

Sequential.compile = compile
scan(storage=sys.argv[1], batch=2, folds=2)
"""


def test_a_scan_that_was_killed_goes_on_where_it_was(
    tmp_path: Path, project_root: Path, populations: list[int]
) -> None:
    storage = tmp_path / "scans.db"
    killed = subprocess.run(
        [sys.executable, "-W", "error", "-c", KILLED, str(storage)],
        capture_output=True,
        text=True,
        cwd=project_root,
        timeout=120,
    )
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    left = load_study(storage)
    assert [trial.state for trial in left.trials] == [TrialState.COMPLETE] * 4 + [TrialState.RUNNING] * 2
    resumed = scan(storage=storage, batch=2, folds=2)
    assert populations == [4]
    assert resumed.data.equals(scan(batch=2, folds=2).data)


def test_what_was_finished_before_a_model_function_failed_stays(
    tmp_path: Path, alone: Scan, populations: list[int]
) -> None:
    arguments: dict[str, Any] = {"storage": tmp_path / "scans.db", "batch": 2}
    real = Sequential.compile

    def failing(model: Sequential, optimizer: Any, *arguments: Any, **named: Any) -> None:
        real(model, optimizer, *arguments, **named)
        if optimizer.learning_rate == 0.1:
            raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sequential, "compile", failing)
        with pytest.raises(SteelyardError, match=r"K243: Scan: trial 5 of 6 \(rate=0\.1, units=4\): .*Zero"):
            scan(**arguments)
    assert scan(**arguments).data[TALOS].equals(alone.data)
    assert populations == [2, 2, 2]


# Folds and seeds.


def by_hand(params: dict[str, Any], folds: int, seeds: int, seed: int = 5) -> list[list[Any]]:
    """The networks of a trial, fold by fold: trained alone on scikit-learn's folds."""
    x, y = table()
    found = []
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(x, y)
    for fold, (train, validation) in enumerate(splits):
        histories = []
        for number in range(seeds):
            with seeded(seed + fold * seeds + number):
                model = network(params)
            histories.append(
                model.fit(
                    x[train],
                    y[train],
                    validation_data=(x[validation], y[validation]),
                    epochs=models.EPOCHS,
                    batch_size=32,
                    verbose=0,
                )
            )
        found.append(histories)
    return found


def test_folds_are_those_of_scikit_learn_and_really_trained(populations: list[int]) -> None:
    done = scan(folds=3, seeds=2, metrics=["average_precision"])
    assert populations == [36]
    for number in range(6):
        params = {name: done.data[name][number].item() for name in GRID}
        folds = by_hand(params, 3, 2)
        last = np.array([[one.history["val_loss"][-1] for one in seeds] for seeds in folds])
        row = done.data.iloc[number]
        assert row["val_loss"] == pytest.approx(last.mean(), rel=1e-12)
        assert row["val_loss_folds"] == pytest.approx(last.mean(axis=1).std(ddof=1), rel=1e-9)
        assert row["val_loss_seeds"] == pytest.approx(np.sqrt(last.var(axis=1, ddof=1).mean()), rel=1e-9)
        best = np.array([[min(one.history["val_loss"]) for one in seeds] for seeds in folds])
        assert row["val_loss_best"] == pytest.approx(best.mean(), rel=1e-12)
        precision = [one.plain["val_average_precision"][-1] for seeds in folds for one in seeds]
        assert row["validation_average_precision"] == pytest.approx(np.mean(precision), rel=1e-12)
        curves = np.array([one.history["loss"] for seeds in folds for one in seeds])
        np.testing.assert_allclose(done.round_history[number]["loss"], curves.mean(axis=0), rtol=1e-6)


def test_the_columns_are_talos_and_then_others() -> None:
    done = scan(folds=2, round_limit=1)
    assert list(done.data) == [
        *TALOS,
        "state",
        "val_accuracy_folds", "val_accuracy_best", "val_accuracy_best_folds",
        "val_loss_folds", "val_loss_best", "val_loss_best_folds",
        "validation_average_precision", "validation_average_precision_folds",
        "validation_average_precision_best", "validation_average_precision_best_folds",
    ]  # fmt: skip
    assert done.histories == []
    assert done.saved_weights == done.saved_models == [None]
    assert list(done.round_times) == ["duration"]


def minimodel(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    """The notebook's, in small."""
    model = Sequential()
    model.add(Dense(params["units"], activation="relu", input_dim=4))
    model.add(Dropout(params["dropout"]))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(Adam(lr=params["rate"]), "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x_train,
        y_train,
        validation_data=[x_val, y_val],
        epochs=3,
        batch_size=params["batch"],
        class_weight={0: 1.0, 1: 4.0},
    )
    return history, model


def test_the_grid_of_the_notebook_on_five_folds_with_three_seeds(populations: list[int]) -> None:
    params = {"rate": [0.0003, 0.03], "units": [4, 8], "batch": [24, 48], "dropout": [0.0, 0.2]}
    done = scan(minimodel, params, folds=5, seeds=3, batch=16)
    assert populations == [240]
    assert len(done.data) == 16
    assert done.data.notna().all().all()
    assert {len(trial.networks) for trial in done.study.trials} == {15}
    better = done.data.groupby("rate")["val_loss"].mean()
    assert better[0.03] < better[0.0003]


def test_resampling_happens_inside_each_fold() -> None:
    def balanced(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
        model = network(params)
        history = model.fit(
            x_train, y_train, validation_data=(x_val, y_val), epochs=2, resampling="random_over_sampling"
        )
        return history, model

    def at_once(*arguments: Any) -> Any:
        history, model = balanced(*arguments)
        assert len(history.history["loss"]) == 2
        return history, model

    assert scan(balanced, folds=3).data.equals(scan(at_once, folds=3).data)


def test_a_function_that_looks_at_its_history_may_have_folds_too(populations: list[int]) -> None:
    assert scan(impatient, folds=2, round_limit=2).data.equals(scan(plain, folds=2, round_limit=2).data)
    assert populations == [1, 1, 1, 1, 4]


def test_a_trial_with_a_network_that_diverges_has_no_numbers() -> None:
    with pytest.warns(
        SteelyardWarning, match=r"K142: 1 of 2 trials diverged: rate=1e\+38, units=4"
    ) as caught:
        done = scan(params={"rate": [0.01, 1e38], "units": [4]}, folds=2)
    assert len(caught) == 1
    assert done.status == [RunStatus.COMPLETED, RunStatus.DIVERGED]
    assert done.data.loc[1, ["loss", "val_loss", "val_loss_best", "val_loss_folds"]].isna().all()
    assert done.data.loc[1, "validation_average_precision"] == 0.0
    assert done.best_model("val_loss", asc=True).optimizer.learning_rate == pytest.approx(0.01)


def test_what_callbacks_add_to_the_history_is_there_if_it_is_a_number(alone: Scan) -> None:
    class Notes(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs |= {"note": "text", "twice": 2.0 * epoch}

    def noted(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
        model = network(params)
        history = model.fit(
            x_train,
            y_train,
            validation_data=(x_val, y_val),
            epochs=4,
            validation_freq=3,
            callbacks=[Notes(), ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, min_delta=10.0)],
        )
        return history, model

    plain, study = scan(noted), scan(noted, seeds=1, pruning="patience")
    numbers = [name for name in plain.data if name != "note"]
    assert {"twice", "learning_rate", "val_loss"} <= set(numbers)
    assert study.data[numbers].equals(plain.data[numbers])
    assert "note" not in study.data
    assert study.data["val_loss_best"].isna().all()
    assert [len(one["val_loss"]) for one in study.round_history] == [1] * 6


# The best model.


def test_the_best_model_is_trained_again_to_the_same_weights(alone: Scan, tmp_path: Path) -> None:
    stored = scan(storage=tmp_path / "scans.db")
    for done in (stored, scan(folds=2)):
        number = done.data["val_loss"].idxmin()
        model = done.best_model("val_loss", asc=True)
        assert all(map(np.array_equal, model.get_weights(), alone.saved_weights[number]))


# What cannot work.


def unreadable() -> Callable[..., Any]:
    space: dict[str, Any] = {"plain": plain}
    exec("def typed(*arguments):\n    return plain(*arguments)", space)
    function: Callable[..., Any] = space["typed"]
    return function


def without_validation(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    model = network(params)
    return model.fit(x_train, y_train, epochs=1), model


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"save_models": True, "experiment_name": "x", "folds": 2}, "K246: Scan: save_models"),
        ({"x_val": table()[0], "y_val": table()[1], "folds": 2}, "K246: Scan: folds divide"),
        ({"pruning": "folds"}, "K246: Scan: pruning='folds'"),
        ({"pruning": "halvign"}, "Scan: pruning"),
        ({"folds": 2, "metrics": "brier"}, "K246: Scan: metrics names brier"),
        ({"folds": 0}, "K210: Scan: folds is 0"),
        ({"folds": 100}, "K244: Scan: 64 rows of the rarer class are too few for 100 folds"),
        ({"seeds": 0}, "K210: Scan: seeds is 0"),
        ({"folds": 2, "params": {"rate": [0.1], "units": [object()]}}, r"K247: Scan: params\['units'\] has"),
        ({"folds": 2, "params": {"rate": [0.1], "state": [1]}}, "K242: the parameter 'state' is called"),
        (
            {"folds": 2, "model": without_validation},
            "K248: Scan: .*rate=0.001, units=4 has no validation rows",
        ),
    ],
)
def test_wrong_use_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SteelyardError, match=message):
        scan(**arguments)


def test_a_model_function_without_a_source_cannot_be_stored(tmp_path: Path) -> None:
    with pytest.raises(SteelyardError, match="K247: Scan: the source of the model function typed cannot be"):
        scan(unreadable(), storage=tmp_path / "scans.db")
    assert len(scan(unreadable(), folds=2, round_limit=1).data) == 1


def test_a_bar_counts_networks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"storage": tmp_path / "scans.db", "folds": 2, "disable_progress_bar": False}
    for _ in range(2):
        scan(**arguments)
        assert "12/12" in capsys.readouterr().err
    scan(folds=2, pruning="halving", disable_progress_bar=False)
    assert "12/12" in capsys.readouterr().err


def test_parameters_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    scan(folds=2, seeds=2, print_params=True, round_limit=2)
    assert capsys.readouterr().out.count("{'rate': 0.") == 2
