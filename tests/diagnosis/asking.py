"""What one rule says of some signals."""

from __future__ import annotations

from typing import Any

from steelyard.diagnosis.rule import Rule, diagnose
from steelyard.finding import Finding, Result, Status
from steelyard.recipe import Recipe, apply
from tests.diagnosis.signals import signals


def ask(rule: Rule, settings: dict[str, Any] | None = None, **fields: Any) -> Result:
    """The one result of one rule."""
    (result,) = diagnose(signals(**fields), [rule], settings={rule.code: settings or {}})
    return result


def fired(rule: Rule, settings: dict[str, Any] | None = None, **fields: Any) -> Finding:
    """The finding of a rule that has to fire, and whose changes have to be such as a recipe can take."""
    result = ask(rule, settings, **fields)
    assert result.status is Status.FIRED, result
    assert result.finding is not None
    for change in result.finding.changes:
        apply(Recipe(), change)
    return result.finding


def passed(rule: Rule, settings: dict[str, Any] | None = None, **fields: Any) -> str:
    """The reason of a rule that has to pass."""
    result = ask(rule, settings, **fields)
    assert result.status is Status.PASSED, result
    return result.reason


def not_applicable(rule: Rule, settings: dict[str, Any] | None = None, **fields: Any) -> str:
    """The reason of a rule that cannot be asked, or cannot tell."""
    result = ask(rule, settings, **fields)
    assert result.status is Status.NOT_APPLICABLE, result
    return result.reason
