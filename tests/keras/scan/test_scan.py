"""Scan: talos' table, from trials that were trained together and could as well have been trained alone."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from steelyard import tune
from steelyard.errors import SteelyardError, SteelyardWarning
from steelyard.keras import Scan, fitting
from steelyard.keras.callbacks import Callback, EarlyStopping
from steelyard.keras.layers import Dense, Dropout
from steelyard.keras.models import Sequential
from steelyard.keras.optimizers import Adam
from steelyard.keras.scan.holdout import hold_out
from steelyard.keras.seeding import seeded
from steelyard.run import RunStatus

Table = tuple[NDArray[np.float64], NDArray[np.int64]]
PARAMS: dict[str, Any] = {"rate": [0.001, 0.01, 0.1], "batch": [16, 32]}


@pytest.fixture(scope="module")
def table() -> Table:
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 4))
    return x, (x[:, 0] - x[:, 1] + random.normal(size=300) > 1.5).astype(int)


def network(rate: float) -> Sequential:
    model = Sequential()
    model.add(Dense(6, activation="relu", input_dim=4))
    model.add(Dropout(0.2))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(optimizer=Adam(lr=rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def minimodel(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    model = network(params["rate"])
    history = model.fit(
        x_train, y_train, validation_data=[x_val, y_val], epochs=3, batch_size=params.get("batch", 32)
    )
    return history, model


def impatient(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    """Looks at what it trained."""
    history, model = minimodel(x_train, y_train, x_val, y_val, params)
    assert len(history.history["loss"]) == 3
    return history, model


def quiet(table: Table, model: Any = minimodel, params: Any = None, **arguments: Any) -> Scan:
    x, y = table
    settings = {"seed": 5, "disable_progress_bar": True, **arguments}
    return Scan(x, y, PARAMS if params is None else params, model, **settings)


@pytest.fixture(scope="module")
def scan(table: Table) -> Scan:
    return quiet(table)


def test_the_arguments_are_those_of_talos() -> None:
    """talos 1.4, talos/scan/Scan.py; ``experiment_name`` had no default there, and not before 0.6."""
    talos = (
        "x y params model experiment_name x_val y_val val_split multi_input random_method seed "
        "performance_target fraction_limit round_limit time_limit boolean_limit reduction_method "
        "reduction_interval reduction_window reduction_threshold reduction_metric minimize_loss "
        "disable_progress_bar print_params clear_session save_weights save_models"
    )
    arguments = inspect.signature(Scan).parameters.values()
    assert " ".join(one.name for one in arguments if one.kind is not one.KEYWORD_ONLY) == talos


def test_the_other_arguments_are_called_as_those_of_tune() -> None:
    arguments = inspect.signature(Scan).parameters.values()
    own = {one.name for one in arguments if one.kind is one.KEYWORD_ONLY}
    assert own - {*inspect.signature(tune).parameters} == {"resume", "pruning"}


def test_the_table_is_that_of_the_notebook(scan: Scan) -> None:
    assert isinstance(scan.data, pd.DataFrame)
    assert list(scan.data) == [
        "round_epochs", "accuracy", "loss", "val_accuracy", "val_loss", "rate", "batch",
    ]  # fmt: skip
    assert list(scan.data["round_epochs"]) == [3] * 6
    assert list(scan.data["rate"]) == [0.001, 0.001, 0.01, 0.01, 0.1, 0.1]
    assert list(scan.data["batch"]) == [16, 32] * 3
    assert scan.data.notna().all().all()
    for number, history in enumerate(scan.round_history):
        assert scan.data["val_loss"][number] == history["val_loss"][-1]


def test_the_other_attributes_are_talos(scan: Scan, table: Table) -> None:
    assert scan.x is table[0]
    assert scan.y is table[1]
    assert scan.params is PARAMS
    assert scan.status == [RunStatus.COMPLETED] * 6
    assert [len(history["loss"]) for history in scan.round_history] == [3] * 6
    assert [len(history.plain["val_roc_auc"]) for history in scan.histories] == [3] * 6
    assert list(scan.round_times) == ["start", "end", "duration"]
    assert (scan.round_times["duration"] > 0).all()
    assert isinstance(scan.details, pd.Series)
    assert (scan.details["train_rows"], scan.details["validation_rows"]) == (210, 90)
    assert scan.details["x_shape"] == (300, 4)
    assert scan.details["seed"] == 5
    assert all('"Dropout"' in model for model in scan.saved_models)
    assert [[w.shape for w in weights] for weights in scan.saved_weights] == [
        [(4, 6), (6,), (6, 1), (1,)]
    ] * 6


def test_a_trial_is_what_fit_alone_would_give(scan: Scan, table: Table) -> None:
    rows = hold_out(*table, None, None, 0.3, 5)
    arrays = rows.x_train, rows.y_train, rows.x_val, rows.y_val
    for number, (rate, batch) in enumerate(zip(scan.data["rate"], scan.data["batch"], strict=True)):
        with seeded(5):
            model = network(rate)
        history = model.fit(*arrays[:2], validation_data=arrays[2:], epochs=3, batch_size=batch, verbose=0)
        assert history.history == scan.round_history[number]
        for alone, together in zip(model.get_weights(), scan.saved_weights[number], strict=True):
            assert np.array_equal(alone, together)


def populations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the populations that are trained from now on."""
    sizes: list[int] = []
    real = fitting.fit_population

    def spy(features: Any, target: Any, jobs: Any, **arguments: Any) -> Any:
        sizes.append(len(jobs))
        return real(features, target, jobs, **arguments)

    monkeypatch.setattr(fitting, "fit_population", spy)
    return sizes


def test_all_trials_are_one_population(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = populations(monkeypatch)
    quiet(table)
    assert sizes == [6]


def test_a_function_that_looks_at_its_history_is_trained_on_the_spot(
    scan: Scan, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = populations(monkeypatch)
    assert quiet(table, impatient).data.equals(scan.data)
    assert sizes == [1] * 6


def test_a_function_that_changes_the_rows_is_trained_on_the_spot(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scaled(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        return minimodel(x_train * 2, y_train, x_val * 2, y_val, params)

    sizes = populations(monkeypatch)
    done = quiet(table, scaled)
    assert sizes == [1] * 6
    assert len(done.data) == 6


def test_the_same_seed_gives_the_same_table_and_another_does_not(scan: Scan, table: Table) -> None:
    assert quiet(table).data.equals(scan.data)
    assert not quiet(table, seed=6).data.equals(scan.data)


def test_without_a_seed_the_process_decides_and_details_tell(table: Table) -> None:
    with seeded(11):
        first, second = quiet(table, seed=None), quiet(table, seed=None)
    assert first.details["seed"] != second.details["seed"]
    assert quiet(table, seed=first.details["seed"]).data.equals(first.data)


def test_trials_start_alike(table: Table) -> None:
    done = quiet(table, params={"rate": [0.01, 0.01], "batch": [16]})
    assert done.data.iloc[0].equals(done.data.iloc[1])


def test_validation_rows_may_be_given_and_frames_too(table: Table) -> None:
    x, y = pd.DataFrame(table[0]), pd.Series(table[1])
    done = quiet((x[:200], y[:200]), x_val=x[200:], y_val=y[200:])
    assert (done.details["train_rows"], done.details["validation_rows"]) == (200, 100)


def test_limits_leave_some_trials(table: Table) -> None:
    assert len(quiet(table, round_limit=2).data) == 2
    assert set(quiet(table, boolean_limit=lambda p: p["batch"] > 16).data["batch"]) == {32}


def test_a_bar_counts_trials_and_fit_is_silent(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    quiet(table, disable_progress_bar=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert "6/6" in err
    quiet(table, impatient)
    assert capsys.readouterr() == ("", "")


def test_parameters_are_printed_on_demand(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    quiet(table, print_params=True, round_limit=1)
    assert capsys.readouterr().out.startswith("{'rate': 0.")


def test_repr_tells_the_best_trial(scan: Scan) -> None:
    first = repr(scan).splitlines()[0]
    best = scan.data["val_accuracy"].idxmax()
    assert first.startswith("<Scan of 6 trials; best val_accuracy 0.")
    assert f"rate={scan.data['rate'][best]}, batch={scan.data['batch'][best]}>" in first


# The best model.


def test_the_best_model_predicts_as_its_trial_did(scan: Scan, table: Table) -> None:
    number = scan.data["val_loss"].idxmin()
    model = scan.best_model("val_loss", asc=True)
    assert isinstance(model, Sequential)
    expected = scan.histories[number].model.predict(table[0], verbose=0)
    assert np.array_equal(model.predict(table[0], verbose=0), expected)


def test_both_spellings_of_accuracy_are_understood(scan: Scan) -> None:
    default, modern = scan.best_model(), scan.best_model("val_accuracy")
    assert all(map(np.array_equal, default.get_weights(), modern.get_weights()))


def test_the_highest_loss_is_warned_of(scan: Scan) -> None:
    with pytest.warns(SteelyardWarning, match="K143: .*highest val_loss"):
        model = scan.best_model("val_loss")
    worst = scan.saved_weights[scan.data["val_loss"].idxmax()]
    assert all(map(np.array_equal, model.get_weights(), worst))


@pytest.mark.parametrize("metric", ["val_los", "rate", "nonsense"])
def test_a_metric_that_is_not_there_is_refused(scan: Scan, metric: str) -> None:
    with pytest.raises(SteelyardError, match=f"K245: there is no metric '{metric}'") as caught:
        scan.best_model(metric)
    assert "round_epochs, accuracy, loss, val_accuracy, val_loss" in str(caught.value)


def test_without_weights_there_is_no_best_model(table: Table) -> None:
    done = quiet(table, save_weights=False)
    assert done.saved_weights == [None] * 6
    with pytest.raises(SteelyardError, match="K245: the weights were not kept"):
        done.best_model()
    with pytest.raises(SteelyardError, match="K245: the models were not written"):
        done.best_model(saved=True)


def test_an_experiment_is_written(table: Table, tmp_path: Path) -> None:
    done = quiet(table, experiment_name=str(tmp_path / "shop"), save_models=True)
    (written,) = (tmp_path / "shop").glob("*.csv")
    assert pd.read_csv(written).equals(done.data.reset_index(drop=True))
    assert len(list((tmp_path / "shop").glob("*/*.keras"))) == 6
    saved, made = done.best_model(saved=True), done.best_model()
    assert all(map(np.array_equal, saved.get_weights(), made.get_weights()))


def test_nothing_is_written_without_a_name(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quiet(table)
    assert list(tmp_path.iterdir()) == []


# Trials that end otherwise.


def test_a_trial_that_diverges_is_a_row_without_numbers(scan: Scan, table: Table) -> None:
    with pytest.warns(
        SteelyardWarning, match=r"K142: 1 of 2 trials diverged: rate=1e\+38, batch=16"
    ) as caught:
        done = quiet(table, params={"rate": [0.001, 1e38], "batch": [16]})
    assert len(caught) == 1
    assert done.status == [RunStatus.COMPLETED, RunStatus.DIVERGED]
    assert done.data.loc[1, ["accuracy", "loss", "val_accuracy", "val_loss"]].isna().all()
    assert done.data.loc[0].equals(scan.data.loc[0])
    assert np.isfinite(done.best_model("val_loss", asc=True).predict(table[0], verbose=0)).all()


def test_where_all_diverge_there_is_no_best_model(table: Table) -> None:
    with pytest.warns(SteelyardWarning, match="K142: 1 of 1"):
        done = quiet(table, params={"rate": [1e38]})
    with pytest.raises(SteelyardError, match="K245: all trials diverged"):
        done.best_model()
    assert repr(done).startswith("<Scan of 1 trials>")


def test_early_stopping_ends_one_trial_alone(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    def patient(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = network(0.001)
        stop = EarlyStopping(monitor="val_loss", min_delta=params["min_delta"], patience=1)
        history = model.fit(x_train, y_train, epochs=6, validation_data=(x_val, y_val), callbacks=[stop])
        return history, model

    done = quiet(table, patient, {"min_delta": [0.0, 100.0]}, disable_progress_bar=False)
    assert list(done.data["round_epochs"]) == [6, 2]
    assert "2/2" in capsys.readouterr().err


class CtrlC(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_reached(table: Table) -> None:
    def interrupted(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = network(0.001)
        callbacks = [CtrlC()] if params["break"] else []
        history = model.fit(
            x_train, y_train, epochs=500, validation_data=(x_val, y_val), callbacks=callbacks, batch_size=1
        )
        return history, model

    with pytest.warns(SteelyardWarning, match="K141: Ctrl-C: 0 of 2 trials are finished, 2 ended before"):
        done = quiet(table, interrupted, {"break": [False, True]})
    assert done.status == [RunStatus.INTERRUPTED] * 2
    assert (done.data["round_epochs"] < 500).all()
    assert all(np.isfinite(done.best_model().predict(table[0], verbose=0)))


def test_ctrl_c_in_the_model_function_keeps_the_trials_before(table: Table) -> None:
    def interrupted(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        if params["rate"] == 0.1:
            raise KeyboardInterrupt
        return impatient(x_train, y_train, x_val, y_val, params)

    with pytest.warns(SteelyardWarning, match="K141: .* 4 of 6 trials are finished, 0 ended .*2 are missing"):
        done = quiet(table, interrupted)
    assert list(done.data["rate"]) == [0.001, 0.001, 0.01, 0.01]


def test_ctrl_c_before_anything_was_trained_is_passed_on(table: Table) -> None:
    def interrupted(*arguments: Any) -> Any:
        if arguments[-1]["rate"] == 0.1:
            raise KeyboardInterrupt
        return minimodel(*arguments)

    with pytest.raises(KeyboardInterrupt):
        quiet(table, interrupted)


# Wrong use.


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda history, model: (model, history), r"it returned \(model, history\): the other way round"),
        (lambda history, model: None, "it returned nothing, not a history and a model"),
        (lambda history, model: model, "it returned a Sequential,"),
        (lambda history, model: (history, model, 1), "it returned 3 values,"),
        (lambda history, model: (history.history, model), "it returned a dict and a Sequential,"),
    ],
)
def test_a_function_that_returns_something_else_is_told_so(table: Table, returned: Any, message: str) -> None:
    def wrong(*arguments: Any) -> Any:
        return returned(*minimodel(*arguments))

    with pytest.raises(SteelyardError, match=f"K243: .*trial 1 of 6.*{message}"):
        quiet(table, wrong)


def test_an_error_in_the_function_names_the_trial_and_keeps_its_cause(table: Table) -> None:
    def wrong(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        return minimodel(x_train, y_train, x_val, y_val, {**params, "batch": 64 // (32 - params["batch"])})

    message = (
        r"K243: Scan: trial 2 of 6 \(rate=0.001, batch=32\): the model function failed. ZeroDivisionError"
    )
    with pytest.raises(SteelyardError, match=message) as caught:
        quiet(table, wrong)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_error_with_a_code_keeps_it(table: Table) -> None:
    def wrong(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        return minimodel(x_train[:, :2], y_train, x_val[:, :2], y_val, params)

    with pytest.raises(SteelyardError, match=r"K243: .*trial 1 of 6.*K253"):
        quiet(table, wrong)


def test_a_history_that_is_of_no_fit_is_refused(table: Table) -> None:
    def wrong(*arguments: Any) -> Any:
        from steelyard.keras import History

        return History(), network(0.1)

    with pytest.raises(
        SteelyardError, match=r"K243: Scan: the trial with rate=0.001, batch=16 trained no epoch"
    ):
        quiet(table, wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("multi_input", True),
        ("random_method", "sobol"),
        ("performance_target", ["val_acc", 0.9, False]),
        ("time_limit", "2030-01-01 00:00"),
        ("reduction_method", "correlation"),
        ("reduction_interval", 10),
        ("reduction_window", 10),
        ("reduction_threshold", 0.5),
        ("reduction_metric", "val_loss"),
        ("minimize_loss", True),
        ("save_models", True),
    ],
)
def test_what_belongs_to_later_work_is_refused_in_words(table: Table, name: str, value: Any) -> None:
    with pytest.raises(SteelyardError, match=f"K241: Scan: {name}"):
        quiet(table, **{name: value})


@pytest.mark.parametrize("name", ["loss", "val_accuracy", "round_epochs"])
def test_a_parameter_that_is_called_like_a_metric_is_refused(table: Table, name: str) -> None:
    with pytest.raises(SteelyardError, match=f"K242: the parameter '{name}' is called like a metric"):
        quiet(table, params={"rate": [0.1], name: [1, 2]})


def test_a_model_that_is_no_function_is_refused(table: Table) -> None:
    with pytest.raises(SteelyardError, match=r"K243: Scan: model is <Sequential .*, not a function"):
        quiet(table, network(0.1))


def test_pandas_is_asked_for_before_anything_is_trained(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SteelyardError, match=r"pip install 'steelyard\[pandas\]'"):
        quiet(table, model=lambda *_: pytest.fail("it was called"))
