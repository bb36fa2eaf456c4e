"""What an expression is worth, as far as that can be known without running it.

A constant is itself; a list, tuple or dict one of Python's. What is not known stays in the form it was
written in: a name, an item of something, a call of something. So the value of ``X_val`` is the very way by
which its rows came about, and :func:`ancestry` goes back along it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, eq=False, slots=True)
class Name:
    """A name that nothing was assigned to, with its attributes: ``np.nan``, ``X.shape``; imports resolved."""

    path: str

    @property
    def last(self) -> str:
        """The last part."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, eq=False, slots=True)
class Attribute:
    """An attribute of something that is no plain name."""

    of: Any
    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Item:
    """``of[index]``; index is a value, a :class:`Range` or a tuple of such."""

    of: Any
    index: Any


@dataclass(frozen=True, eq=False, slots=True)
class Range:
    """``lower:upper`` inside square brackets; None where nothing stands."""

    lower: Any
    upper: Any


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A call. ``function`` is the dotted name of what is called, empty if it is the result of something;
    ``receiver`` is what a method is called on, or what is called. ``written`` is the call as it stands."""

    function: str
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    receiver: Any = None
    written: str = ""

    @property
    def name(self) -> str:
        """The last part of the function's name."""
        return self.function.rpartition(".")[2]

    def argument(self, position: int | None, *names: str) -> Any:
        """An argument by its place or one of its names; :data:`ABSENT` if it was not given."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        if position is not None and position < len(self.arguments):
            return self.arguments[position]
        return ABSENT


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """Arithmetic whose result is not known."""

    operator: str
    operands: tuple[Any, ...]


@dataclass(frozen=True)
class _Nothing:
    word: str

    def __repr__(self) -> str:
        return self.word


UNKNOWN = _Nothing("UNKNOWN")
"""A value of which nothing is known."""
ABSENT = _Nothing("ABSENT")
"""An argument that was not given."""

_DEEPEST = 60
_LARGEST = 1e15
_OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}


def value_of(node: ast.expr, variables: Mapping[str, Any], depth: int = _DEEPEST) -> Any:
    """The value of an expression where variables have these values."""
    if depth == 0:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return UNKNOWN if node.value is ... or isinstance(node.value, bytes | complex) else node.value
    if isinstance(node, ast.Name):
        return variables.get(node.id, Name(node.id))
    if isinstance(node, ast.Attribute):
        return _attribute(node, variables, depth - 1)
    if isinstance(node, ast.Tuple):
        return tuple(value_of(one, variables, depth - 1) for one in node.elts)
    if isinstance(node, ast.List | ast.Set):
        return [value_of(one, variables, depth - 1) for one in node.elts]
    if isinstance(node, ast.Dict):
        return {
            key: value_of(value, variables, depth - 1)
            for name, value in zip(node.keys, node.values, strict=True)
            if name is not None and isinstance(key := value_of(name, variables, depth - 1), str | int | float)
        }
    if isinstance(node, ast.Call):
        return _call(node, variables, depth - 1)
    if isinstance(node, ast.Subscript):
        of = value_of(node.value, variables, depth - 1)
        return _item(of, _index(node.slice, variables, depth - 1))
    if isinstance(node, ast.UnaryOp):
        operand = value_of(node.operand, variables, depth - 1)
        if isinstance(node.op, ast.USub):
            return -operand if _is_number(operand) else Operation("-", (operand,))
        return operand if isinstance(node.op, ast.UAdd) else UNKNOWN
    if isinstance(node, ast.BinOp):
        left, right = (value_of(one, variables, depth - 1) for one in (node.left, node.right))
        return _arithmetic(_OPERATORS.get(type(node.op), ""), left, right)
    if isinstance(node, ast.IfExp):
        return UNKNOWN
    return UNKNOWN


def _attribute(node: ast.Attribute, variables: Mapping[str, Any], depth: int) -> Any:
    of = value_of(node.value, variables, depth)
    if isinstance(of, Name):
        path = f"{of.path}.{node.attr}"
        return variables.get(path, Name(path))
    return Attribute(of, node.attr)


def _call(node: ast.Call, variables: Mapping[str, Any], depth: int) -> Any:
    arguments = tuple(
        value_of(one, variables, depth) for one in node.args if not isinstance(one, ast.Starred)
    )
    keywords = {one.arg: value_of(one.value, variables, depth) for one in node.keywords if one.arg}
    receiver = None
    if isinstance(node.func, ast.Name):
        called = variables.get(node.func.id)
        function = called.path if isinstance(called, Name) else node.func.id
        receiver = None if called is None or isinstance(called, Name) else called
        if isinstance(receiver, Call | Attribute):
            function = ""
    elif isinstance(node.func, ast.Attribute):
        receiver = value_of(node.func.value, variables, depth)
        function = f"{receiver.path}.{node.func.attr}" if isinstance(receiver, Name) else node.func.attr
    else:
        receiver, function = value_of(node.func, variables, depth), ""
    if function in ("int", "float", "round") and len(arguments) == 1 and _is_number(arguments[0]):
        return int(arguments[0]) if function != "float" else float(arguments[0])
    if function == "dict" and not arguments:
        return dict(keywords)
    return Call(function, arguments, MappingProxyType(keywords), receiver, _written(node))


def _written(node: ast.expr) -> str:
    """A call as people write it, cut short."""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return ""
    return text if len(text) <= 160 else text[:150] + " ..."


def _index(node: ast.expr, variables: Mapping[str, Any], depth: int) -> Any:
    if isinstance(node, ast.Slice):
        ends = (None if one is None else value_of(one, variables, depth) for one in (node.lower, node.upper))
        return Range(*ends)
    if isinstance(node, ast.Tuple):
        return tuple(_index(one, variables, depth) for one in node.elts)
    return value_of(node, variables, depth)


def _item(of: Any, index: Any) -> Any:
    if isinstance(of, dict) and isinstance(index, str | int | float) and index in of:
        return of[index]
    if isinstance(of, list | tuple) and isinstance(index, int) and -len(of) <= index < len(of):
        return of[index]
    return Item(of, index)


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return Operation(operator, (left, right))
    try:
        if operator == "**":
            result = math.pow(left, right)
        else:
            result = {
                "+": lambda: left + right,
                "-": lambda: left - right,
                "*": lambda: left * right,
                "/": lambda: left / right,
                "//": lambda: left // right,
                "%": lambda: left % right,
            }[operator]()
    except (ArithmeticError, ValueError, KeyError):
        return UNKNOWN
    return result if abs(result) < _LARGEST else UNKNOWN


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def number(value: Any) -> float | None:
    """A value that is a finite number, as a float; None if it is none."""
    return float(value) if _is_number(value) and math.isfinite(value) else None


def whole(value: Any) -> int | None:
    """A value that is a whole number, as an int; None if it is none."""
    return int(value) if _is_number(value) and math.isfinite(value) and value == int(value) else None


def ancestry(value: Any, most: int = 2000) -> Iterator[Any]:
    """A value and all that it was made from, nearest first; ``most`` bounds how many."""
    waiting, seen = [value], set()
    for _ in range(most):
        if not waiting:
            return
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, Attribute):
            waiting.append(one.of)
        elif isinstance(one, Item):
            waiting.extend([one.of, one.index])
        elif isinstance(one, Call):
            waiting.extend([one.receiver, *one.arguments, *one.keywords.values()])
        elif isinstance(one, Operation):
            waiting.extend(one.operands)
        elif isinstance(one, list | tuple):
            waiting.extend(one[:100])
        elif isinstance(one, dict):
            waiting.extend(list(one.values())[:100])
