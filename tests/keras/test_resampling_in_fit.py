"""fit(resampling=...): the training rows of one call, and no others; alone, and in a scan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from imblearn import over_sampling
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

from steelyard import engine
from steelyard.keras import Scan, Sequential, fitting
from steelyard.keras.callbacks import Callback
from steelyard.keras.layers import Dense
from steelyard.recipe.imbalance import SMOTE, SMOTEENN
from tests.keras.twins import Table, table

METHODS = (
    "random_over_sampling",
    "random_under_sampling",
    "smote",
    "borderline_smote",
    "adasyn",
    "smote_enn",
    "smote_tomek",
    "balanced_batches",
)
SEED = 3


def rows() -> Table:
    """Exact in float32, which the engine computes with."""
    given = table()
    return Table(given.x.astype(np.float32), given.y, given.x_val.astype(np.float32), given.y_val)


ROWS = rows()


def network(metrics: Any = None, seed: int = SEED) -> Sequential:
    model = Sequential([Dense(6, activation="relu", input_dim=5), Dense(1, activation="sigmoid")])
    model.seed = seed
    model.compile("adam", "binary_crossentropy", metrics=metrics)
    return model


def fitted(x: Any = ROWS.x, y: Any = ROWS.y, **arguments: Any) -> tuple[Sequential, Any]:
    model = network()
    return model, model.fit(x, y, **{"epochs": 3, "verbose": 0, **arguments})


def assert_same(first: Sequential, second: Sequential) -> None:
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_smote_is_imbalanced_learns_done_before_fit() -> None:
    x, y = over_sampling.SMOTE(random_state=SEED).fit_resample(ROWS.x.astype(np.float64), ROWS.y)
    before, _ = fitted(x.astype(np.float32), y)
    inside, _ = fitted(resampling="smote")
    assert len(y) > len(ROWS.y)
    assert_same(before, inside)


def test_balanced_weights_are_scikit_learns() -> None:
    weights = compute_class_weight("balanced", classes=np.array([0, 1]), y=ROWS.y)
    assert_same(fitted(class_weight="balanced")[0], fitted(class_weight=dict(enumerate(weights)))[0])
    roots = dict(enumerate(np.sqrt(weights)))
    assert_same(fitted(class_weight="square_root")[0], fitted(class_weight=roots)[0])


@pytest.mark.parametrize("method", METHODS)
def test_validation_rows_leave_no_trace(method: str) -> None:
    """Poisoned, and of other labels, they change no weight; and they are judged as they are."""
    poisoned = (ROWS.x_val * 50, 1 - ROWS.y_val)
    first, history = fitted(resampling=method, validation_data=(ROWS.x_val, ROWS.y_val))
    second, _ = fitted(resampling=method, validation_data=poisoned)
    assert_same(first, second)
    found = first.predict(ROWS.x_val, verbose=0)[:, 0].astype(np.float64)
    assert history.history["val_loss"][-1] == pytest.approx(log_loss(ROWS.y_val, found), rel=1e-5)
    assert history.plain["val_loss"] == pytest.approx(history.history["val_loss"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("ignore:K103")
def test_rows_split_off_leave_no_trace(method: str) -> None:
    x, y = np.vstack([ROWS.x, ROWS.x_val]), np.concatenate([ROWS.y, ROWS.y_val])
    apart, _ = fitted(resampling=method)
    split, _ = fitted(x, y, resampling=method, validation_split=len(ROWS.y_val) / len(y))
    assert_same(apart, split)


@pytest.mark.parametrize("method", METHODS)
def test_plain_curves_are_of_the_rows_that_were_given(method: str) -> None:
    model, history = fitted(resampling=method)
    found = model.predict(ROWS.x, verbose=0)[:, 0].astype(np.float64)
    assert history.plain["loss"][-1] == pytest.approx(log_loss(ROWS.y, found), rel=1e-5)
    assert history.plain["accuracy"][-1] == pytest.approx(np.mean((found > 0.5) == ROWS.y))
    assert history.run.recipe.imbalance.resampling.name == method
    np.testing.assert_array_equal(history.run.split.train, np.arange(len(ROWS.y)))


def test_training_metrics_are_of_the_rows_that_were_learned_from() -> None:
    """A network that cannot learn and says no: its accuracy is the share of negatives."""
    shown = {}
    for method in ("none", "smote", "balanced_batches"):
        model = network(["accuracy"])
        model.set_weights([np.zeros_like(w) for w in model.get_weights()[:-1]] + [np.full(1, -1.0)])
        model.optimizer.learning_rate = 1e-12
        shown[method] = model.fit(ROWS.x, ROWS.y, resampling=method, verbose=0).history["accuracy"][0]
    assert shown["none"] == pytest.approx(1 - ROWS.y.mean())
    assert shown["smote"] == pytest.approx(0.5)
    assert shown["balanced_batches"] == pytest.approx(0.5, abs=0.05)


def test_steps_are_those_of_the_rows_that_are_learned_from() -> None:
    positives = int(ROWS.y.sum())
    negatives = len(ROWS.y) - positives
    watcher = Callback()
    for method, learned in (
        ("random_over_sampling", 2 * negatives),
        ("random_under_sampling", 2 * positives),
        ("smote", 2 * negatives),
        ("balanced_batches", len(ROWS.y)),
    ):
        fitted(resampling=method, batch_size=10, callbacks=[watcher])
        assert watcher.params["steps"] == -(-learned // 10), method


@pytest.mark.parametrize("method", METHODS)
def test_rows_with_weights_can_be_resampled(method: str) -> None:
    """An invented row weighs what its class weighs: with weights of 1 all is as without, with others not."""
    plain, _ = fitted(resampling=method)
    ones, _ = fitted(resampling=method, sample_weight=np.ones(len(ROWS.y)))
    assert_same(plain, ones)
    weights = np.random.default_rng(0).uniform(0.5, 2.0, len(ROWS.y))
    others, history = fitted(resampling=method, sample_weight=weights)
    assert np.isfinite(history.history["loss"]).all()
    assert not np.array_equal(plain.get_weights()[0], others.get_weights()[0])


def test_training_goes_on_with_the_same_rows() -> None:
    whole, _ = fitted(resampling="smote", epochs=4)
    parts = network()
    for first in (0, 2):
        parts.fit(ROWS.x, ROWS.y, resampling="smote", initial_epoch=first, epochs=first + 2, verbose=0)
    assert_same(whole, parts)


def test_what_resampling_did_is_told() -> None:
    _, history = fitted(resampling=SMOTEENN(enn_neighbors=2))
    assert any(note.startswith("smote_enn left out") for note in history.notes)
    assert fitted()[1].notes == ()


def trial(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: dict[str, Any]) -> Any:
    model = network(seed=SEED)
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_val, y_val),
        epochs=2,
        batch_size=params["batch"],
        resampling=params["resampling"],
        class_weight=params["class_weight"],
        verbose=0,
    )
    return history, model


def test_a_scan_trains_resampled_fits_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As alone, to the bit; what two trials share is invented once."""
    seen: list[tuple[int, int]] = []
    real = engine.fit_population

    def watching(features: Any, target: Any, jobs: Any, **options: Any) -> Any:
        seen.append((len(jobs), len(features)))
        return real(features, target, jobs, **options)

    monkeypatch.setattr(fitting, "fit_population", watching)
    params = {
        "resampling": [None, "smote", "random_under_sampling", "balanced_batches"],
        "batch": [16, 32],
        "class_weight": [None, "balanced"],
    }
    scan = Scan(ROWS.x, ROWS.y, params, trial, x_val=ROWS.x_val, y_val=ROWS.y_val, disable_progress_bar=True)
    invented = len(ROWS.y) - 2 * int(ROWS.y.sum())
    assert seen == [(16, len(ROWS.y) + len(ROWS.y_val) + invented)]
    for number, parameters in enumerate(scan.data[list(params)].to_dict("records")):
        given = {name: None if value != value else value for name, value in parameters.items()}  # NaN
        history, model = trial(ROWS.x, ROWS.y, ROWS.x_val, ROWS.y_val, given)
        assert history.history == scan.round_history[number]
        for alone, together in zip(model.get_weights(), scan.saved_weights[number], strict=True):
            np.testing.assert_array_equal(alone, together)


def test_records_work_in_a_scan_too() -> None:
    params = {
        "resampling": [SMOTE(ratio=0.5), SMOTE(ratio=0.5, k_neighbors=2)],
        "batch": [32],
        "class_weight": [None],
    }
    scan = Scan(ROWS.x, ROWS.y, params, trial, disable_progress_bar=True, seed=0)
    assert not np.array_equal(scan.saved_weights[0][0], scan.saved_weights[1][0])
