"""Writes the package's map in ARCHITECTURE.md from the modules' first lines: `python scripts/house_map.py`.

`tests/test_architecture.py` fails while the map differs from what this script would write.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "steelyard"
DOCUMENT = ROOT / "ARCHITECTURE.md"
OPENING, CLOSING = "### The package\n\n```text\n", "```\n"
COLUMN = 21
"""Where what is said of a file begins, unless its name is longer."""
CATALOGUE = PACKAGE / "diagnosis" / "rules"
"""Its files are rules, one each, and have pages of their own: the map names their families only."""


def mapped(document: str) -> str:
    """The document with the map as it should be."""
    before, rest = document.split(OPENING)
    _, after = rest.split("\n" + CLOSING, 1)
    return before + OPENING + "src/steelyard/\n" + "\n".join(_lines(PACKAGE)) + "\n" + CLOSING + after


def _lines(folder: Path) -> Iterator[str]:
    indent = "  " * len(folder.relative_to(PACKAGE.parent).parts)
    for path in sorted(folder.iterdir(), key=_place):
        if path.suffix == ".py":
            yield _entry(indent, path.name, path)
        elif (path / "__init__.py").exists() and folder == CATALOGUE:
            yield _entry(indent, path.name + "/", path / "__init__.py")
        elif (path / "__init__.py").exists():
            yield f"{indent}{path.name}/"
            yield from _lines(path)


def _entry(indent: str, name: str, path: Path) -> str:
    return f"{indent}{name}".ljust(COLUMN - 1) + " " + _said(path)


def _said(path: Path) -> str:
    """The first sentence of the module's docstring, without marks."""
    opening = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n\n")[0]
    sentence = re.split(r"(?<! al)\. (?=[A-Z:`])", " ".join(opening.split()))[0].replace("``", "").rstrip(".")
    return re.sub(r":\w+:`~?([^`]+)`", lambda role: role[1].rpartition(".")[2], sentence)


def _place(path: Path) -> tuple[int, bool, bool, str]:
    """Files of the package in the order of imports, what is imported first; elsewhere by name."""
    depth = _layers().index(path.stem) if path.parent == PACKAGE and path.stem in _layers() else -1
    return depth, path.stem != "__init__", path.is_dir(), path.name


def _layers() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    return [name for layer in reversed(layers) for name in layer.split(" | ")]


if __name__ == "__main__":
    DOCUMENT.write_text(mapped(DOCUMENT.read_text()))
