"""The rule machinery: a rule is a function of signals, and :func:`diagnose` asks them all.

Positional parameters are the signals a rule needs, keyword-only ones its thresholds. It returns what it
found: :class:`Fired`, :class:`Passed`, or :class:`CannotTell` if the signals are there and the numbers still
do not decide. Nothing else registers, describes or configures a rule: thresholds and documentation are read
from the function itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from steelyard.diagnosis.signals import SIGNALS, Signals
from steelyard.errors import SteelyardError, did_you_mean
from steelyard.finding import Confidence, Finding, Result, Severity, Status
from steelyard.recipe import Change

SECTIONS = (
    "How it is detected",
    "When it misleads",
    "Why it matters",
    "What to change",
    "Source",
)
"""Of a rule's docstring, in this order."""


@dataclass(frozen=True)
class Fired:
    """The symptom is there; see :class:`~steelyard.finding.Finding`. ``severity`` replaces the rule's own,
    for the run that shows no harm from a smell."""

    message: str
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)
    epochs: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    advice: str = ""
    settle: str = ""
    confidence: Confidence | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Passed:
    """The symptom is not there; ``reason`` says by which numbers."""

    reason: str = ""


@dataclass(frozen=True)
class CannotTell:
    """The numbers do not decide; ``reason`` says why and what would: "12 positives"."""

    reason: str


Outcome = Fired | Passed | CannotTell


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of the catalogue.

    ``signals`` are its parameters in order, ``needs`` those of them it cannot do without (the others may
    be None); ``thresholds`` its settings with their defaults. ``unless`` are codes that explain this symptom
    away when they fire.
    """

    code: str
    name: str
    family: str
    severity: Severity
    confidence: Confidence
    catalogue: str
    unless: tuple[str, ...]
    function: Callable[..., Outcome]
    signals: tuple[str, ...]
    needs: tuple[str, ...]
    thresholds: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The first line of the docstring, without its full stop."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0].rstrip(".")

    @property
    def sections(self) -> dict[str, str]:
        """The docstring's sections by heading."""
        return _sections(inspect.getdoc(self.function) or "")


def rule(
    code: str,
    *,
    severity: Severity,
    confidence: Confidence = Confidence.LIKELY,
    catalogue: str = "",
    unless: Sequence[str] = (),
) -> Callable[[Callable[..., Outcome]], Rule]:
    """Makes a function a rule. ``catalogue`` names its entry there: ``"C8"``."""

    def make(function: Callable[..., Outcome]) -> Rule:
        signals, needs = [], []
        thresholds = {}
        hints = get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind is parameter.KEYWORD_ONLY:
                thresholds[name] = parameter.default
                continue
            if name not in SIGNALS:
                raise TypeError(
                    f"{code} {function.__name__}: there is no signal {name!r}{did_you_mean(name, SIGNALS)}"
                )
            signals.append(name)
            if type(None) not in get_args(hints[name]):
                needs.append(name)
        return Rule(
            code=code,
            name=function.__name__,
            family=function.__module__.split(".")[-2],
            severity=severity,
            confidence=confidence,
            catalogue=catalogue,
            unless=tuple(unless),
            function=function,
            signals=tuple(signals),
            needs=tuple(needs),
            thresholds=MappingProxyType(thresholds),
        )

    return make


def diagnose(
    signals: Signals,
    catalogue: Sequence[Rule],
    *,
    select: Iterable[str] = (),
    ignore: Mapping[str, str] | Iterable[str] = (),
    settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> tuple[Result, ...]:
    """Exactly one result for every rule of the catalogue that is selected, in its order.

    ``select`` and ``ignore`` are codes or beginnings of codes (``"OPT"``); ``ignore`` may give reasons.
    ``settings`` are thresholds by code.
    """
    selected = tuple(select)
    reasons = dict(ignore) if isinstance(ignore, Mapping) else dict.fromkeys(ignore, "as asked")
    _refuse_unknown([*selected, *reasons], catalogue)
    _refuse_settings(settings, catalogue)
    found = {one.code: _ask(one, signals, settings.get(one.code, {})) for one in catalogue}
    fired = {code for code, result in found.items() if result.status is Status.FIRED}
    results = []
    for one in catalogue:
        if selected and not one.code.startswith(selected):
            continue
        result = found[one.code]
        if reason := next((why for code, why in reasons.items() if one.code.startswith(code)), ""):
            result = replace(result, status=Status.IGNORED, reason=reason)
        elif result.status is Status.FIRED and (by := [code for code in one.unless if code in fired]):
            result = replace(result, status=Status.MASKED, reason=f"explained by {', '.join(by)}")
        results.append(result)
    return tuple(results)


def _ask(one: Rule, signals: Signals, settings: Mapping[str, Any]) -> Result:
    if missing := [name for name in one.needs if getattr(signals, name) is None]:
        lacks = "; ".join(f"{SIGNALS[name][0]} (supply {SIGNALS[name][1]})" for name in missing)
        reason = f"not known: {lacks}"
        return Result(one.code, one.name, Status.NOT_APPLICABLE, reason, missing=tuple(missing))
    outcome = one.function(*(getattr(signals, name) for name in one.signals), **settings)
    if isinstance(outcome, Passed):
        return Result(one.code, one.name, Status.PASSED, outcome.reason)
    if isinstance(outcome, CannotTell):
        return Result(one.code, one.name, Status.NOT_APPLICABLE, f"cannot tell: {outcome.reason}")
    finding = Finding(
        code=one.code,
        name=one.name,
        severity=outcome.severity or one.severity,
        confidence=outcome.confidence or one.confidence,
        message=outcome.message,
        evidence=outcome.evidence,
        epochs=outcome.epochs,
        changes=outcome.changes,
        advice=outcome.advice,
        settle=outcome.settle,
    )
    return Result(one.code, one.name, Status.FIRED, finding=finding)


def _refuse_unknown(codes: Sequence[str], catalogue: Sequence[Rule]) -> None:
    known = [one.code for one in catalogue]
    problems = [
        f"{code!r} is no code of a rule, nor the beginning of one{did_you_mean(code, known)}"
        for code in codes
        if not any(own.startswith(code) for own in known)
    ]
    if problems:
        raise SteelyardError(*problems, help="`steelyard explain` lists all")


def _refuse_settings(settings: Mapping[str, Mapping[str, Any]], catalogue: Sequence[Rule]) -> None:
    """Also where the rule cannot be asked: a slip should not wait for the log that shows it."""
    rules = {one.code: one for one in catalogue}
    problems, help = [], ""
    for code, values in settings.items():
        if code not in rules:
            problems.append(f"{code!r} is no code of a rule{did_you_mean(code, rules)}")
            continue
        known = rules[code].thresholds
        for name, value in values.items():
            if name not in known:
                problems.append(f"{code} has no threshold {name!r}{did_you_mean(name, known)}")
                help = f"{code} has {', '.join(known) or 'none'}"
            elif isinstance(value, str | bool) or not isinstance(value, int | float):
                problems.append(
                    f"{code}.{name} takes a number, as its default {known[name]!r}, not {value!r}"
                )
    if problems:
        raise SteelyardError(*problems, help=help)


def _sections(text: str) -> dict[str, str]:
    """The parts of a docstring under headings that are underlined with dashes."""
    lines = text.splitlines()
    starts = [number for number in range(len(lines) - 1) if lines[number] and set(lines[number + 1]) == {"-"}]
    ends = [*starts[1:], len(lines)]
    return {
        lines[start]: "\n".join(lines[start + 2 : end]).strip()
        for start, end in zip(starts, ends, strict=True)
    }
