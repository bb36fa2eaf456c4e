"""A space as a TOML document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from steelyard.study.space import Choice, Parameter, Space
from steelyard.tuning.space.parameters import as_whole

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def space_to_toml(space: Space) -> str:
    """The space as a TOML document, a table for each parameter.

    >>> from steelyard.study import Choice, Range, Space
    >>> print(space_to_toml(Space(parameters=[
    ...     Choice(path="optimizer.name", values=["adam", "sgd"]),
    ...     Range(path="optimizer.momentum", low=0, high=0.9, when={"optimizer.name": "sgd"}),
    ... ])))
    [optimizer.name]
    values = ["adam", "sgd"]
    <BLANKLINE>
    [optimizer.momentum]
    low = 0.0
    high = 0.9
    when = { "optimizer.name" = ["sgd"] }
    <BLANKLINE>
    """
    nested = _in_nested_order(space)
    # in quotes, so that they have no part in the order of the tables
    fixed = "".join(f"{_text(path)} = {_inline(value)}\n" for path, value in space.fixed.items())
    tables = [f"[{_header(one.path, nested)}]\n{_lines(_table(one))}" for one in space.parameters]
    return "\n".join([fixed, *tables] if fixed else tables)


def _table(parameter: Parameter) -> dict[str, Any]:
    table: dict[str, Any]
    if isinstance(parameter, Choice):
        table = {"values": list(parameter.values)}
    else:
        table = parameter.model_dump(exclude={"path", "when"}, exclude_defaults=True)
        if parameter.whole and as_whole(parameter.model_copy(update={"whole": False})) == parameter:
            del table["whole"]
    if parameter.when:
        table["when"] = {path: list(values) for path, values in parameter.when.items()}
    return table


def _header(path: str, nested: bool) -> str:
    """Tables in tables, or, if those would lose the order, tables with dotted names."""
    return ".".join(_key(step) for step in path.split(".")) if nested else _key(path)


def _in_nested_order(space: Space) -> bool:
    """Do tables in tables come back in the order in which they are written?"""
    tree: dict[str, Any] = {}
    paths = [parameter.path for parameter in space.parameters]
    for path in paths:
        here = tree
        for step in path.split("."):
            here = here.setdefault(step, {})
    return _leaves(tree) == paths


def _leaves(tree: Mapping[str, Any], above: str = "") -> list[str]:
    if not tree:
        return [above]
    return [
        leaf for key, below in tree.items() for leaf in _leaves(below, f"{above}.{key}" if above else key)
    ]


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_inline(value)}\n" for key, value in table.items())


def _inline(value: Any) -> str:
    """A value on one line; tomli_w would give tables inside it a header of their own."""
    if isinstance(value, Mapping):
        content = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items())
        return f"{{ {content} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _text(text)


def _text(text: str) -> str:
    """JSON's strings are TOML's, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
