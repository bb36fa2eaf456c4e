"""Optimizer, loss and metrics of a saved model: restored, or told what was not understood."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from steelyard.errors import SteelyardError, SteelyardWarning
from steelyard.keras import models
from tests.keras.saving.files import archive, save, small

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("Adam", {"learning_rate": 0.002, "beta_1": 0.8, "amsgrad": True, "clipnorm": 1.0}),
    ("AdamW", {"weight_decay": 0.01, "global_clipnorm": 2.0}),
    ("Adadelta", {"rho": 0.9}),
    ("Adagrad", {"initial_accumulator_value": 0.5}),
    ("RMSprop", {"momentum": 0.5, "centered": True, "clipvalue": 0.5}),
    ("Adamax", {"epsilon": 1e-5}),
    ("Nadam", {"weight_decay": 0.001}),
]


def compiled(library: Any, optimizer: tuple[str, dict[str, Any]]) -> Any:
    model = library.Sequential([library.Input((2,)), library.layers.Dense(1, activation="sigmoid")])
    kind, arguments = optimizer
    model.compile(
        getattr(library.optimizers, kind)(**arguments),
        loss=library.losses.BinaryFocalCrossentropy(gamma=1.5, label_smoothing=0.1),
        metrics=[
            "accuracy",
            "AUC",
            library.metrics.AUC(curve="PR", name="pr"),
            library.metrics.Precision(thresholds=0.3, name="bold"),
        ],
    )
    return model


def about(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration without names and with the numbers that float32 keeps."""
    return {
        key: pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
        for key, value in config.items()
        if key != "name"
    }


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer[0])
def test_both_ways(
    keras: ModuleType, tmp_path: Path, optimizer: tuple[str, dict[str, Any]], ending: str
) -> None:
    path = tmp_path / f"model{ending}"
    save(compiled(keras, optimizer), path)
    mine = models.load_model(path)
    assert type(mine.optimizer).__name__ == optimizer[0]
    mine.save(path)
    theirs = keras.models.load_model(path)  # a warning would be an error
    wanted = compiled(keras, optimizer)
    assert theirs.optimizer.get_config() == about(wanted.optimizer.get_config()) | {
        "name": theirs.optimizer.name
    }
    assert theirs.loss.get_config() == wanted.loss.get_config()
    assert [metric.name for metric in mine.metrics] == ["accuracy", "AUC", "pr", "bold"]
    theirs.train_on_batch(np.zeros((4, 2), np.float32), np.array([[0.0], [1.0]] * 2))


def test_metric_functions_come_by_name(keras: ModuleType, tmp_path: Path) -> None:
    def hits(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.cast(y_pred > 0.5, "float32") * y_true)

    path = tmp_path / "model.keras"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", hits])
    model.save(path)
    with pytest.warns(SteelyardWarning, match=r"K131: .*model.keras: left out: .*hits"):
        mine = models.load_model(path)
    assert [metric.name for metric in mine.metrics] == ["accuracy"]

    def own(y_true: Any, y_pred: Any) -> Any:
        return ((y_pred > 0.5) * y_true).mean()

    mine = models.load_model(path, custom_objects={"hits": own})
    assert len(mine.metrics) == 2
    mine.save(path)
    keras.models.load_model(path, custom_objects={"own": hits, "hits": hits})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"loss": "mse"}, "loss: K207"),
        ({"loss": None}, "loss: K207"),
        ({"optimizer": {"class_name": "Lion", "config": {}}}, "optimizer: K206"),
        ({"optimizer": {"class_name": "Adam", "config": {"use_ema": True}}}, "optimizer: K209"),
        (
            {"optimizer": {"class_name": "Adam", "config": {"learning_rate": {"class_name": "CosineDecay"}}}},
            "schedule",
        ),
        ({"loss_weights": [2.0]}, "loss_weights"),
    ],
)
def test_what_is_not_understood_leaves_the_model_uncompiled(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    form = small() | {
        "compile_config": {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
        | changes
    }
    path = archive(tmp_path / "model.keras", form)
    with pytest.warns(SteelyardWarning, match=r"K130: .*model.keras: ") as caught:
        model = models.load_model(path)
    assert said in str(caught[0].message)
    assert model.predict([[0.0, 0.0]], verbose=0).shape == (1, 1)
    with pytest.raises(SteelyardError, match="not compiled"):
        model.fit([[0.0, 0.0]], [1])


def test_compile_false_says_nothing(tmp_path: Path) -> None:
    form = small() | {"compile_config": {"optimizer": "lion", "loss": "mse"}}
    model = models.load_model(archive(tmp_path / "model.keras", form), compile=False)
    assert model.predict([[0.0, 0.0]], verbose=0).shape == (1, 1)


@pytest.mark.parametrize(
    "forms", [["acc"], "acc", [["acc"]], {"out": "acc"}, {"out": ["acc"]}], ids=lambda form: str(form)
)
def test_the_shapes_of_metrics(tmp_path: Path, forms: object) -> None:
    config = {"optimizer": "sgd", "loss": {"out": "binary_crossentropy"}, "metrics": forms}
    model = models.load_model(archive(tmp_path / "model.keras", small() | {"compile_config": config}))
    assert [metric.name for metric in model.metrics] == ["acc"]
