"""Files of Keras 2: its spellings, its layout of weights, its very old lists of layers."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard.errors import SteelyardWarning
from steelyard.keras import losses, metrics, models, optimizers
from steelyard.keras.saving import read_model
from tests.keras.saving.files import CLOSE, layer, legacy, predicted, sequential

random = np.random.default_rng(0)
X = random.normal(size=(8, 3)).astype(np.float32)


def array(*shape: int) -> NDArray[np.float32]:
    return random.normal(size=shape).astype(np.float32)


INITIALIZER = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_in", "distribution": "uniform"},
}
WEIGHTS = {
    "dense": {"kernel": array(3, 4), "bias": array(4)},
    "leakyrelu": {},
    "batchnormalization": {
        "beta": array(4),
        "moving_mean": array(4),
        "moving_variance": np.exp(array(4)),
    },
    "dropout": {},
    "out": {"kernel": array(4, 1)},
}


def keras_2_layers() -> list[dict[str, Any]]:
    """As Keras 2.2 to 2.15 wrote them: no module, the shape in the first layer, alpha, a list as axis."""
    common = {"trainable": True, "dtype": "float32"}
    return [
        layer(
            "Dense",
            units=4,
            activation="tanh",
            batch_input_shape=[None, 3],
            kernel_initializer=INITIALIZER,
            bias_initializer={"class_name": "Zeros", "config": {}},
            kernel_regularizer={"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}},
            bias_regularizer=None,
            activity_regularizer=None,
            kernel_constraint=None,
            bias_constraint=None,
            use_bias=True,
            **common,
        ),
        layer("LeakyReLU", alpha=0.25, **common),
        layer("BatchNormalization", axis=[1], momentum=0.9, epsilon=0.01, scale=False, **common),
        layer("Dropout", rate=0.5, noise_shape=None, seed=None, **common),
        {
            "class_name": "Dense",
            "config": {"name": "out", "units": 1, "activation": "sigmoid", "use_bias": False},
        },
    ]


def expected(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network written out."""
    dense, norm, out = WEIGHTS["dense"], WEIGHTS["batchnormalization"], WEIGHTS["out"]
    h = np.tanh(x @ dense["kernel"] + dense["bias"])
    h = np.where(h > 0, h, 0.25 * h)
    h = (h - norm["moving_mean"]) / np.sqrt(norm["moving_variance"] + 0.01) + norm["beta"]
    result: NDArray[np.float32] = 1 / (1 + np.exp(-h @ out["kernel"]))
    return result


@pytest.mark.parametrize("bare", [False, True], ids=["with a name", "a bare list"])
def test_a_whole_model(tmp_path: Path, bare: bool) -> None:
    form = sequential(*keras_2_layers())
    if bare:  # before Keras 2.2.3
        form["config"] = form["config"]["layers"]
    model = models.load_model(legacy(tmp_path / "m.h5", form, WEIGHTS))
    np.testing.assert_allclose(model.predict(X, verbose=0), expected(X), atol=1e-6)
    first = model.layers[0].get_config()
    assert first["kernel_initializer"]["class_name"] == "HeUniform"
    assert first["kernel_regularizer"]["config"]["l2"] == 0.01


def test_the_width_may_be_in_the_weights_alone(tmp_path: Path) -> None:
    layers = keras_2_layers()
    del layers[0]["config"]["batch_input_shape"]
    model = models.load_model(legacy(tmp_path / "m.h5", sequential(*layers), WEIGHTS))
    assert model.input_shape == (None, 3)


def test_weights_alone(tmp_path: Path) -> None:
    """``save_weights("x.h5")`` had the groups in the root."""
    whole = legacy(tmp_path / "m.h5", sequential(*keras_2_layers()), WEIGHTS)
    with h5py.File(whole) as file, h5py.File(tmp_path / "w.h5", "w") as weights:
        for name in file["model_weights"]:
            file.copy(f"model_weights/{name}", weights)
        weights.attrs["layer_names"] = file["model_weights"].attrs["layer_names"]
    model = models.model_from_json(json.dumps(sequential(*keras_2_layers())))
    model.load_weights(tmp_path / "w.h5")
    np.testing.assert_allclose(model.predict(X, verbose=0), expected(X), atol=1e-6)


def test_long_lists_of_names_are_in_parts(tmp_path: Path) -> None:
    path = legacy(tmp_path / "m.h5", sequential(*keras_2_layers()), WEIGHTS)
    with h5py.File(path, "r+") as file:
        groups = file["model_weights"]
        names = list(groups.attrs["layer_names"])
        del groups.attrs["layer_names"]
        groups.attrs["layer_names0"], groups.attrs["layer_names1"] = names[:2], names[2:]
    np.testing.assert_allclose(models.load_model(path).predict(X, verbose=0), expected(X), atol=1e-6)


def training_config(**changes: Any) -> dict[str, Any]:
    """As tf_keras 2.21 writes it."""
    return {
        "loss": "binary_crossentropy",
        "metrics": [
            [
                {"class_name": "MeanMetricWrapper", "config": {"name": "acc", "fn": "binary_accuracy"}},
                {"class_name": "AUC", "config": {"name": "auc", "dtype": "float32", "curve": "PR"}},
            ]
        ],
        "weighted_metrics": None,
        "loss_weights": None,
        "optimizer_config": {
            "class_name": "Custom>Adam",
            "config": {
                "name": "Adam",
                "learning_rate": 0.002,
                "jit_compile": False,
                "is_legacy_optimizer": False,
            },
        },
        **changes,
    }


def test_how_it_was_compiled(tmp_path: Path) -> None:
    form = sequential(*keras_2_layers())
    path = legacy(tmp_path / "m.h5", form, WEIGHTS, training_config=training_config())
    compiled = read_model(path).compiled
    assert compiled is not None
    assert isinstance(compiled.optimizer, optimizers.Adam)
    assert compiled.optimizer.learning_rate == 0.002
    accuracy, auc = compiled.metrics
    assert accuracy == "acc"
    assert isinstance(auc, metrics.AUC) and auc.curve == "PR"
    older = {"class_name": "RMSprop", "config": {"lr": 0.01, "rho": 0.8, "decay": 0.0, "epsilon": 1e-7}}
    loss = {
        "class_name": "BinaryCrossentropy",
        "config": {"reduction": "auto", "from_logits": False, "fn": "b"},
    }
    config = training_config(optimizer_config=older, loss=loss, metrics=["accuracy"], sample_weight_mode=None)
    compiled = read_model(legacy(path, form, WEIGHTS, training_config=config)).compiled
    assert compiled is not None
    assert isinstance(compiled.optimizer, optimizers.RMSprop)
    assert compiled.optimizer.learning_rate == 0.01
    assert isinstance(compiled.loss, losses.BinaryCrossentropy)
    assert compiled.metrics == ("accuracy",)


def test_a_real_file(keras: ModuleType, shared_logs: Path) -> None:
    """Of Keras 2 on TensorFlow; Keras 3 reads it too."""
    path = shared_logs / "keras2_legacy.h5"
    x = random.normal(size=(20, 5)).astype(np.float32)
    mine = models.load_model(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the shape in the first layer
        theirs = keras.models.load_model(path, compile=False)
    np.testing.assert_allclose(mine.predict(x, verbose=0), predicted(theirs, x), atol=CLOSE)
    state = read_model(path).optimizer
    assert state is not None, "the state of the optimizer, which Keras 3 loses"
    assert state.steps > 0
    assert len(state.slots) == 2 and any(np.any(tensor) for tensor in state.slots[0])


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_real_files_of_keras_3(keras: ModuleType, shared_logs: Path, name: str) -> None:
    x = random.normal(size=(20, 5)).astype(np.float32)
    with pytest.warns(SteelyardWarning, match=r"K131: .* weighted metric 'accuracy'"):
        mine = models.load_model(shared_logs / name)
    theirs = keras.models.load_model(shared_logs / name, compile=False)
    np.testing.assert_allclose(mine.predict(x, verbose=0), predicted(theirs, x), atol=CLOSE)
    assert [metric.name for metric in mine.metrics] == ["accuracy", "auc", "prc", "precision", "recall"]
    as_json = models.model_from_json((shared_logs / "m.json").read_text())
    assert [each.get_config() for each in as_json.layers] == [each.get_config() for each in mine.layers]
