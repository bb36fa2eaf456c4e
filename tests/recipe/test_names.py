"""The names of the package of recipes, which are loaded when they are used."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import steelyard.recipe


@pytest.mark.parametrize("name", steelyard.recipe.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(steelyard.recipe, name).__doc__


def test_type_checkers_see_the_same_names() -> None:
    assert steelyard.recipe.__file__ is not None
    tree = ast.parse(Path(steelyard.recipe.__file__).read_text())
    imports = [
        node
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    ]
    seen = {alias.asname: node.module for node in imports for alias in node.names}
    assert seen == {name: f"steelyard.recipe.{home}" for name, home in steelyard.recipe._HOMES.items()}


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"module 'steelyard\.recipe' has no attribute 'Recipee'"):
        _ = steelyard.recipe.Recipee  # type: ignore[attr-defined]  # that is what is tested
