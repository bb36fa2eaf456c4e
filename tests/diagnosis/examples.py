"""The example of a rule: the first finding that the tests of its file see."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from unittest.mock import patch

from steelyard.diagnosis.rule import Rule
from steelyard.finding import Finding
from tests.diagnosis import asking

Asking = Callable[..., Finding]


def module_of(rule: Rule) -> str:
    """The module that tests a rule, whether it is there or not."""
    return f"tests.diagnosis.rules.{rule.family}.test_{rule.name}"


def example(rule: Rule) -> Finding | None:
    """What the first test without parameters sees that makes the rule fire; None if none does.

    It is what the pages of docs/rules show, so that no example is typed there and each is asserted here.
    """
    module = importlib.import_module(module_of(rule))
    if not hasattr(module, "fired"):
        return None
    found: list[Finding] = []
    with patch.object(module, "fired", _listening(asking.fired, rule, found)):
        for test in _plain_tests(module):
            test()
            if found:
                return found[0]
    return None


def _listening(fired: Asking, rule: Rule, found: list[Finding]) -> Asking:
    def heard(asked: Rule, *args: object, **fields: object) -> Finding:
        finding = fired(asked, *args, **fields)
        if asked is rule:
            found.append(finding)
        return finding

    return heard


def _plain_tests(module: ModuleType) -> Iterator[Callable[[], None]]:
    for name, test in list(vars(module).items()):
        if name.startswith("test_") and inspect.isfunction(test) and not inspect.signature(test).parameters:
            yield test
