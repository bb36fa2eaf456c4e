"""A log judged: what every rule of the catalogue says of it, and the questions of its reader answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.answers import Answer, answers_of
from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.deriving.both_classes import without_both_classes
from steelyard.diagnosis.deriving.percent import without_percent
from steelyard.diagnosis.door import Door
from steelyard.diagnosis.html import html_of
from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.text import text_of
from steelyard.finding import Finding, Result, Severity, Status
from steelyard.log import Log

_ORDER = tuple(Severity)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What is known of one run or one search.

    ``results`` holds one result for every rule that was asked, in the order of the catalogue; ``answers``
    what people ask of a loss curve ("Is it overfitting?"), each with its numbers; ``notes`` what had to be
    assumed, skipped or repaired when the log was read.
    """

    source: str
    """File, and place in it, for people."""
    format: str
    """Which reader read it: ``keras history``, ``tensorboard``, ``steelyard``, ..."""
    results: tuple[Result, ...]
    answers: tuple[Answer, ...] = ()
    notes: tuple[str, ...] = ()
    door: Door = Door.COMMAND
    """Where it was asked for: the sentences name flags, or arguments of :func:`steelyard.diagnose`."""

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Of the rules that fired: the gravest first, then in the order of the catalogue."""
        fired = [result.finding for result in self.results if result.status is Status.FIRED]
        found = [finding for finding in fired if finding is not None]
        return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))

    def count(self, status: Status) -> int:
        """Of how many rules that became."""
        return sum(result.status is status for result in self.results)

    def __getitem__(self, code: str) -> Result:
        """The result of the rule with that code."""
        for result in self.results:
            if result.code == code:
                return result
        raise KeyError(code)

    def __str__(self) -> str:
        return text_of(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return html_of(self)


def diagnosis_of(
    log: Log,
    *,
    twin: Log | None = None,
    select: Sequence[str] = (),
    ignore: Mapping[str, str] | Iterable[str] = (),
    settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    door: Door = Door.COMMAND,
) -> Diagnosis:
    """Judges a log by all rules; the arguments are those of :func:`~steelyard.diagnosis.rule.diagnose`.

    ``twin`` is the log of the same run, with the same seed, without callbacks that look into it. ``door`` is
    where it was asked for, by which sentences name flags or arguments.
    Answers are given from all rules, also where only some are selected to be told of.
    """
    # A log may hold 1e308 and 5e-324. What then overflows is infinite, which every comparison allows for.
    with np.errstate(all="ignore"):
        return _said_at(door, _judged(log, twin, select, ignore, settings))


def _judged(
    log: Log,
    twin: Log | None,
    select: Sequence[str],
    ignore: Mapping[str, str] | Iterable[str],
    settings: Mapping[str, Mapping[str, Any]],
) -> Diagnosis:
    log = without_both_classes(without_percent(log))
    signals = signals_from(log)
    if twin is not None:
        signals = replace(signals, twin_train_loss=signals_from(twin).train_loss_logged)
    everything = diagnose(signals, CATALOGUE, settings=settings)
    results = (
        diagnose(signals, CATALOGUE, select=select, ignore=ignore, settings=settings)
        if select or ignore
        else everything
    )
    return Diagnosis(
        source=log.source,
        format=log.format,
        results=results,
        answers=answers_of(signals, everything),
        notes=log.notes,
    )


def _said_at(door: Door, diagnosis: Diagnosis) -> Diagnosis:
    if door is Door.COMMAND:
        return diagnosis
    return replace(
        diagnosis,
        results=tuple(_result_at(door, one) for one in diagnosis.results),
        answers=tuple(replace(one, answer=door.words(one.answer)) for one in diagnosis.answers),
        door=door,
    )


def _result_at(door: Door, result: Result) -> Result:
    finding = result.finding
    if finding is not None:
        finding = replace(finding, settle=door.words(finding.settle))
    return replace(result, reason=door.words(result.reason), finding=finding)


def worst(diagnoses: Iterable[Diagnosis]) -> Severity | None:
    """The gravest severity among all findings; None if there are none."""
    found = {finding.severity for diagnosis in diagnoses for finding in diagnosis.findings}
    return next((severity for severity in _ORDER if severity in found), None)
