"""Regularizers: configurations both ways with Keras, factors, and what is refused."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from steelyard.errors import RecipeError
from steelyard.keras import regularizers
from steelyard.keras.regularizers import L1, L1L2, L2, Regularizer


@pytest.mark.parametrize(
    "ours", [L1(0.5), L2(), L1L2(0.25, 0.125), L1L2()], ids=lambda each: type(each).__name__
)
def test_configurations_are_keras_own_both_ways(keras: ModuleType, ours: Regularizer) -> None:
    theirs = keras.regularizers.get(regularizers.serialize(ours))
    assert type(theirs).__name__ == type(ours).__name__
    assert theirs.get_config() == ours.get_config()
    assert keras.saving.serialize_keras_object(theirs) == regularizers.serialize(ours)
    read = regularizers.get(keras.regularizers.serialize(theirs))
    assert (type(read), read and (read.l1, read.l2)) == (type(ours), (ours.l1, ours.l2))


def test_the_default_factors_are_those_of_keras(keras: ModuleType) -> None:
    for name in ("L1", "L2", "L1L2", "l1", "l2"):
        ours = getattr(regularizers, name)().get_config()
        theirs = getattr(keras.regularizers, name)().get_config()
        assert ours == {key: pytest.approx(value) for key, value in theirs.items()}


@pytest.mark.parametrize("written", ["l1", "L1", L1, "l2", "L2", L2, "l1_l2"])
def test_a_name_or_a_class_means_the_default_factors(written: object) -> None:
    made = regularizers.get(written)
    assert made is not None
    assert {made.l1, made.l2} <= {0.0, 0.01}
    assert made.l1 + made.l2 > 0


def test_a_penalty_of_nothing_is_refused(keras: ModuleType) -> None:
    assert keras.regularizers.get("l1l2").get_config() == {"l1": 0.0, "l2": 0.0}
    for written in ("l1l2", "L1L2", L1L2, regularizers.l1_l2):
        with pytest.raises(RecipeError, match="K205: regularizer: to Keras, L1L2 without factors means"):
            regularizers.get(written)


def test_a_factor_that_keras_2_and_3_read_differently_must_be_written(keras: ModuleType) -> None:
    assert keras.regularizers.l1_l2(l1=0.5).get_config() == {"l1": 0.5, "l2": 0.0}  # Keras 2: l2 is 0.01
    with pytest.raises(RecipeError, match="K205: l1_l2: l2 must be given"):
        regularizers.l1_l2(l1=0.5)
    both = regularizers.l1_l2(0.5, 0.0)
    assert (both.l1, both.l2) == (0.5, 0.0)


def test_spellings_of_keras_2() -> None:
    assert regularizers.l2(l=0.5).l2 == 0.5
    assert regularizers.l1(l=0.5).l1 == 0.5
    read = regularizers.get({"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.009999999776482582}})
    assert isinstance(read, L1L2)
    assert read.l2 == 0.009999999776482582


def test_none_stays_none_and_numpy_numbers_are_numbers() -> None:
    assert regularizers.get(None) is None
    assert regularizers.serialize(None) is None
    assert type(regularizers.l2(np.float32(0.5)).l2) is float  # type: ignore[arg-type]  # as grids have it


@pytest.mark.parametrize("factor", [-1.0, float("nan"), float("inf"), "0.01", True])
def test_factors_are_finite_and_not_negative(factor: float) -> None:
    for made in (L1, L2, L1L2):
        with pytest.raises(RecipeError, match=f"K210: {made.__name__}: l"):
            made(factor)


def test_what_there_is_not_is_refused_by_name(keras: ModuleType) -> None:
    with pytest.raises(
        RecipeError, match=r"K205: Dense: kernel_regularizer: 'l1_l3' is not supported \(did you mean"
    ):
        regularizers.get("l1_l3", "Dense: kernel_regularizer")
    with pytest.raises(RecipeError, match=r"from steelyard.keras.regularizers import L2"):
        regularizers.get(keras.regularizers.L2())
    with pytest.raises(RecipeError, match="K205: regularizer: 'float' is not supported; there are L1"):
        regularizers.get(0.01)
    with pytest.raises(RecipeError, match="K205: regularizer: 'list' is not supported"):
        regularizers.get([0.01])
    with pytest.raises(
        RecipeError, match=r"K205: keras.regularizers: 'OrthogonalRegularizer' is not supported"
    ):
        regularizers.OrthogonalRegularizer  # type: ignore[attr-defined]  # noqa: B018  # the point of the test
