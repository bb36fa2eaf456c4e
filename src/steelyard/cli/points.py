"""Points of a space as people read them: short names for paths, short words for values."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from steelyard.tuning.space.paths import recipe_path

_NOT_ALONE = ("length", "name", "layer")
"""Last steps of a path that say nothing without the one before, as numbers do."""


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """The shortest ending of each path that no other path has, and that says something.

    >>> short_names(["network.dropout", "optimizer.name", "loss.name", "optimizer.learning_rate.sgd"])
    {'network.dropout': 'dropout', 'optimizer.name': 'optimizer.name', 'loss.name': 'loss.name',
     'optimizer.learning_rate.sgd': 'learning_rate.sgd'}
    """
    short = {}
    for path in paths:
        steps = path.split(".")
        alone = steps[-1] not in _NOT_ALONE and not steps[-1].isdigit() and recipe_path(path) == path
        least = 1 if alone else 2
        endings = [".".join(steps[-count:]) for count in range(least, len(steps) + 1)]
        others = [f".{other}" for other in paths if other != path]
        short[path] = next(
            (ending for ending in endings if not any(other.endswith(f".{ending}") for other in others)), path
        )
    return short


def folded(paths: Sequence[str]) -> list[str]:
    """The paths in their order, with the length of a list and its elements as one, the list, and likewise
    parameters for the same value.

    >>> folded(["network.hidden_units.length", "network.hidden_units.0", "network.dropout"])
    ['network.hidden_units', 'network.dropout']
    >>> folded(["optimizer.learning_rate.sgd", "optimizer.learning_rate.adaptive"])
    ['optimizer.learning_rate']
    """
    return list(dict.fromkeys(_list_of(path, paths) or recipe_path(path) for path in paths))


def folded_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """A point with its values by the paths of :func:`folded`.

    >>> folded_point({"hidden_units.length": 2, "hidden_units.0": 8, "hidden_units.1": 4, "dropout": 0.0})
    {'hidden_units': [8, 4], 'dropout': 0.0}
    """
    values: dict[str, Any] = {}
    for path, value in point.items():
        whole = _list_of(path, list(point))
        if whole is None:
            values[recipe_path(path)] = value
        elif path.endswith(".length"):
            values[whole] = [point.get(f"{whole}.{place}", "...") for place in range(value)]
    return values


def _list_of(path: str, paths: Collection[str]) -> str | None:
    """The list that a path is an element or the length of, if its length is among the paths."""
    whole, _, last = path.rpartition(".")
    return whole if (last == "length" or last.isdigit()) and f"{whole}.length" in paths else None


def shown(value: Any) -> str:
    """One value of a point.

    >>> shown(0.00123456), shown([64, 32]), shown("relu"), shown(None), shown({"name": "adam", "beta_1": 0.9})
    ('0.00123', '64, 32', 'relu', 'off', 'adam beta_1=0.9')
    """
    match value:
        case None:
            return "off"
        case bool():
            return json.dumps(value)
        case float():
            return f"{value:.3g}"
        case Mapping():
            tags = [shown(value[tag]) for tag in ("name", "layer") if tag in value]
            rest = [f"{key}={shown(one)}" for key, one in value.items() if key not in ("name", "layer")]
            return " ".join([*tags, *rest])
        case list() | tuple():
            return ", ".join(map(shown, value)) or "none"
        case _:
            return str(value)


def told(point: Mapping[str, Any]) -> str:
    """A whole point in a line.

    >>> told({"optimizer.learning_rate": 0.001, "network.hidden_units": [64, 32]})
    'learning_rate=0.001, hidden_units=[64, 32]'
    """
    values = folded_point(point)
    names = short_names(list(values))
    parts = []
    for path, value in values.items():
        text = f"[{shown(value)}]" if isinstance(value, list | tuple) else shown(value)
        parts.append(f"{names[path]}={text}")
    return ", ".join(parts)
