"""Names of a package that are loaded when they are first used, from the modules that they live in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def loaded(package: str, homes: Mapping[str, str], name: str, within: str | None = None) -> Any:
    """What ``package`` calls ``name``; from then on the package has it itself.

    ``homes`` has the module of each name, within ``within`` (by default the package).
    :class:`AttributeError` for any other name, as Python says it of a module.
    """
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value = getattr(import_module(f"{within or package}.{homes[name]}"), name)
    setattr(sys.modules[package], name, value)
    return value
