"""Facts while they are gathered, each with where it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from steelyard.log import Facts


class FactSheet:
    """Facts by name. The first that is put stays: what is surer is put first."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._origins: dict[str, str] = {}

    def put(self, name: str, value: Any, origin: str) -> None:
        """Notes a fact unless it is None or known already."""
        if name not in _NAMES:
            raise KeyError(name)
        if value is not None and name not in self._values:
            self._values[name] = value
            self._origins[name] = origin

    def __getitem__(self, name: str) -> Any:
        """The fact, None if it is not known."""
        return self._values.get(name)

    def origin(self, name: str) -> str:
        """Where it was found."""
        return self._origins.get(name, "")

    @property
    def facts(self) -> Facts:
        """All of them."""
        values: Mapping[str, Any] = self._values
        return Facts(**values, origins=MappingProxyType(dict(self._origins)))


_NAMES = frozenset(one.name for one in fields(Facts)) - {"origins"}
