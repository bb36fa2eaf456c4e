"""The generated documents are what scripts/reference.py writes, and leave nothing out."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from steelyard.recipe import Recipe
from steelyard.recipe.problems import parts_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "codes.md", "recipe.md"])
def test_the_document_is_current(reference: ModuleType, name: str) -> None:
    written = (ROOT / "docs" / name).read_text()
    assert written == reference.DOCUMENTS[name](), "run: python scripts/reference.py"


def test_every_part_of_a_recipe_is_described(reference: ModuleType) -> None:
    described = {model for models in reference.PARTS.values() for model in models}
    found: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [Recipe]
    while waiting:
        model = waiting.pop()
        parts = {part for field in model.model_fields.values() for part in parts_of(field.annotation)}
        waiting += parts - found
        found |= parts
    assert found == described


def test_every_option_has_help(reference: ModuleType) -> None:
    for name in reference.COMMANDS:
        command = reference.app.get_command(None, name)
        assert command.help, name
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, f"{name} {option.opts[0]}"
