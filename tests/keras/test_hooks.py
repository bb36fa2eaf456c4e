from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from steelyard.errors import RecipeError
from steelyard.keras.hooks import BATCH_HOOKS, Callback, callback_list, refuse_batch_hooks
from tests.keras.fakes import drive


@pytest.mark.parametrize("hook", BATCH_HOOKS)
def test_batch_hooks_are_refused_with_the_reason(hook: str) -> None:
    kind = type("Mine", (Callback,), {hook: lambda self, batch, logs=None: None})
    with pytest.raises(RecipeError, match=f"^K221: Mine has {hook}: .* without returning to Python"):
        refuse_batch_hooks(kind())


def test_all_hooks_of_keras_are_known(keras: ModuleType) -> None:
    theirs = {name for name in dir(keras.callbacks.Callback) if name.startswith("on_")}
    ours = {name for name in dir(Callback) if name.startswith("on_")}
    assert theirs == ours | set(BATCH_HOOKS)


def test_lists_are_flattened() -> None:
    first, second, third = Callback(), Callback(), Callback()
    assert callback_list(None) == []
    assert callback_list(first) == [first]
    assert callback_list([first, (second, [third])]) == [first, second, third]


def test_a_callback_of_keras_itself_is_refused(keras: ModuleType) -> None:
    with pytest.raises(RecipeError, match=r"^K227: .*keras\.src\.callbacks.*EarlyStopping is not a callback"):
        callback_list([keras.callbacks.EarlyStopping()])


def test_a_class_in_place_of_an_object_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"^K227: .*hooks\.Callback is not"):
        callback_list([Callback])


def test_a_subclass_that_forgets_the_constructor_works() -> None:
    class Mine(Callback):
        def __init__(self) -> None:
            self.losses: list[float] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.losses.append(logs["loss"])
            assert self.validation_data is None
            assert self.params["steps"] == 25
            self.model.stop_training = epoch == 1

    mine = Mine()
    assert drive([mine], [{"loss": float(epoch)} for epoch in range(5)]).epochs == 2
    assert mine.losses == [0.0, 1.0]
