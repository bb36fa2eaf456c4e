"""What the names of a program stand for at a place in it.

Statements in the body of a function are read where they stand, with its parameters as names of which
nothing is known.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from steelyard.diagnosis.readers.post.program import Network
from steelyard.diagnosis.readers.post.statements import Statement
from steelyard.diagnosis.readers.post.values import ABSENT, UNKNOWN, Item, Name, Operation, ancestry


@dataclass
class _Function:
    name: str
    column: int | None
    outside: dict[str, Any]
    """Values that its parameters' names have outside of it."""


class Scope:
    """Variables, the functions that are open, and what functions return."""

    def __init__(self) -> None:
        """Before the first statement."""
        self.variables: dict[str, Any] = {}
        self.modules: set[str] = set()
        """All that were imported."""
        self._returns: dict[str, Network] = {}
        self._open: list[_Function] = []
        self._loops: list[int] = []

    @property
    def function(self) -> str:
        """The function that is read; empty outside of all."""
        return self._open[-1].name if self._open else ""

    @property
    def loops(self) -> int:
        """How many ``for`` a statement is inside of, as far as indentation tells."""
        return len(self._loops)

    def returned(self, function: str) -> Network | None:
        """The network that a function builds, if that is known."""
        return self._returns.get(function)

    def close(self, column: int | None) -> None:
        """Ends the functions and loops that a statement in this column is no part of."""
        if column is None:
            return
        while self._loops and column <= self._loops[-1]:
            self._loops.pop()
        while self._open and self._open[-1].column is not None and column <= self._open[-1].column:
            self._leave()

    def enter(self, statement: Statement) -> None:
        """Begins the function that a ``def`` names."""
        name, *parameters = statement.targets
        outside = {one: self.variables.get(one, ABSENT) for one in parameters}
        self._open.append(_Function(name, statement.column, outside))
        self.variables.update({one: Name(one) for one in parameters})

    def leave(self, statement: Statement, value: Any) -> None:
        """Keeps the network that a ``return`` gives; where lines are lost, the function ends there."""
        if not self._open:
            return
        for one in ancestry(value, most=50):
            if isinstance(one, Network):
                self._returns[self._open[-1].name] = one
                break
        if statement.column is None:
            self._leave()

    def bring(self, statement: Statement) -> None:
        """The modules and names of an ``import``."""
        assert isinstance(statement.value, ast.Tuple)
        for target, node in zip(statement.targets, statement.value.elts, strict=True):
            assert isinstance(node, ast.Constant)
            self.modules.add(str(node.value))
            if target != node.value:
                self.variables[target] = Name(str(node.value))

    def assign(self, statement: Statement, value: Any) -> None:
        """Gives the value, or its parts, to the names that an assignment or a ``for`` has."""
        targets = statement.targets
        if statement.kind == "for":
            value = Item(value, UNKNOWN)
            if statement.column is not None:
                self._loops.append(statement.column)
        if len(targets) > 1 and isinstance(value, list | tuple) and len(value) == len(targets):
            values = list(value)
        elif len(targets) > 1:
            values = [Item(value, i) for i in range(len(targets))]
        else:
            values = [value]
        for target, one in zip(targets, values, strict=True):
            base, bracket, _ = target.partition("[")
            if bracket:  # a part of it is replaced
                one = Operation("update", (self.variables.get(base, Name(base)), one))
            self.variables[base] = one

    def _leave(self) -> None:
        for name, value in self._open.pop().outside.items():
            if value is ABSENT:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value
