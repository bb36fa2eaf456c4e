"""Where an expression ends that stands among prose, and its syntax tree as far as Python can parse it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

import numpy as np

from steelyard.diagnosis.readers.post.tokens import (
    CLOSE,
    NAME,
    NEWLINE,
    NUMBER,
    NUMBERS,
    OPEN,
    OPERATOR,
    OTHER,
    STRING,
    Tokens,
)

_BINARY = frozenset(
    {"+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", ">", "<=", ">=", "|", "&", "^", "@", "<<", ">>"}
)
_BINARY_WORDS = frozenset({"and", "or", "in", "is", "not", "if", "else"})
_UNARY = frozenset({"+", "-", "~", "*", "**"})
_MOST_OPERATORS = 200
_MOST_CHARACTERS = 200_000
"""Of what Python's parser is given: its tree is some twenty times larger."""
_MOST_COMMAS = 5_000
"""In what Python's parser is given as it stands: it makes half a kilobyte of each number."""
_PLACE = "_numbers_in_place_"
_MOST_TOKENS = 20_000
_DEEPEST = 30


def expression_end(found: Tokens, i: int, flat: bool) -> int:
    """The token after the expression that begins with token i; i if none does. On a crowded line words
    are no operators: they are more likely to be prose."""
    end = at = i
    for _ in range(_MOST_OPERATORS):
        at = operand_end(found, at, flat)
        if at < 0:
            return end
        end = at
        if at >= len(found):
            return end
        operator = found[at]
        binary = found.kinds[at] == OPERATOR and operator in _BINARY
        word = not flat and found.kinds[at] == NAME and operator in _BINARY_WORDS
        if not (binary or word):
            return end
        at += 1
    return end


def operand_end(found: Tokens, at: int, flat: bool) -> int:
    """The token after an operand with its attributes, items and calls; -1 if there is none."""
    for _ in range(8):
        if at < len(found) and (
            (found.kinds[at] == OPERATOR and found[at] in _UNARY)
            or (found.kinds[at] == NAME and found[at] in ("not", "await"))
        ):
            at += 1
    if at >= len(found):
        return -1
    kind = found.kinds[at]
    if kind == STRING:
        while at < len(found) and found.kinds[at] == STRING:
            at += 1
        callable_ = False
    elif kind in (NUMBER, NUMBERS):
        at, callable_ = at + 1, False
    elif kind == OPEN and found.partners[at] > at:
        at, callable_ = found.partners[at] + 1, found[at] == "("
    elif found.is_name(at):
        at, callable_ = at + 1, True
    else:
        return -1
    for _ in range(_MOST_OPERATORS):
        if found.is_mark(at, ".") and found.is_name(at + 1):
            at, callable_ = at + 2, True
        elif callable_ and at < len(found) and found.kinds[at] == OPEN and found[at] in "([":
            if found.partners[at] < at or (flat and not found.touches(at)):
                break
            at = found.partners[at] + 1
        elif callable_ and at < len(found) and found.kinds[at] == NUMBERS and found.touches(at):
            at += 1
        else:
            break
    return at


def parsed(found: Tokens, start: int, end: int) -> ast.expr | None:
    """The expression of the tokens from ``start`` to before ``end``; None if Python cannot parse it.

    A call, list or bracket that does not parse as a whole is put together from the arguments that do, as
    when a comment inside it has lost its line end; what does not parse is an ``...`` in it.
    """
    return _parsed(found, start, end, depth=4)


def _parsed(found: Tokens, start: int, end: int, depth: int) -> ast.expr | None:
    if end <= start or end - start > _MOST_TOKENS:
        return None
    source = found.text[found.starts[start] : found.ends[end - 1]]
    if end == start + 1 and found.kinds[start] == NUMBERS and len(source) > _MOST_CHARACTERS:
        return _long_list(source)
    lists: list[ast.expr | None] = []
    if source.count(",") > _MOST_COMMAS:
        source, lists = _without_lists(found, start, end)
        if None in lists:
            return None
    if len(source) <= _MOST_CHARACTERS and _depth(found, start, end) <= _DEEPEST:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in a stranger's strings
            try:
                tree = ast.parse(f"({source}\n)", mode="eval")
                return (_Filled(lists).visit(tree) if lists else tree).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
    return _pieced_together(found, start, end, depth) if depth else None


def _without_lists(found: Tokens, start: int, end: int) -> tuple[str, list[ast.expr | None]]:
    """The source of the tokens with a name in place of each list of numbers, and these lists: None for what
    is none."""
    pieces: list[str] = []
    lists: list[ast.expr | None] = []
    at = found.starts[start]
    for i in range(start, end):
        if found.kinds[i] == NUMBERS:
            pieces += [found.text[at : found.starts[i]], f"{_PLACE}{len(lists)}"]
            lists.append(_long_list(found[i]))
            at = found.ends[i]
    return "".join([*pieces, found.text[at : found.ends[end - 1]]]), lists


class _Filled(ast.NodeTransformer):
    """Puts lists of numbers in the places of their names."""

    def __init__(self, lists: Sequence[ast.expr | None]) -> None:
        self.lists = lists

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The list that a name stands for, or the name."""
        number = node.id.removeprefix(_PLACE)
        if number == node.id or not number.isdecimal() or int(number) >= len(self.lists):
            return node
        return self.lists[int(number)] or node


def _long_list(source: str) -> ast.expr | None:
    """A long list of numbers as a constant, which holds an array in place of a node for each number."""
    try:
        values = [float(word) for word in source[1:-1].replace(",", " ").split()]
    except ValueError:
        return None
    constant = ast.Constant(None)
    constant.value = np.array(values)  # type: ignore[assignment]  # no literal, and only values.py reads it
    return constant


def _pieced_together(found: Tokens, start: int, end: int, depth: int) -> ast.expr | None:
    opening = next(
        (at for at in range(start, end) if found.kinds[at] == OPEN and found.partners[at] == end - 1), None
    )
    if opening is None:
        return None
    function = _parsed(found, start, opening, 0) if opening > start else None
    if opening > start and (function is None or found[opening] != "("):
        return None
    keys: list[ast.expr] = []
    pieces: list[tuple[str | None, ast.expr]] = []
    at = opening + 1
    while at < end - 1:
        stop = at
        while stop < end - 1 and not found.is_mark(stop, ","):
            stop = found.partners[stop] + 1 if found.partners[stop] > stop else stop + 1
        if found[opening] == "{":
            colon = at + 1
            if not (found.kinds[at] == STRING and found.is_mark(colon, ":")):
                return None
            key = _parsed(found, at, colon, 0)
            value = _parsed(found, colon + 1, min(stop, end - 1), depth - 1)
            if isinstance(key, ast.Constant) and value is not None:
                keys.append(key)
                pieces.append((None, value))
        else:
            pieces.append(_piece(found, at, min(stop, end - 1), depth - 1))
        at = stop + 1
    if found[opening] == "{":
        return ast.Dict(list(keys), [value for _, value in pieces])
    if function is not None:
        return ast.Call(
            function,
            [value for name, value in pieces if name is None],
            [ast.keyword(name, value) for name, value in pieces if name is not None],
        )
    return ast.List([value for _, value in pieces], ast.Load())


def _piece(found: Tokens, start: int, end: int, depth: int) -> tuple[str | None, ast.expr]:
    """An argument: its name, if it has one, and its value, from the first token that makes sense."""
    for at in range(start, min(end, start + 12)):
        if found.kinds[at] in (OTHER, NEWLINE):
            continue
        if found.is_name(at) and found.is_mark(at + 1, "="):
            value = _parsed(found, at + 2, end, depth)
            return found[at], ast.Constant(...) if value is None else value
        value = _parsed(found, at, end, depth)
        if value is not None:
            return None, value
    return None, ast.Constant(...)


def _depth(found: Tokens, start: int, end: int) -> int:
    """How deep brackets and chains of operators nest, at most."""
    depth = deepest = chain = 0
    for i in range(start, end):
        kind = found.kinds[i]
        if kind == OPEN:
            depth += 1
        elif kind == CLOSE:
            depth -= 1
        chain = chain + 1 if kind == OPERATOR and found[i] not in ",:=" else 0
        deepest = max(deepest, depth, chain)
        if deepest > _DEEPEST:
            break
    return deepest
