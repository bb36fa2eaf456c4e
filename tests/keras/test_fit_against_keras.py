"""fit, evaluate and predict mean what they mean in Keras, curve by curve."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from steelyard import keras as ours
from tests.keras.twins import fit_both, table

ROWS = table()
VALIDATION = (ROWS.x_val, ROWS.y_val)


def network(
    k: Any, optimizer: Any = "adam", loss: Any = "binary_crossentropy", metrics: Any = ("accuracy",)
) -> Any:
    """L2, L1, batch normalisation and several activations; nothing random."""
    layers, regularizers = k.layers, k.regularizers
    model = k.models.Sequential(
        [
            k.Input(shape=(5,)),
            layers.Dense(8, activation="relu", kernel_regularizer=regularizers.L2(0.01)),
            layers.BatchNormalization(momentum=0.8),
            layers.Dense(6, activation="tanh", bias_regularizer=regularizers.L1(0.02)),
            layers.LeakyReLU(negative_slope=0.1),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=optimizer, loss=loss, metrics=list(metrics))
    return model


def plain_fit(**options: Any) -> Callable[[Any], Any]:
    given = {"batch_size": 32, "epochs": 4, "shuffle": False, "verbose": 0} | options
    return lambda model: model.fit(ROWS.x, ROWS.y, **given)


def same_curves(theirs: Any, mine: Any, *, loose: tuple[str, ...] = ()) -> None:
    assert list(mine.history) == list(theirs.history)
    assert mine.epoch == theirs.epoch
    assert mine.params == theirs.params
    for name, values in theirs.history.items():
        tolerance = 0.02 if name.removeprefix("val_") in loose else 2e-4
        np.testing.assert_allclose(mine.history[name], np.ravel(values), atol=tolerance, err_msg=name)


FITS: dict[str, dict[str, Any]] = {
    "alone": {},
    "validation": {"validation_data": VALIDATION},
    "validation as a list": {"validation_data": list(VALIDATION)},
    "split": {"validation_split": 0.25},
    "class weights": {"validation_data": VALIDATION, "class_weight": {0: 0.6, 1: 3.0}},
    "one class weight": {"validation_data": VALIDATION, "class_weight": {1: 3.0}},
    "row weights": {"validation_data": VALIDATION, "sample_weight": np.linspace(0.1, 2, len(ROWS.y))},
    "weighted validation": {"validation_data": (*VALIDATION, np.linspace(0, 3, len(ROWS.y_val)))},
    "row weights split off": {"validation_split": 0.3, "sample_weight": np.linspace(0.1, 2, len(ROWS.y))},
    "initial epoch": {"initial_epoch": 2, "epochs": 5},
    "validation now and then": {"validation_data": VALIDATION, "validation_freq": 2},
    "odd batches": {"batch_size": 50, "validation_data": VALIDATION},
    "one batch": {"batch_size": 1000},
}


@pytest.mark.parametrize("name", FITS)
def test_fit(keras: ModuleType, name: str) -> None:
    theirs, mine, (their_history,), (our_history,) = fit_both(keras, network, plain_fit(**FITS[name]))
    same_curves(their_history, our_history)
    np.testing.assert_allclose(mine.predict(ROWS.x, verbose=0), theirs.predict(ROWS.x, verbose=0), atol=2e-4)
    for our_tensor, their_tensor in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(our_tensor, their_tensor, atol=5e-4)


def test_a_second_fit_goes_on_with_the_optimizers_memory(keras: ModuleType) -> None:
    fits = [plain_fit(), plain_fit(epochs=6, initial_epoch=4)]
    for optimizer in ("adam", "nadam", "rmsprop"):

        def build(k: Any, optimizer: str = optimizer) -> Any:
            return network(k, optimizer)

        _, _, theirs, mine = fit_both(keras, build, *fits)
        same_curves(theirs[1], mine[1])


def test_metrics(keras: ModuleType) -> None:
    """Those of the well-known tutorial on imbalanced data. AUC is 200 thresholds in Keras, exact here."""

    def build(k: Any) -> Any:
        m = k.metrics
        metrics = [
            m.BinaryCrossentropy(name="cross entropy"),
            m.MeanSquaredError(name="Brier score"),
            m.TruePositives(name="tp"),
            m.FalsePositives(name="fp"),
            m.TrueNegatives(name="tn"),
            m.FalseNegatives(name="fn"),
            m.BinaryAccuracy(name="accuracy"),
            m.Precision(name="precision"),
            m.Recall(name="recall"),
            m.AUC(name="auc"),
            m.AUC(name="prc", curve="PR"),
            m.Recall(thresholds=0.3, name="recall_at_30"),
            m.F1Score(threshold=0.5, name="f1"),
        ]
        return network(k, metrics=metrics)

    def fit(model: Any) -> Any:
        # F1Score of Keras wants labels of two dimensions.
        # No validation: on torch, Keras 3.15 then shows the counts of validation as those of training.
        return model.fit(
            ROWS.x, ROWS.y[:, None], epochs=3, class_weight={0: 1.0, 1: 4.0}, verbose=0, shuffle=False
        )

    theirs, mine, (their_history,), (our_history,) = fit_both(keras, build, fit)
    same_curves(their_history, our_history, loose=("auc", "prc"))
    found = mine.evaluate(ROWS.x_val, ROWS.y_val, verbose=0, return_dict=True)
    expected = theirs.evaluate(ROWS.x_val, ROWS.y_val[:, None], verbose=0, return_dict=True)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        tolerance = 0.02 if name in ("auc", "prc") else 2e-4
        assert found[name] == pytest.approx(float(np.ravel(value)[0]), abs=tolerance), name
    assert mine.metrics_names[1:] == [metric.name for metric in mine.metrics]


LOSSES: dict[str, Callable[[Any], Any]] = {
    "smoothing": lambda k: k.losses.BinaryCrossentropy(label_smoothing=0.1),
    "focal": lambda k: k.losses.BinaryFocalCrossentropy(gamma=1.5),
    "focal with alpha": lambda k: k.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.7),
    "by name": lambda k: "binary_focal_crossentropy",
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(keras: ModuleType, name: str) -> None:
    theirs, mine, (their_history,), (our_history,) = fit_both(
        keras, lambda k: network(k, loss=LOSSES[name](k)), plain_fit(validation_data=VALIDATION)
    )
    same_curves(their_history, our_history)
    weights = np.linspace(0, 2, len(ROWS.y))
    np.testing.assert_allclose(
        mine.evaluate(ROWS.x, ROWS.y, sample_weight=weights, verbose=0),
        theirs.evaluate(ROWS.x, ROWS.y, sample_weight=weights, verbose=0),
        atol=3e-4,
    )


def test_logits(keras: ModuleType) -> None:
    def build(k: Any) -> Any:
        model = k.models.Sequential([k.Input((5,)), k.layers.Dense(4, "gelu"), k.layers.Dense(1)])
        metrics = [k.metrics.Recall(thresholds=0.0, name="recall")]
        model.compile("sgd", k.losses.BinaryCrossentropy(from_logits=True), metrics=metrics)
        return model

    theirs, mine, (their_history,), (our_history,) = fit_both(
        keras, build, plain_fit(validation_data=VALIDATION)
    )
    same_curves(their_history, our_history)
    np.testing.assert_allclose(mine.predict(ROWS.x, verbose=0), theirs.predict(ROWS.x, verbose=0), atol=1e-4)


def test_callbacks(keras: ModuleType) -> None:
    """Learning rates set between epochs, early stopping and restored weights."""

    def fit(model: Any) -> Any:
        callbacks: Any = ours.callbacks if isinstance(model, ours.Sequential) else keras.callbacks
        return model.fit(
            ROWS.x,
            ROWS.y,
            batch_size=16,
            epochs=40,
            shuffle=False,
            verbose=0,
            validation_data=VALIDATION,
            callbacks=[
                callbacks.LearningRateScheduler(lambda epoch, rate: 0.01 if epoch < 3 else rate * 0.9),
                callbacks.ReduceLROnPlateau(patience=1, factor=0.3),
                callbacks.EarlyStopping(patience=3, min_delta=0.01, restore_best_weights=True),
            ],
        )

    theirs, mine, (their_history,), (our_history,) = fit_both(keras, network, fit)
    assert len(our_history.epoch) < 40
    assert our_history.epoch == their_history.epoch
    np.testing.assert_allclose(
        our_history.history["learning_rate"], their_history.history["learning_rate"], rtol=1e-5
    )
    np.testing.assert_allclose(our_history.history["val_loss"], their_history.history["val_loss"], atol=2e-3)
    np.testing.assert_allclose(mine.predict(ROWS.x, verbose=0), theirs.predict(ROWS.x, verbose=0), atol=0.02)
