"""``--network FILE``: the layers of a Keras model as the network of a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steelyard.errors import SteelyardError
from steelyard.keras.recipes import stack_of
from steelyard.keras.saving import read_architecture
from steelyard.recipe import Recipe
from steelyard.recipe.network import Stack


@dataclass(frozen=True)
class KerasNetwork:
    """The layers in a file, and the number of inputs they were written for; None if the file does not say."""

    path: Path
    stack: Stack
    inputs: int | None

    def remarks(self, recipe: Recipe, inputs: int) -> list[str]:
        """What to say where the encoded table has another number of ``inputs``, and the network was kept."""
        if self.inputs in (None, inputs) or not isinstance(recipe.network, Stack):
            return []
        return [
            f"the network in {self.path} is for {self.inputs} inputs; this table has {inputs} once encoded, "
            "and the first layer was made for these: layers are taken from the file, weights are not"
        ]


def read_network(path: Path) -> KerasNetwork:
    """From ``.keras``, ``.h5`` or the JSON of ``to_json``; a final sigmoid becomes the logit's.

    Raises :class:`~steelyard.errors.SteelyardError` that names the file.
    """
    model = read_architecture(path)
    try:
        return KerasNetwork(path, stack_of(model.layers), model.input_width)
    except SteelyardError as error:
        raise type(error)(*(f"{path}: {problem}" for problem in error.problems), help=error.help) from None
