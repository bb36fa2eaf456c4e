"""The names at the top of the package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import steelyard
import steelyard.keras

HEAVY = (
    "numpy",
    "scipy",
    "sklearn",
    "polars",
    "pandas",
    "pydantic",
    "rich",
    "click",
    "tomli_w",
    "safetensors",
    "optuna",
    "sqlalchemy",
)


PACKAGES = (steelyard, steelyard.keras)
NAMES = [(package, name) for package in PACKAGES for name in package.__all__]


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_every_name_is_there(package: ModuleType, name: str) -> None:
    assert getattr(package, name) is not None
    assert name in dir(package)


def imports_for_type_checkers(package: ModuleType) -> dict[str, str]:
    assert package.__file__ is not None
    tree = ast.parse(Path(package.__file__).read_text())
    (block,) = (
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    for node in imports:
        assert all(alias.asname == alias.name for alias in node.names), "`as` marks what is exported"
    return {alias.name: str(node.module) for node in imports for alias in node.names}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_type_checkers_see_the_same_names(package: ModuleType) -> None:
    homes = {name: f"{package.__name__}.{home}" for name, home in package._HOMES.items()}
    homes |= dict.fromkeys(package._MODULES, package.__name__)
    assert imports_for_type_checkers(package) == homes
    assert sorted({*homes, "__version__"} & {*package.__all__}) == package.__all__


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_every_name_has_a_docstring(package: ModuleType) -> None:
    missing = [name for name in package.__all__ if not getattr(package, name).__doc__]
    assert missing == []


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'steelyard' has no attribute 'Recipee'"):
        _ = steelyard.Recipee
    assert not hasattr(steelyard, "numpy")


def loaded_by(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_import_loads_nothing_heavy() -> None:
    assert loaded_by("import steelyard; dir(steelyard)") == set()


def test_a_name_loads_what_it_needs() -> None:
    """The test above would notice."""
    assert {"numpy", "pydantic"} <= loaded_by("from steelyard import Recipe, Run")


def test_the_version_is_that_of_the_installation() -> None:
    from importlib.metadata import version

    assert steelyard.__version__ == version("steelyard")
