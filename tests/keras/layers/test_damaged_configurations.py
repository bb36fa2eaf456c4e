"""A configuration that was damaged, or made up, is read or refused in words: nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import SteelyardError
from steelyard.keras import layers, losses, optimizers, regularizers

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)

WHOLE: list[tuple[Callable[[Any], Any], Any]] = [
    (layers.deserialize, layers.serialize(layers.Dense(3, "relu", kernel_regularizer=regularizers.l2(0.1)))),
    (layers.deserialize, layers.serialize(layers.Dense(3, layers.LeakyReLU()))),
    (layers.deserialize, layers.serialize(layers.BatchNormalization())),
    (layers.deserialize, layers.serialize(layers.Dropout(0.5, seed=1))),
    (layers.deserialize, layers.serialize(layers.ReLU())),
    (layers.deserialize, layers.serialize(layers.Input((3,)))),
    (optimizers.deserialize, optimizers.serialize(optimizers.Adam())),
    (optimizers.deserialize, optimizers.serialize(optimizers.SGD())),
    (losses.deserialize, losses.serialize(losses.BinaryFocalCrossentropy())),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every key of every object within, with the object it is in."""
    found = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [(value, key), *places(inner)]
    return found


@pytest.mark.parametrize(
    ("read", "form"), WHOLE, ids=lambda each: each.get("class_name") if isinstance(each, dict) else ""
)
@given(data=st.data())
def test_one_damaged_value(read: Callable[[Any], Any], form: Any, data: st.DataObject) -> None:
    damaged = json.loads(json.dumps(form))
    where, key = data.draw(st.sampled_from(range(len(places(damaged)))).map(lambda i: places(damaged)[i]))
    where[key] = data.draw(values)
    try:
        read(damaged)
    except SteelyardError as error:
        assert str(error).startswith("K2")


@given(values)
def test_anything_at_all(value: Any) -> None:
    for read in (layers.deserialize, optimizers.deserialize, losses.deserialize, regularizers.deserialize):
        try:
            read({"class_name": "Dense", "config": value} if read is layers.deserialize else value)
        except SteelyardError as error:
            assert str(error).startswith("K2")
