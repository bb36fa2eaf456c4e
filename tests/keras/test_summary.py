"""``model.summary()`` against Keras' own text."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard import keras as ours
from steelyard.errors import RecipeError
from steelyard.keras import layers
from steelyard.keras.summary import summary_text
from tests.keras.saving.stacks import Stack, stacks


def printed(model: Any, **arguments: Any) -> str:
    texts: list[str] = []
    model.summary(print_fn=texts.append, **arguments)
    (text,) = texts
    return text


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stack=stacks(),
    columns=st.integers(44, 130),
    line_length=st.none() | st.integers(40, 130),
    show_trainable=st.booleans(),
    built=st.booleans(),
)
def test_the_text(
    keras: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    stack: Stack,
    columns: int,
    line_length: int | None,
    show_trainable: bool,
    built: bool,
) -> None:
    if line_length is not None:
        columns = max(columns, line_length)  # what is wider than the terminal Keras crops
    monkeypatch.setenv("COLUMNS", str(columns))
    if built:
        theirs = stack.build(keras)
    else:
        theirs = keras.Sequential([spec.build(keras) for spec in stack.specs], name=stack.name)
    mine = [spec.build(ours) for spec in stack.specs]
    for layer, twin in zip(mine, theirs.layers, strict=True):
        layer.name = twin.name
    options: dict[str, Any] = {"line_length": line_length, "show_trainable": show_trainable}
    text = summary_text(stack.name, mine, stack.width if built else None, **options)
    assert text == printed(theirs, **options)


def both(library: Any) -> Any:
    return library.Sequential(
        [
            library.Input((9,)),
            library.layers.Dense(
                1000, activation="relu", name="a_name_that_is_longer_than_its_column_is_wide"
            ),
            library.layers.BatchNormalization(name="normal"),
            library.layers.Dropout(0.5, name="drop out now"),
            library.layers.Dense(1, activation="sigmoid", name="out"),
        ],
        name="churn",
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"positions": [0.3, 0.6, 1.0]},
        {"positions": [0.2, 0.5, 0.9], "line_length": 70},
        {"layer_range": ["normal", "drop"]},
        {"layer_range": ["out", "a_name"]},
        {"expand_nested": True},
    ],
    ids=str,
)
def test_options(keras: ModuleType, options: dict[str, Any]) -> None:
    assert printed(both(ours), **options) == printed(both(keras), **options)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "nadam"])
def test_with_the_numbers_of_the_optimizer(keras: ModuleType, optimizer: str) -> None:
    theirs, mine = both(keras), both(ours)
    x, y = np.random.default_rng(0).normal(size=(8, 9)), np.array([0, 1] * 4)
    for model in (theirs, mine):
        model.compile(optimizer, "binary_crossentropy")
    assert printed(mine) == printed(theirs)
    theirs.train_on_batch(x, y)
    mine.fit(x, y, verbose=0)
    assert "Optimizer params" in printed(mine)
    assert printed(mine) == printed(theirs)


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    model = both(ours)
    model.summary()
    assert capsys.readouterr().out == printed(model)


def test_a_line_may_be_longer_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras crops it."""
    monkeypatch.setenv("COLUMNS", "60")
    table = [line for line in printed(both(ours), line_length=100).splitlines() if line[0] in "┏┃┡│├└"]
    assert {len(line) for line in table} == {100}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"line_length": 12}, "characters wide"),
        ({"positions": [0.9, 0.5, 1.0]}, "characters wide"),
        ({"positions": [0.5, 1.0]}, "2 entries; there are 3 columns"),
        ({"layer_range": ["normal"]}, "two names"),
        ({"layer_range": ["nothing", "out"]}, "no layer matches"),
    ],
)
def test_refusals(options: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match="K235: summary: ") as caught:
        summary_text("model", [layers.Dense(1, name="out")], 3, **options)
    assert said in str(caught.value)
