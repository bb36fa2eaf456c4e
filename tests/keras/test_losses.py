"""Losses: values and configurations against Keras, and what is refused."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from steelyard.errors import RecipeError
from steelyard.keras import losses
from steelyard.keras.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    LogitAdjustedBinaryCrossentropy,
)

ARGUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("BinaryCrossentropy", {}),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.25}),
    ("BinaryFocalCrossentropy", {}),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.75, "gamma": 1.5}),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.125, "gamma": 0.5}),
]
target = np.array([0, 1, 1, 0, 1, 0], np.uint8)
logits = np.array([-3.0, 2.0, -1.0, 0.5, 8.0, 0.0], np.float32)
weights = np.array([1.0, 2.0, 0.5, 0.0, 1.0, 3.0])


def output_of(loss: losses.Loss) -> np.ndarray:
    return logits if loss.from_logits else 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS)
def test_values_are_those_of_keras(keras: ModuleType, name: str, arguments: dict[str, Any]) -> None:
    ours = getattr(losses, name)(**arguments)
    theirs = getattr(keras.losses, name)(**arguments)
    y, output = target.reshape(-1, 1), output_of(ours).reshape(-1, 1)
    assert ours(y, output) == pytest.approx(float(theirs(y, output)), rel=1e-5)
    assert ours(y, output, weights) == pytest.approx(float(theirs(y, output, weights)), rel=1e-5)
    each = keras.ops.convert_to_numpy(
        theirs.call(*map(keras.ops.convert_to_tensor, (y.astype("float32"), output)))
    )
    np.testing.assert_allclose(ours.call(y, output), each, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours.rows(target, logits), each, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["binary_crossentropy", "binary_focal_crossentropy"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_functions_are_those_of_keras(keras: ModuleType, name: str, from_logits: bool) -> None:
    y = target.reshape(2, 3).astype(np.float32)
    output = (logits if from_logits else 1 / (1 + np.exp(-logits))).reshape(2, 3)
    ours = getattr(losses, name)(y, output, from_logits=from_logits, label_smoothing=0.125)
    theirs = getattr(keras.losses, name)(y, output, from_logits=from_logits, label_smoothing=0.125)
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(theirs), rtol=1e-5)
    signature = inspect.signature(getattr(losses, name)).parameters
    expected = inspect.signature(getattr(keras.losses, name)).parameters
    assert {key: each.default for key, each in signature.items()} == {
        key: each.default for key, each in expected.items()
    }


def test_certain_mistakes_cost_what_they_cost_in_keras(keras: ModuleType) -> None:
    y, p = np.array([[1.0], [0.0]], np.float32), np.array([[0.0], [1.0]], np.float32)
    theirs = keras.ops.convert_to_numpy(keras.losses.binary_crossentropy(y, p))
    np.testing.assert_allclose(losses.binary_crossentropy(y, p), theirs, rtol=0.02)  # 1 - 1e-7 in float32
    assert np.isfinite(BinaryCrossentropy().rows(target, np.full(6, 1000.0, np.float32))).all()


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS)
def test_configurations_are_keras_own_both_ways(
    keras: ModuleType, name: str, arguments: dict[str, Any]
) -> None:
    ours = getattr(losses, name)(**arguments)
    theirs = keras.losses.get(losses.serialize(ours))
    assert theirs.get_config() == ours.get_config()
    assert keras.losses.serialize(theirs) == losses.serialize(ours)
    assert losses.get(keras.losses.serialize(theirs)).get_config() == ours.get_config()


@pytest.mark.parametrize("name", ["BinaryCrossentropy", "BinaryFocalCrossentropy"])
def test_arguments_and_defaults_are_those_of_keras(keras: ModuleType, name: str) -> None:
    theirs = inspect.signature(getattr(keras.losses, name)).parameters
    ours = inspect.signature(getattr(losses, name)).parameters
    assert [(key, each.default) for key, each in ours.items()] == [
        (key, each.default) for key, each in theirs.items()
    ]


def test_the_recipe_says_the_same() -> None:
    assert BinaryCrossentropy(label_smoothing=0.1).recipe().label_smoothing == 0.1
    plain = BinaryFocalCrossentropy(alpha=0.75, gamma=3).recipe()
    assert (plain.gamma, plain.alpha) == (3.0, None)  # alpha means nothing without class balancing
    assert BinaryFocalCrossentropy(True, 0.75).recipe().alpha == 0.75


def test_the_loss_that_every_run_records() -> None:
    assert BinaryCrossentropy().is_plain
    assert not BinaryCrossentropy(label_smoothing=0.1).is_plain
    assert not BinaryFocalCrossentropy().is_plain


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("binary_crossentropy", BinaryCrossentropy),
        ("bce", BinaryCrossentropy),
        ("BinaryCrossentropy", BinaryCrossentropy),
        (losses.binary_crossentropy, BinaryCrossentropy),
        (BinaryCrossentropy, BinaryCrossentropy),
        ("binary_focal_crossentropy", BinaryFocalCrossentropy),
        (losses.binary_focal_crossentropy, BinaryFocalCrossentropy),
        (BinaryFocalCrossentropy, BinaryFocalCrossentropy),
        (
            {"class_name": "function", "config": "binary_crossentropy", "module": "builtins"},
            BinaryCrossentropy,
        ),
        ("logit_adjusted", LogitAdjustedBinaryCrossentropy),
        ("logit_adjusted_binary_crossentropy", LogitAdjustedBinaryCrossentropy),
        (LogitAdjustedBinaryCrossentropy, LogitAdjustedBinaryCrossentropy),
    ],
)
def test_names_functions_and_classes(written: object, kind: type) -> None:
    assert type(losses.get(written)) is kind


def test_keras_2_configurations_are_read() -> None:
    config = {
        "reduction": "auto",
        "name": "binary_crossentropy",
        "from_logits": True,
        "label_smoothing": 0.0,
        "axis": -1,
        "fn": "binary_crossentropy",
    }
    read = losses.get({"class_name": "BinaryCrossentropy", "config": config})
    assert read.from_logits
    assert read.get_config()["reduction"] == "sum_over_batch_size"


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("axis", 0, "K209: BinaryCrossentropy: axis=0 is not supported"),
        ("reduction", "sum", "K209: BinaryCrossentropy: reduction='sum' is not supported"),
        ("reduction", None, "K209: BinaryCrossentropy: reduction=None is not supported"),
        ("dtype", "float64", "K209: BinaryCrossentropy: dtype='float64' is not supported"),
        ("label_smoothing", 1.0, "K210: BinaryCrossentropy: label_smoothing is 1.0; it must be at least 0"),
        ("from_logits", "yes", "K210: BinaryCrossentropy: from_logits is 'yes'; it must be True or False"),
    ],
)
def test_arguments_are_refused_by_name(argument: str, value: object, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        BinaryCrossentropy(**{argument: value})  # type: ignore[arg-type]  # the point of the test


def test_the_arguments_of_the_focal_loss_are_checked() -> None:
    with pytest.raises(RecipeError, match="K210: BinaryFocalCrossentropy: gamma is -1"):
        BinaryFocalCrossentropy(gamma=-1)
    with pytest.raises(
        RecipeError, match="K210: BinaryFocalCrossentropy: alpha is 1; it must be above 0 and below 1"
    ):
        BinaryFocalCrossentropy(apply_class_balancing=True, alpha=1)


def test_every_loss_of_keras_is_there_or_refused_by_name(keras: ModuleType) -> None:
    known = {
        "BinaryCrossentropy",
        "BinaryFocalCrossentropy",
        "binary_crossentropy",
        "binary_focal_crossentropy",
    }
    tools = {"Loss", "LossFunctionWrapper", "deserialize", "get", "serialize"}
    from keras.src.losses import ALL_OBJECTS_DICT

    names = {name for name in dir(keras.losses) if not name.startswith("_")} | set(ALL_OBJECTS_DICT)
    for name in sorted(names - known - tools - {"bce", "BCE"}):
        with pytest.raises(RecipeError, match=f"^K207: loss '{name}' is not supported; there are"):
            losses.get(name)
        with pytest.raises(RecipeError, match=r"^K207"):
            getattr(losses, name)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "mse",
            "(?s)K207: loss 'mse' is not supported.*the label is 0 or 1: write loss='binary_crossentropy'",
        ),
        ("categorical_crossentropy", "(?s)K207.*one output: end with Dense"),
        ("hinge", "(?s)K207.*labels are 0 and 1"),
        ("dice", "(?s)K207.*class_weight"),
        ("binary_crosentropy", "K207.*did you mean 'binary_crossentropy'"),
        (None, "K207: loss is None"),
        (lambda y, p: 0.0, "K207: loss <lambda> is Python code, which the engine cannot run"),
        (
            {"module": "my", "class_name": "BinaryCrossentropy", "config": {}},
            "K207: loss 'my.BinaryCrossentropy'",
        ),
    ],
)
def test_refusals_say_what_to_write_instead(written: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        losses.get(written)


def test_a_loss_of_another_package_or_of_ones_own(keras: ModuleType) -> None:
    with pytest.raises(RecipeError, match=r"from steelyard.keras.losses import BinaryCrossentropy"):
        losses.get(keras.losses.BinaryCrossentropy())
    with pytest.raises(RecipeError, match="K207: class Mine"):

        class Mine(losses.Loss):
            pass
