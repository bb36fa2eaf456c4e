"""Names and calls inside an expression, found in its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def printed_key(node: ast.expr) -> str:
    """The key of what ``print(history.history['loss'])`` shows; empty if it shows nothing of the kind."""
    if not (isinstance(node, ast.Call) and called(node) == "print"):
        return ""
    for argument in node.args:
        if isinstance(argument, ast.Subscript) and isinstance(argument.slice, ast.Constant):
            return str(argument.slice.value)[:80]
    return ""


def calls_in(node: ast.expr, most: int = 500) -> list[ast.Call]:
    """The calls inside an expression of ordinary size."""
    waiting: list[ast.AST] = [node]
    found: list[ast.Call] = []
    for _ in range(most):
        if not waiting:
            break
        one = waiting.pop()
        if isinstance(one, ast.Call):
            found.append(one)
        waiting.extend(list(ast.iter_child_nodes(one))[:100])
    return found


def called(call: ast.Call) -> str:
    """The name of the function or method; empty if it is called by none."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def names_in(nodes: Iterable[ast.AST], most: int = 200) -> tuple[str, ...]:
    """The names of variables in expressions, each once."""
    waiting = list(nodes)
    found: dict[str, None] = {}
    for _ in range(most):
        if not waiting:
            break
        one = waiting.pop(0)
        if isinstance(one, ast.Name):
            found[one.id] = None
        waiting.extend(list(ast.iter_child_nodes(one))[:50])
    return tuple(found)


def names_of_argument(node: ast.expr | None, argument: str) -> tuple[str, ...]:
    """The names of variables in the first argument of that name; () if there is none."""
    if node is None:
        return ()
    for call in calls_in(node):
        for keyword in call.keywords:
            if keyword.arg == argument:
                return names_in([keyword.value])
    return ()
