"""Optimizers: arguments and configurations against Keras, and what is refused."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard import keras as front
from steelyard.errors import RecipeError
from steelyard.keras import backend, optimizers
from steelyard.recipe import optimizer as recipe

NAMES = ["SGD", "Adam", "AdamW", "Adadelta", "Adagrad", "RMSprop", "Adamax", "Nadam"]
RULES: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.5, "nesterov": True, "clipnorm": 0.5},
    "Adam": {"beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.125, "amsgrad": True, "weight_decay": 0.25},
    "AdamW": {"weight_decay": 0.125, "global_clipnorm": 2.0, "name": "mine"},
    "Adadelta": {"rho": 0.5, "clipvalue": 0.5},
    "Adagrad": {"initial_accumulator_value": 0.5},
    "RMSprop": {"rho": 0.5, "momentum": 0.25, "centered": True},
    "Adamax": {"beta_1": 0.5},
    "Nadam": {"beta_2": 0.5, "weight_decay": 0.5},
}
KERAS_2 = {"lr", "decay", "schedule_decay"}
"""Arguments of ours that Keras 3 no longer has."""


def as_keras_writes(keras: ModuleType, optimizer: Any) -> Any:
    """The serialized form without the names of the modules of Keras' backend."""
    form = keras.optimizers.serialize(optimizer)
    return {**form, "module": "keras.optimizers", "registered_name": None}


@pytest.mark.parametrize("name", NAMES)
def test_arguments_and_defaults_are_those_of_keras(keras: ModuleType, name: str) -> None:
    theirs = inspect.signature(getattr(keras.optimizers, name)).parameters
    ours = inspect.signature(getattr(optimizers, name)).parameters
    plain = {key: each.default for key, each in ours.items() if each.kind == each.POSITIONAL_OR_KEYWORD}
    assert plain == {key: theirs[key].default for key in plain}
    assert list(plain) == list(theirs)[: len(plain)]
    assert set(theirs) - {"kwargs"} == ({*ours, *optimizers.OPTIONS} - {"common"} - KERAS_2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("learning_rate", [0.5, 2**-10])
def test_configurations_are_keras_own_both_ways(keras: ModuleType, name: str, learning_rate: float) -> None:
    for rule in ({}, RULES[name]):
        ours = getattr(optimizers, name)(learning_rate, **rule)
        theirs = keras.optimizers.deserialize(optimizers.serialize(ours))
        assert theirs.get_config() == ours.get_config()
        assert as_keras_writes(keras, theirs) == optimizers.serialize(ours)
        assert optimizers.get(keras.optimizers.serialize(theirs)).get_config() == ours.get_config()


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_says_the_same(name: str) -> None:
    ours = getattr(optimizers, name)(0.5, **RULES[name])
    made = ours.recipe()
    assert made.name == name.lower()
    renamed = {"clipnorm": "clip_norm", "clipvalue": "clip_value", "global_clipnorm": "global_clip_norm"}
    for key, value in {"learning_rate": 0.5, **RULES[name]}.items():
        if key != "name":
            assert getattr(made, renamed.get(key, key)) == value
    assert made.decay_biases  # as in Keras, which decays every variable


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_are_those_of_the_recipe(name: str) -> None:
    assert getattr(optimizers, name)().recipe() == getattr(recipe, name)()


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_case_classes_and_instances(keras: ModuleType, name: str) -> None:
    kind = getattr(optimizers, name)
    assert keras.optimizers.get(name).name.startswith(kind().name)  # adam, or adam_1 when there was one
    for written in (name, name.lower(), name.upper(), kind):
        assert type(optimizers.get(written)) is kind
    made = kind()
    assert optimizers.get(made) is made


def test_keras_2_called_the_rate_lr() -> None:
    made = optimizers.Adam(lr=0.00005)
    assert (made.learning_rate, made.lr) == (0.00005, 0.00005)
    made.lr = 0.25
    assert made.learning_rate == 0.25
    assert optimizers.SGD(0.01, lr=0.5).lr == 0.5
    with pytest.raises(RecipeError, match=r"K210: SGD: learning_rate=0.1 and lr=0.2 are the same argument"):
        optimizers.SGD(0.1, lr=0.2)
    with pytest.raises(RecipeError, match="K210: Adam: lr is -1; it must be above 0"):
        optimizers.Adam(lr=-1)


def test_keras_2_configurations_are_read() -> None:
    old = {
        "class_name": "Adam",
        "config": {"lr": 0.5, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": None},
    }
    assert optimizers.get(old).get_config() == optimizers.Adam(0.5).get_config()
    late = {
        "class_name": "Custom>Adam",
        "config": {
            "name": "Adam",
            "learning_rate": 0.25,
            "jit_compile": False,
            "is_legacy_optimizer": False,
            "use_ema": False,
            "ema_momentum": 0.99,
            "ema_overwrite_frequency": None,
        },
    }
    read = optimizers.get(late)
    assert (read.name, read.learning_rate) == ("Adam", 0.25)
    nadam = {"class_name": "Nadam", "config": {"lr": 0.5, "schedule_decay": 0.004}}
    assert optimizers.get(nadam).learning_rate == 0.5


@given(st.floats(0, 1e6) | st.integers(0, 100))
def test_the_rate_can_be_set_between_epochs(rate: float) -> None:
    made = optimizers.Adam()
    made.learning_rate = np.float64(rate)
    assert made.learning_rate == rate
    assert type(made.get_config()["learning_rate"]) is float


def test_the_rate_is_also_a_variable_as_in_keras() -> None:
    made = optimizers.Adam(0.5)
    rate: Any = made.lr
    assert (rate.numpy(), f"{rate:.2f}", json.dumps(rate)) == (0.5, "0.50", "0.5")
    rate.assign(0.25)
    assert (made.learning_rate, rate) == (0.25, 0.5)
    backend.set_value(made.learning_rate, 0.125)
    assert made.lr == 0.125
    with pytest.raises(RecipeError, match="K210: Adam: learning_rate is -1"):
        rate.assign(-1)
    for copied in (copy.deepcopy(rate), pickle.loads(pickle.dumps(rate))):
        assert type(copied) is float
        assert copied == 0.5
    other = copy.deepcopy(made)
    other.learning_rate = 1.0
    assert made.learning_rate == 0.125


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -0.1, "0.1", True, None])
def test_a_rate_is_a_finite_number(rate: Any) -> None:
    made = optimizers.Adam()
    with pytest.raises(RecipeError, match="K210: Adam: learning_rate is"):
        made.learning_rate = rate
    with pytest.raises(RecipeError, match="K210: Adam: learning_rate is"):
        optimizers.Adam(rate)


def test_schedules_are_refused_in_words(keras: ModuleType) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)
    for rate in (schedule, lambda: 0.1, keras.optimizers.schedules.serialize(schedule)):
        with pytest.raises(
            RecipeError, match=r"(?s)K209: Adam: learning_rate is a schedule \(.*LearningRateScheduler"
        ):
            optimizers.Adam(rate)
    with pytest.raises(RecipeError, match=r"(?s)K209: keras.optimizers.schedules.*LearningRateScheduler"):
        optimizers.schedules  # type: ignore[attr-defined]  # noqa: B018  # the point of the test


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("use_ema", True, "K209: Adam: use_ema=True is not supported: no moving average"),
        ("loss_scale_factor", 2.0, "K209: Adam: loss_scale_factor=2.0 is not supported"),
        ("gradient_accumulation_steps", 4, "K209: Adam: gradient_accumulation_steps=4 is not supported"),
        ("decay", 1e-6, "K209: Adam: decay=1e-06 is not supported"),
        ("beta_1", 1.0, "K210: Adam: beta_1 is 1.0; it must be at least 0 and below 1"),
        ("epsilon", 0, "K210: Adam: epsilon is 0; it must be above 0"),
        ("clipnorm", -1, "K210: Adam: clipnorm is -1; it must be at least 0"),
        ("weight_decay", "much", "K210: Adam: weight_decay is 'much'; it must be a number"),
        (
            "leraning_rate",
            0.1,
            r"K201: Adam: 'leraning_rate' is not an argument \(did you mean 'learning_rate'\?\)",
        ),
        ("rho", 0.9, "K201: Adam: 'rho' is not an argument"),
    ],
)
def test_arguments_are_refused_by_name(argument: str, value: object, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        optimizers.Adam(**{argument: value})  # type: ignore[arg-type]  # the point of the test


def test_only_one_way_of_clipping(keras: ModuleType) -> None:
    with pytest.raises(ValueError, match="Only one of"):
        keras.optimizers.Adam(clipnorm=1.0, clipvalue=1.0)
    with pytest.raises(RecipeError, match="K210: Adam: clipnorm and clipvalue are given; only one"):
        optimizers.Adam(clipnorm=1.0, clipvalue=1.0)
    assert optimizers.Adam(clipnorm=0).recipe().clip_norm is None  # off, as in Keras


def test_nadam_and_adamw_have_peculiarities() -> None:
    with pytest.raises(RecipeError, match=r"K209: Nadam: schedule_decay=0.01 is not supported"):
        optimizers.Nadam(schedule_decay=0.01)
    with pytest.raises(RecipeError, match="K210: AdamW: weight_decay is None"):
        optimizers.AdamW(weight_decay=None)  # type: ignore[arg-type]  # the point of the test


def test_every_optimizer_of_keras_is_there_or_refused_by_name(keras: ModuleType) -> None:
    for name in dir(keras.optimizers):
        if isinstance(getattr(keras.optimizers, name), type) and name not in (*NAMES, "Optimizer"):
            with pytest.raises(
                RecipeError, match=f"^K206: optimizer '{name}' is not supported; there are SGD"
            ):
                getattr(optimizers, name)


def test_what_there_is_not_is_refused(keras: ModuleType) -> None:
    with pytest.raises(RecipeError, match=r"K206: optimizer 'adm' is not supported \(did you mean 'Adam'"):
        optimizers.get("adm")
    with pytest.raises(RecipeError, match="K206: optimizer 'NoneType'"):
        optimizers.get(None)
    with pytest.raises(RecipeError, match=r"from steelyard.keras.optimizers import Adam"):
        optimizers.get(keras.optimizers.Adam())
    with pytest.raises(RecipeError, match=r"K206: optimizer 'my.Adam' is not supported"):
        optimizers.get({"module": "my", "class_name": "Adam", "config": {}})
    with pytest.raises(RecipeError, match="K212: optimizer Adam: 'warmup' is not a known key"):
        optimizers.get({"class_name": "Adam", "config": {"warmup": 3}})
    with pytest.raises(RecipeError, match="K206: class Mine"):

        class Mine(optimizers.Optimizer):
            pass


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ruled", [False, True])
def test_training_moves_weights_as_keras_moves_them(keras: ModuleType, name: str, ruled: bool) -> None:
    generator = np.random.default_rng(3)
    rows = generator.normal(size=(64, 4)).astype(np.float32)
    target = (rows[:, 0] + generator.normal(size=64) > 0).astype(np.uint8)
    weights = [generator.normal(size=shape).astype(np.float32) for shape in ((4, 3), (3,), (3, 1), (1,))]

    def trained(package: Any, optimizer: Any) -> list[Any]:
        model = package.Sequential(
            [
                package.Input((4,)),
                package.layers.Dense(3, activation="tanh", kernel_regularizer="l2"),
                package.layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(optimizer=optimizer, loss="binary_crossentropy")
        model.set_weights(weights)
        model.fit(rows, target.reshape(-1, 1), batch_size=32, epochs=4, shuffle=False, verbose=0)
        return list(model.get_weights())

    ours = getattr(optimizers, name)(2**-5, **(RULES[name] if ruled else {}))
    theirs = keras.optimizers.deserialize(optimizers.serialize(ours))
    for found, expected, start in zip(trained(front, ours), trained(keras, theirs), weights, strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)
        assert np.abs(found - start).max() > 1e-4, "nothing moved, which shows nothing"
