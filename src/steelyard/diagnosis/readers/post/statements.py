"""Statements of a program that stands among prose, found one by one: assignments, calls, literals.

A statement is where a name, or a bracket of literal data, begins an expression that Python can parse. What
is between statements is left alone, so that a line of code in a sentence is found as well as a script, and
one that a web page cut short costs no other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from steelyard.diagnosis.readers.post.expressions import expression_end, operand_end, parsed
from steelyard.diagnosis.readers.post.tokens import (
    CLOSE,
    KEYWORDS,
    NAME,
    NEWLINE,
    NUMBERS,
    OPEN,
    OPERATOR,
    Tokens,
    tokens,
)


@dataclass(frozen=True, eq=False)
class Statement:
    """``targets = value``; an expression by itself has no targets.

    ``start`` and ``end`` are places in the text. ``column`` is the indentation, None on a line of several
    statements, where it means nothing. ``kind`` is ``assign``, ``call``, ``literal``, ``return``, ``def``
    (targets are its name and its parameters), ``for`` or ``import`` (a target is bound to a dotted name).
    """

    kind: str
    start: int
    end: int
    targets: tuple[str, ...]
    value: ast.expr | None
    column: int | None


_MOST_TARGETS = 16
_WORDS = KEYWORDS | {"print"}
"""After and before which an operand stands in Python."""


def statements(text: str) -> Iterator[Statement]:
    """The statements in ``text``, in order and without overlap."""
    found = tokens(text)
    crowded = _crowded_lines(found)
    i = 0
    while i < len(found):
        statement, after = _statement(found, i, crowded)
        if statement is not None:
            yield statement
        i = max(after, i + 1)


def _statement(found: Tokens, i: int, crowded: frozenset[int]) -> tuple[Statement | None, int]:
    """The statement that begins with token i, if one does, and the token after it."""
    line = found.lines[i]
    flat = line in crowded
    column = None if flat else found.starts[i] - line
    if found.kinds[i] == NAME:
        word = found[i]
        if word in ("from", "import"):
            return _import(found, i, column)
        if word == "def" and found.is_name(i + 1):
            return _definition(found, i, column)
        if word == "for" and found.is_name(i + 1):
            return _loop(found, i, column)
        if word == "return":
            end = expression_end(found, i + 1, flat)
            while (
                end > i + 1
                and found.is_mark(end, ",")
                and (at := expression_end(found, end + 1, flat)) > end + 1
            ):
                end = at
            value = parsed(found, i + 1, end) if end > i + 1 else None
            return (
                Statement("return", found.starts[i], _end_of(found, max(end, i + 1)), (), value, column)
                if value is not None or not flat
                else None
            ), max(end, i + 1)
        if not found.is_name(i):
            return None, i + 1
        return _assignment_or_call(found, i, flat, column)
    data = found.kinds[i] == NUMBERS or (
        found.kinds[i] == OPEN and found[i] in "[{" and found.partners[i] > i
    )
    if data and not (found.kinds[i - 1] == NAME and i and found.touches(i)):
        end = found.partners[i] + 1 if found.kinds[i] == OPEN else i + 1
        value = parsed(found, i, end)
        if isinstance(value, ast.Dict | ast.List):
            return Statement("literal", found.starts[i], _end_of(found, end), (), value, column), end
    return None, i + 1


def _assignment_or_call(
    found: Tokens, i: int, flat: bool, column: int | None
) -> tuple[Statement | None, int]:
    end = expression_end(found, i, flat)
    targets, at = _targets(found, i)
    if targets:
        start = at
        while True:
            end = expression_end(found, at, flat)
            if not (end > at and found.is_mark(end, "=") and len(targets) < _MOST_TARGETS):
                break
            targets, at = (*targets, found.text[found.starts[at] : found.ends[end - 1]]), end + 1
        while ((len(targets) > 1 and start == at) or not flat) and end > at and found.is_mark(end, ","):
            following = expression_end(found, end + 1, flat)
            if following == end + 1:
                break
            end = following
        if end > at and (value := parsed(found, at, end)) is not None:
            return Statement("assign", found.starts[i], _end_of(found, end), targets, value, column), end
        return None, at
    if not any(found.is_mark(at, "(") for at in range(i + 1, end)):
        return None, end
    for stop in dict.fromkeys((end, operand_end(found, i, flat))):
        value = parsed(found, i, stop) if stop > i + 1 else None
        if value is not None and any(isinstance(node, ast.Call) for node in _spine(value)):
            return Statement("call", found.starts[i], _end_of(found, stop), (), value, column), stop
    return None, i + 1


def _spine(value: ast.expr) -> Iterator[ast.expr]:
    """An expression and what its attributes, items and calls are of."""
    node: ast.expr = value
    while True:
        yield node
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return


def _targets(found: Tokens, i: int) -> tuple[tuple[str, ...], int]:
    """Names that the tokens from i assign to, and the token after ``=``; none if they do not."""
    targets: list[str] = []
    at = i
    while len(targets) < _MOST_TARGETS and found.is_name(at):
        end = at + 1
        while found.is_mark(end, ".") and found.is_name(end + 1) and end - at < _MOST_TARGETS:
            end += 2
        if found.is_mark(end, "[") and found.partners[end] > end:
            end = found.partners[end] + 1
        targets.append(found.text[found.starts[at] : found.ends[end - 1]])
        if found.is_mark(end, "="):
            return tuple(targets), end + 1
        if not found.is_mark(end, ","):
            break
        at = end + 1
    return (), i


def _import(found: Tokens, i: int, column: int | None) -> tuple[Statement | None, int]:
    """``from a.b import c as d, e`` binds d to a.b.c and e to a.b.e: targets, and a tuple of dotted names."""
    module, at = "", i + 1
    if found[i] == "from":
        at, module = _dotted(found, at)
        if not module or not (at < len(found) and found.kinds[at] == NAME and found[at] == "import"):
            return None, i + 1
        at += 1
    pairs: list[tuple[str, str]] = []
    bracket = found.is_mark(at, "(")
    at += bracket
    while len(pairs) < _MOST_TARGETS * 4:
        while bracket and at < len(found) and found.kinds[at] == NEWLINE:
            at += 1
        at, name = _dotted(found, at)
        if not name:
            break
        alias = name if module else name.partition(".")[0]
        whole = f"{module}.{name}" if module else alias
        if at + 1 < len(found) and found.kinds[at] == NAME and found[at] == "as" and found.is_name(at + 1):
            alias, whole, at = found[at + 1], f"{module}.{name}" if module else name, at + 2
        pairs.append((alias, whole))
        if not found.is_mark(at, ","):
            break
        at += 1
    if not pairs:
        return None, i + 1
    value = ast.Tuple([ast.Constant(whole) for _, whole in pairs], ast.Load())
    names = tuple(alias for alias, _ in pairs)
    return Statement("import", found.starts[i], _end_of(found, at), names, value, column), at


def _dotted(found: Tokens, at: int) -> tuple[int, str]:
    start = at
    if not found.is_name(at):
        return at, ""
    at += 1
    while found.is_mark(at, ".") and found.is_name(at + 1) and found.touches(at + 1):
        at += 2
    return at, found.text[found.starts[start] : found.ends[at - 1]]


def _definition(found: Tokens, i: int, column: int | None) -> tuple[Statement | None, int]:
    opening = i + 2
    if not (found.is_mark(opening, "(") and found.partners[opening] > opening):
        return None, i + 1
    closing = found.partners[opening]
    names = [found[i + 1]]
    for at in range(opening + 1, min(closing, opening + 400)):
        if found.is_name(at) and (
            found.is_mark(at - 1, "(") or found.is_mark(at - 1, ",") or found[at - 1] == "*"
        ):
            names.append(found[at])
    return Statement("def", found.starts[i], found.ends[closing], tuple(names), None, column), closing + 1


def _loop(found: Tokens, i: int, column: int | None) -> tuple[Statement | None, int]:
    names: list[str] = []
    at = i + 1
    while at < min(len(found), i + 2 * _MOST_TARGETS):
        if found.is_name(at):
            names.append(found[at])
        elif not (found.is_mark(at, ",") or found.is_mark(at, "(") or found.is_mark(at, ")")):
            break
        at += 1
    if not (at < len(found) and found[at] == "in"):
        return None, i + 1
    end = expression_end(found, at + 1, flat=True)
    if not found.is_mark(end, ":") or (value := parsed(found, at + 1, end)) is None:
        return None, i + 1
    return Statement("for", found.starts[i], _end_of(found, end), tuple(names), value, column), end


def _end_of(found: Tokens, end: int) -> int:
    return found.ends[end - 1]


def _crowded_lines(found: Tokens) -> frozenset[int]:
    """Where the lines begin that hold more than one statement, or prose and code: those where an operand
    follows an operand, as nowhere in Python."""
    crowded: set[int] = set()
    line = 0
    depth = 0
    for i in range(len(found)):
        kind = found.kinds[i]
        if kind == NEWLINE:
            line, depth = found.ends[i], 0
        elif kind == OPEN:
            depth += 1
        elif (
            i
            and kind == NAME
            and not depth
            and found.text[found.starts[i] - 1] in ")]} "
            and line not in crowded
        ):
            follows = found.kinds[i - 1] not in (NEWLINE, OPERATOR, OPEN) and found[i - 1] not in _WORDS
            if follows and found[i] not in _WORDS:
                crowded.add(line)
        elif kind == CLOSE:
            depth = max(depth - 1, 0)
    return frozenset(crowded)
