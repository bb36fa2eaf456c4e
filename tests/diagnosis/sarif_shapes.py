"""What SARIF 2.1.0 requires of the objects that Steelyard writes, after its schema (errata 01).

Of each object the properties that it must have, and the type of each that is used here. The schema allows no
others than it knows; those that it knows and Steelyard does not write are left out, so that writing one more
asks for a look at the standard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any, str], None]


def text(value: Any, place: str) -> None:
    """A string."""
    assert isinstance(value, str), place


def index(value: Any, place: str) -> None:
    """A position in an array, or -1 for none."""
    assert isinstance(value, int) and not isinstance(value, bool) and value >= -1, place


def reference(value: Any, place: str) -> None:
    """A URI or a relative reference: ASCII without blanks (RFC 3986), backslashes and the like escaped."""
    text(value, place)
    assert value.isascii() and not set(value) & set(' "<>\\^`{|}'), place
    urlsplit(value)


def bag(value: Any, place: str) -> None:
    """Any properties; ``tags``, if there are any, are different strings."""
    assert isinstance(value, dict), place
    tags = value.get("tags", [])
    assert isinstance(tags, list) and len(set(tags)) == len(tags), place
    for tag in tags:
        text(tag, place)


def strings(value: Any, place: str) -> None:
    """An object of strings."""
    assert isinstance(value, dict), place
    for name, one in value.items():
        text(one, f"{place}.{name}")


def of(*values: str) -> Check:
    """One of an enumeration."""

    def check(value: Any, place: str) -> None:
        assert value in values, place

    return check


def many(kind: str, *, distinct: bool = False) -> Check:
    """An array of objects, maybe all different."""

    def check(value: Any, place: str) -> None:
        assert isinstance(value, list), place
        for at, one in enumerate(value):
            conforms(one, kind, f"{place}[{at}]")
        assert not distinct or all(one not in value[:at] for at, one in enumerate(value)), place

    return check


def one(kind: str) -> Check:
    """An object."""
    return lambda value, place: conforms(value, kind, place)


def conforms(value: Any, kind: str, place: str = "$") -> None:
    """Fails at the first place that is not as the standard wants it."""
    required, properties = SHAPES[kind]
    assert isinstance(value, dict), place
    assert set(required) <= set(value), f"{place} lacks {set(required) - set(value)}"
    for name, inner in value.items():
        assert name in properties, f"{place}.{name} is not known"
        properties[name](inner, f"{place}.{name}")


LEVEL = of("none", "note", "warning", "error")
SHAPES: Mapping[str, tuple[tuple[str, ...], Mapping[str, Check]]] = MappingProxyType(
    {
        "log": (
            ("version", "runs"),
            {"$schema": reference, "version": of("2.1.0"), "runs": many("run")},
        ),
        "run": (
            ("tool", "results"),
            {
                "tool": one("tool"),
                "columnKind": of("utf16CodeUnits", "unicodeCodePoints"),
                "results": many("result"),
            },
        ),
        "tool": (("driver",), {"driver": one("component")}),
        "component": (
            ("name",),
            {"name": text, "version": text, "rules": many("descriptor", distinct=True)},
        ),
        "descriptor": (
            ("id",),
            {
                "id": text,
                "name": text,
                "shortDescription": one("words"),
                "fullDescription": one("words"),
                "help": one("words"),
                "defaultConfiguration": one("configuration"),
                "properties": bag,
            },
        ),
        "words": (("text",), {"text": text, "markdown": text}),
        "configuration": ((), {"level": LEVEL}),
        "result": (
            ("message",),
            {
                "ruleId": text,
                "ruleIndex": index,
                "level": LEVEL,
                "message": one("words"),
                "locations": many("location"),
                "partialFingerprints": strings,
                "suppressions": many("suppression", distinct=True),
                "properties": bag,
            },
        ),
        "location": (
            (),
            {
                "physicalLocation": one("physical location"),
                "logicalLocations": many("logical location", distinct=True),
            },
        ),
        "physical location": (("artifactLocation",), {"artifactLocation": one("artifact location")}),
        "artifact location": ((), {"uri": reference}),
        "logical location": ((), {"fullyQualifiedName": text, "kind": text}),
        "suppression": (
            ("kind",),
            {
                "kind": of("inSource", "external"),
                "status": of("accepted", "underReview", "rejected"),
                "justification": text,
            },
        ),
    }
)
"""By object, what it must have and what each of its properties is."""
