"""The statements of the two documents Steelyard began with, and those of our programs, in one spelling."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path


def of_question(path: Path) -> list[str]:
    """The question's code: statements one after another on one line, with prose around them."""
    text = path.read_text()
    text = text[text.index("model = Sequential()") :]
    last = "shuffle=True)"
    words = text[: text.index(last) + len(last)].replace("# layer 1 ", "").split(" ")
    statements = []
    while words:
        length = next(length for length in range(len(words), 0, -1) if _parsed(" ".join(words[:length])))
        statements += _parsed(" ".join(words[:length]))
        words = words[length:]
    return [_spelled(statement) for statement in statements]


def of_notebook(path: Path) -> list[str]:
    """The notebook's code: after each ``In [0]:`` a cell, after each cell its output and the text."""
    statements = []
    for cell in path.read_text().split("In [0]:")[1:]:
        lines = cell.split("\n")
        length = next(length for length in range(len(lines), 0, -1) if _parsed("\n".join(lines[:length])))
        statements += _parsed("\n".join(lines[:length]))
    # An output may happen to be a word that parses; nobody writes a statement that is a bare name.
    return [
        _spelled(statement)
        for statement in statements
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Name))
    ]


def of_program(path: Path, functions: Sequence[str]) -> list[str]:
    """The statements of some functions of a program, without their docstrings and what they return."""
    bodies = {
        node.name: node.body for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)
    }
    return [
        _spelled(statement)
        for name in functions
        for statement in bodies[name][1:]
        if not isinstance(statement, ast.Return)
    ]


def imported(path: Path) -> Iterator[str]:
    """The modules that a program imports names from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def without_imports(statements: Sequence[str]) -> list[str]:
    """Imports are what may change."""
    return [line for line in statements if not line.startswith(("import ", "from "))]


def _parsed(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except SyntaxError:
        return []


def _spelled(statement: ast.stmt) -> str:
    return ast.unparse(statement)
