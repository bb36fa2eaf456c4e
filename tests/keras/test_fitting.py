"""Callbacks between epochs, fits that wait for one another, what goes wrong on the way."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import pytest

from steelyard import engine
from steelyard.errors import SteelyardWarning, silence
from steelyard.keras import fitting
from steelyard.keras.callbacks import Callback, EarlyStopping, LambdaCallback
from steelyard.keras.layers import Dense, Dropout
from steelyard.keras.models import Sequential
from steelyard.keras.optimizers import SGD
from tests.keras.twins import table

ROWS = table()


def small(optimizer: Any = "adam", **options: Any) -> Sequential:
    model = Sequential([Dense(4, activation="relu", input_dim=5), Dropout(0.2), Dense(1, "sigmoid")])
    model.compile(optimizer, "binary_crossentropy", **options)
    return model


class Watcher(Callback):
    """What a user's callback might do."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []
        self.seen: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.calls.append("train begins")

    def on_train_end(self, logs: Any = None) -> None:
        self.calls.append("train ends")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(f"begin {epoch}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(f"end {epoch}")
        assert threading.current_thread() is threading.main_thread()
        self.seen.append((self.model.get_weights(), self.model.predict(ROWS.x, verbose=0), dict(logs)))
        logs["mine"] = float(epoch)


def test_user_callbacks_see_the_model_of_the_epoch() -> None:
    model, watcher = small(), Watcher()
    history = model.fit(ROWS.x, ROWS.y, epochs=3, callbacks=[watcher], verbose=0)
    begun = [f"{what} {epoch}" for epoch in range(3) for what in ("begin", "end")]
    assert watcher.calls == ["train begins", *begun, "train ends"]
    assert history.history["mine"] == [0.0, 1.0, 2.0]
    weights, predicted, logs = watcher.seen[-1]
    np.testing.assert_array_equal(predicted, model.predict(ROWS.x, verbose=0))
    for kept, now in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, now)
    assert not np.array_equal(watcher.seen[0][1], predicted)
    assert logs == {"loss": history.history["loss"][-1]}


def test_callbacks_can_set_weights_and_learning_rate() -> None:
    model = small(SGD(0.1))
    zero = [np.zeros_like(tensor) for tensor in model.get_weights()]

    def reset(epoch: int, logs: Any) -> None:
        model.set_weights(zero)
        model.optimizer.learning_rate = 1e-9

    model.fit(ROWS.x, ROWS.y, epochs=4, callbacks=[LambdaCallback(on_epoch_end=reset)], verbose=0)
    assert all(np.abs(tensor).max() < 1e-6 for tensor in model.get_weights())
    assert model.optimizer.learning_rate == 1e-9


def test_weights_set_once_stay_trained_afterwards() -> None:
    model = small(SGD(0.1))
    zero = [np.zeros_like(tensor) for tensor in model.get_weights()]
    once = LambdaCallback(on_epoch_end=lambda epoch, logs: model.set_weights(zero) if epoch == 0 else None)
    model.fit(ROWS.x, ROWS.y, epochs=4, callbacks=[once], verbose=0)
    assert np.abs(model.get_weights()[-1]).max() > 1e-3


def test_what_a_callback_raises_is_raised_and_the_epoch_kept() -> None:
    model, watcher = small(), Watcher()

    def fail(epoch: int, logs: Any) -> None:
        if epoch == 2:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        model.fit(ROWS.x, ROWS.y, epochs=9, callbacks=[watcher, LambdaCallback(on_epoch_end=fail)], verbose=0)
    np.testing.assert_array_equal(watcher.seen[2][1], model.predict(ROWS.x, verbose=0))


def test_ctrl_c_keeps_what_was_reached() -> None:
    model = small()

    def stop(epoch: int, logs: Any) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    watcher = Watcher()
    with pytest.raises(KeyboardInterrupt):
        model.fit(ROWS.x, ROWS.y, epochs=9, callbacks=[watcher, LambdaCallback(on_epoch_end=stop)], verbose=0)
    np.testing.assert_array_equal(watcher.seen[1][1], model.predict(ROWS.x, verbose=0))


def test_divergence_is_told_and_ends_training() -> None:
    model = small(SGD(1e30))
    with pytest.warns(SteelyardWarning, match="K107: sequential: the loss or its gradient was not finite"):
        history = model.fit(ROWS.x * 1e4, ROWS.y, epochs=50, verbose=0)
    assert len(history.epoch) < 50
    assert history.run.status == "diverged"
    assert all(np.isfinite(tensor).all() for tensor in model.get_weights())
    model.compile("adam", "binary_crossentropy")
    model.set_weights(small().get_weights())
    model.fit(ROWS.x, ROWS.y, verbose=0)


def test_no_epochs_to_train() -> None:
    model = small()
    before = model.get_weights()
    history = model.fit(ROWS.x, ROWS.y, epochs=0, verbose=0)
    assert history.history == {}
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_metrics_undefined_in_validation_are_told_once() -> None:
    model = small(metrics=["accuracy", "Recall", "AUC"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(
            ROWS.x, ROWS.y, validation_data=(ROWS.x_val[:5], np.zeros(5)), epochs=3, verbose=0
        )
    codes = [w.message.code for w in caught if isinstance(w.message, SteelyardWarning)]
    assert sorted(codes) == ["K105", "K122"]
    assert np.isnan(history.history["val_AUC"]).all()


def test_warnings_are_silenced_by_code() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        silence("K103", "K104")
        model = Sequential([Dense(3, input_dim=5), Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        model.fit(ROWS.x, ROWS.y, validation_split=0.2, verbose=0)
        with pytest.raises(SteelyardWarning, match="K101"):
            model.fit(ROWS.x, ROWS.y, class_weight=[1.0, 2.0], verbose=0)


def test_a_warning_points_at_the_users_line() -> None:
    with pytest.warns(SteelyardWarning) as caught:
        small().fit(ROWS.x, ROWS.y, validation_split=0.2, verbose=0)
    assert caught[0].filename == __file__


def test_fits_on_the_same_arrays_wait_and_train_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = engine.fit_population

    def counting(features: Any, target: Any, jobs: Any, **options: Any) -> Any:
        sizes.append(len(jobs))
        return real(features, target, jobs, **options)

    monkeypatch.setattr(fitting, "fit_population", counting)
    shared = (ROWS.x, ROWS.y, ROWS.x_val, ROWS.y_val)

    def fit(model: Sequential) -> Any:
        return model.fit(ROWS.x, ROWS.y, validation_data=[ROWS.x_val, ROWS.y_val], epochs=3)

    models = [small(seeded) for seeded in ("adam", "sgd", "nadam")]
    with fitting.deferring(*shared) as deferral:
        histories = [fit(model) for model in models]
        assert len(deferral.pending) == 3
        eager = small()
        eager.fit(ROWS.x.copy(), ROWS.y, verbose=0)
        assert sizes == [1], "other arrays train at once"
        needed = small()
        wanted = fit(needed)
        assert len(wanted.history["loss"]) == 3, "what is read is trained"
        assert sizes == [1, 1]
        used = small()
        fit(used)
        used.predict(ROWS.x, verbose=0)
        assert sizes == [1, 1, 1]
        assert len(deferral.pending) == 3
    fitting.run_fits(deferral.pending[:])
    assert sizes == [1, 1, 1, 3]
    assert deferral.pending == []
    alone = [small(name) for name in ("adam", "sgd", "nadam")]
    for model, twin, history in zip(models, alone, histories, strict=True):
        twin.seed = model.seed
        assert history.history == fit(twin).history
        np.testing.assert_array_equal(model.predict(ROWS.x, verbose=0), twin.predict(ROWS.x, verbose=0))


def test_many_fits_are_measured_on_fewer_training_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain training curves of a scan would else take a third of its time."""
    seen: list[int] = []
    real = engine.fit_population

    def watching(features: Any, target: Any, jobs: Any, **options: Any) -> Any:
        seen.extend(job.recipe.training.train_metric_rows for job in jobs)
        return real(features, target, jobs, **options)

    monkeypatch.setattr(fitting, "fit_population", watching)
    with fitting.deferring(ROWS.x, ROWS.y, ROWS.x_val, ROWS.y_val) as deferral:
        for _ in range(3):
            small().fit(ROWS.x, ROWS.y, validation_data=(ROWS.x_val, ROWS.y_val))
    fitting.run_fits(deferral.pending[:])
    small().fit(ROWS.x, ROWS.y, verbose=0)
    assert seen == [10_000] * 3 + [50_000]


def test_a_second_fit_of_a_waiting_model_trains_the_first() -> None:
    model = small()
    with fitting.deferring(ROWS.x, ROWS.y, ROWS.x_val, ROWS.y_val) as deferral:
        for epochs in (2, 3):
            model.fit(ROWS.x, ROWS.y, validation_data=(ROWS.x_val, ROWS.y_val), epochs=epochs)
        assert len(deferral.pending) == 1
    fitting.run_fits(deferral.pending[:])
    assert model.variables.progress is not None
    assert model.variables.progress.epochs == 5


def test_a_fit_that_waits_is_of_the_model_as_it_was_compiled() -> None:
    model, twin = small(SGD(0.1)), small(SGD(0.1))
    twin.seed = model.seed
    twin.fit(ROWS.x, ROWS.y, validation_data=(ROWS.x_val, ROWS.y_val), epochs=2, verbose=0)
    with fitting.deferring(ROWS.x, ROWS.y, ROWS.x_val, ROWS.y_val) as deferral:
        model.fit(ROWS.x, ROWS.y, validation_data=(ROWS.x_val, ROWS.y_val), epochs=2)
        model.compile("adam", "binary_focal_crossentropy")
        assert deferral.pending == []
    np.testing.assert_array_equal(model.get_weights()[0], twin.get_weights()[0])


def test_callbacks_of_waiting_fits_are_called_for_their_own_model() -> None:
    watchers = [Watcher(), Watcher()]
    stopping = EarlyStopping(monitor="loss", patience=1, min_delta=1e9)
    with fitting.deferring(ROWS.x, ROWS.y, ROWS.x_val, ROWS.y_val) as deferral:
        for watcher, more in zip(watchers, ([], [stopping]), strict=True):
            small().fit(
                ROWS.x,
                ROWS.y,
                validation_data=(ROWS.x_val, ROWS.y_val),
                epochs=4,
                callbacks=[watcher, *more],
            )
    requests = deferral.pending[:]
    fitting.run_fits(requests)
    assert [len(watcher.seen) for watcher in watchers] == [4, 2]
    assert watchers[0].model is not watchers[1].model
    runs = [request.history.run for request in requests]
    assert [run.status for run in runs] == ["completed", "stopped_early"]
    assert runs[1].reason == "a callback stopped it after epoch 2"
