"""What pyproject.toml promises is what the sources need and what the installation holds."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import platform
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MODULES = {"imbalanced-learn": "imblearn", "scikit-learn": "sklearn", "tomli-w": "tomli_w"}
"""Import names that differ from those of the packages."""


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~; \[]", requirement)[0] for requirement in requirements}


def imported_packages() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"steelyard"}


EXTRAS = ("onnx", "pandas", "postgres", "ray")
"""What some features need beyond the dependencies, each imported where it is used."""

LENT = {"cmaes", "psycopg", "ray"}
"""Imported for us, by Optuna and SQLAlchemy, or by name, where it may be missing."""

PARTS = {"pydantic_core": "pydantic"}
"""Packages that others consist of."""


def test_the_dependencies_are_exactly_what_is_imported() -> None:
    extras = [name for extra in EXTRAS for name in PROJECT["optional-dependencies"][extra]]
    declared = {MODULES.get(name, name) for name in names([*PROJECT["dependencies"], *extras])}
    assert declared - LENT == {PARTS.get(name, name) for name in imported_packages()}


def test_every_dependency_is_explained() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text().split("## Dependencies")[1]
    extras = {name for extra in EXTRAS for name in names(PROJECT["optional-dependencies"][extra])}
    missing = {name for name in names(PROJECT["dependencies"]) | extras if f"`{name}`" not in text}
    assert missing == set(), "not in the table of dependencies of ARCHITECTURE.md"


def test_the_version_is_that_of_the_changelog() -> None:
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert heading is not None
    assert heading[1] == PROJECT["version"] == importlib.metadata.version("steelyard")


def test_the_command_is_installed() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="steelyard")
    assert callable(entry.load())


def test_annotations_are_shipped() -> None:
    assert (ROOT / "src" / "steelyard" / "py.typed").exists()


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_the_engine_is_built_for_each_instruction_set(isa: str) -> None:
    if isa != "baseline" and platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip(f"{isa} exists on x86-64 only")
    assert importlib.util.find_spec(f"steelyard.engine._engine_{isa}") is not None
