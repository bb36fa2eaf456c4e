"""Initializers: configurations both ways with Keras, and what is refused."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.keras import initializers

EXAMPLES = [
    initializers.Zeros(),
    initializers.Ones(),
    initializers.Constant(0.25),
    initializers.RandomNormal(stddev=0.1, seed=3),
    initializers.RandomUniform(-0.1, 0.2),
    initializers.GlorotUniform(),
    initializers.GlorotNormal(seed=42),
    initializers.HeUniform(),
    initializers.HeNormal(1),
    initializers.LecunUniform(),
    initializers.LecunNormal(seed=2**40),
]


@pytest.mark.parametrize("ours", EXAMPLES, ids=lambda each: type(each).__name__)
def test_configurations_are_keras_own_both_ways(keras: ModuleType, ours: Any) -> None:
    theirs = keras.initializers.get(initializers.serialize(ours))
    assert type(theirs).__name__ == type(ours).__name__
    assert theirs.get_config() == ours.get_config()
    assert keras.saving.serialize_keras_object(theirs) == initializers.serialize(ours)
    assert initializers.get(keras.initializers.serialize(theirs)) == ours


def test_every_name_means_the_class_it_means_to_keras(keras: ModuleType) -> None:
    for name in set(initializers._NAMES) - {"constant", "Constant"}:  # which Keras cannot make by name
        theirs = keras.initializers.get(name)
        ours = initializers.get(name)
        assert type(ours).__name__ == type(theirs).__name__
        assert ours.get_config() == theirs.get_config()
    assert initializers.glorot_normal is initializers.GlorotNormal


def test_the_recipe_has_the_same_distribution(keras: ModuleType) -> None:
    for ours in EXAMPLES:
        recipe = ours.recipe()
        assert getattr(keras.initializers, recipe.name).__name__ == type(ours).__name__
        said = recipe.model_dump(exclude={"name"})
        assert said == {key: ours.get_config()[key] for key in said}


@given(st.integers(0, 2**63 - 1))
def test_a_seed_is_kept(seed: int) -> None:
    assert initializers.GlorotNormal(seed=seed).seed == seed
    assert initializers.GlorotNormal(seed=np.uint64(seed)).seed == seed  # type: ignore[arg-type]  # as grids have it


def test_keras_2_wrote_variance_scaling_for_all_of_them() -> None:
    written = {
        "class_name": "VarianceScaling",
        "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": 5},
    }
    assert initializers.get(written) == initializers.GlorotUniform(5)
    assert initializers.VarianceScaling(2.0, "fan_in", "normal") == initializers.HeNormal()
    assert initializers.variance_scaling() == initializers.LecunNormal()
    with pytest.raises(RecipeError, match=r"K204: VarianceScaling\(scale=3.0, mode='fan_out'"):
        initializers.VarianceScaling(3, "fan_out")
    with pytest.raises(RecipeError, match="K210: VarianceScaling: scale is 0; it must be above 0"):
        initializers.VarianceScaling(0)


def test_keras_2_configurations_are_read() -> None:
    assert (
        initializers.get({"class_name": "GlorotUniform", "config": {"seed": None}})
        == initializers.GlorotUniform()
    )
    written = {
        "class_name": "RandomNormal",
        "config": {"mean": 0.0, "stddev": 1, "seed": None, "dtype": "float32"},
    }
    assert initializers.get(written) == initializers.RandomNormal(stddev=1.0)


def test_every_initializer_of_keras_is_there_or_refused_by_name(keras: ModuleType) -> None:
    for name in dir(keras.initializers):
        theirs = getattr(keras.initializers, name)
        if isinstance(theirs, type) and name != "Initializer":
            try:
                getattr(initializers, name)
            except RecipeError as error:
                assert str(error).startswith(
                    f"K204: keras.initializers: {name!r} is not supported; there are"
                )


def test_what_there_is_not_is_refused_by_name(keras: ModuleType) -> None:
    with pytest.raises(
        RecipeError, match="K204: Dense: kernel_initializer: 'orthogonal' is not supported; there are"
    ):
        initializers.get("orthogonal", "Dense: kernel_initializer")
    with pytest.raises(
        RecipeError, match=r"'glorot_unifrom' is not supported \(did you mean 'glorot_uniform'\?\)"
    ):
        initializers.get("glorot_unifrom")
    with pytest.raises(RecipeError, match=r"from steelyard.keras.initializers import HeNormal"):
        initializers.get(keras.initializers.HeNormal())
    with pytest.raises(RecipeError, match=r"K204: initializer: 'my.package.Ones' is not supported"):
        initializers.get({"module": "my.package", "class_name": "Ones", "config": {}})
    with pytest.raises(RecipeError, match="K204: initializer: '<lambda>' is not supported"):
        initializers.get(lambda shape: np.zeros(shape))
    with pytest.raises(RecipeError, match="K212: Ones: 'gain' is not a known key"):
        initializers.get({"class_name": "Ones", "config": {"gain": 2}})
    with pytest.raises(AttributeError):
        initializers.Nonsense  # type: ignore[attr-defined]  # noqa: B018  # the point of the test


def test_values_are_checked(keras: ModuleType) -> None:
    with pytest.raises(RecipeError, match="K210: RandomNormal: stddev is -1; it must be at least 0"):
        initializers.RandomNormal(stddev=-1)
    with pytest.raises(RecipeError, match="K210: RandomUniform: maxval is 0; it must be at least 1"):
        initializers.RandomUniform(1, 0)
    with pytest.raises(RecipeError, match=r"K210: GlorotNormal: seed is 1.5; it must be a whole number"):
        initializers.GlorotNormal(seed=1.5)  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(RecipeError, match="K208: GlorotNormal: seed is a SeedGenerator"):
        initializers.GlorotNormal(seed=keras.random.SeedGenerator(1))
    with pytest.raises(RecipeError, match="K208: HeNormal: input_axes="):
        initializers.HeNormal(input_axes=(0,))  # type: ignore[arg-type]  # the point of the test
