"""The map in ARCHITECTURE.md is complete, and the invariants that import-linter cannot express hold."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "steelyard"
SOURCES = sorted(PACKAGE.rglob("*.py"))
RECORD_NAMES = {"recipe", "data", "errors", "history", "run"}
RECORDS = [path for path in SOURCES if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in RECORD_NAMES]


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Dotted names a module imports, with the statements; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def mapped_files(text: str) -> set[str]:
    """The files that the fenced maps name: a line ``cpp/`` or ``src/steelyard/`` opens a folder, deeper
    indentation is inside it, the first word of a line is the file or folder."""
    found: set[str] = set()
    folders: list[tuple[int, str]] = []
    for block in re.findall(r"```text\n(.*?)```", text, flags=re.DOTALL):
        folders.clear()
        for line in block.splitlines():
            if not line.strip():
                continue
            indent = len(line) - len(line.lstrip())
            name = line.split()[0]
            while folders and folders[-1][0] >= indent:
                folders.pop()
            path = "".join(folder for _, folder in folders) + name
            if name.endswith("/"):
                folders.append((indent, name))
            else:
                found.add(path)
    return found


def test_the_map_of_the_package_is_current() -> None:
    found = importlib.util.spec_from_file_location("house_map", ROOT / "scripts" / "house_map.py")
    assert found is not None and found.loader is not None
    house_map = importlib.util.module_from_spec(found)
    found.loader.exec_module(house_map)
    document = (ROOT / "ARCHITECTURE.md").read_text()
    assert document == house_map.mapped(document), "run: python scripts/house_map.py"


def test_every_file_of_the_engine_is_on_the_map_and_nothing_else() -> None:
    real = {path.relative_to(ROOT).as_posix() for path in (ROOT / "cpp").iterdir()}
    mapped = mapped_files((ROOT / "ARCHITECTURE.md").read_text())
    assert {name for name in mapped if name.startswith("cpp/")} == real


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_records_import_only_the_standard_library_numpy_pydantic_and_tomli_w(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"numpy", "pydantic", "tomli_w", "steelyard"}
    assert {name.split(".")[0] for name, _ in imports(path)} <= allowed


def test_only_the_engine_knows_its_native_modules() -> None:
    outside = [path for path in SOURCES if path.parent != PACKAGE / "engine"]
    assert outside
    for path in outside:
        assert "_engine_" not in path.read_text(), f"{path.relative_to(ROOT)} reaches around steelyard.engine"


def test_the_engine_is_the_only_native_code() -> None:
    """One way in: no other file loads a shared library."""
    for path in SOURCES:
        names = {name.split(".")[0] for name, _ in imports(path)}
        assert not names & {"ctypes", "cffi", "torch", "tensorflow", "keras", "tf_keras", "jax"}, (
            path.relative_to(ROOT)
        )


def test_only_the_binding_knows_python() -> None:
    for path in sorted((ROOT / "cpp").glob("*.[hc]pp")):
        knows = "nanobind" in path.read_text() or "Python.h" in path.read_text()
        assert knows == (path.name in {"bind.cpp", "describe.hpp"}), path.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_suppression_says_why(path: Path) -> None:
    """``# type: ignore`` and ``# noqa`` name what they silence and why; nothing swallows every exception,
    except where a stranger's code is called and its error told as what it is."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.relative_to(ROOT)}:{number}"
        broad = re.search(r"except\s*:|except (Base)?Exception\b", line)
        assert not broad or "# a stranger's code" in line, f"{where}: too broad"
        for comment in re.findall(r"#\s*(?:type:\s*ignore|noqa)(.*)", line):
            code, _, reason = comment.partition("#")
            assert re.match(r"(\[[\w, -]+\]|:\s*[A-Z]+\d+)", code.strip()), f"{where}: silences everything"
            assert reason.strip(), f"{where}: no reason beside it (write: # type: ignore[code]  # why)"


def test_no_file_is_called_utils() -> None:
    named = [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "misc", "common"}]
    assert named == [PACKAGE / "keras" / "utils.py"], "whose name is Keras'"
