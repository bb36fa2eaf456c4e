"""A diagnosis as a plain document: what ``--json`` prints and a run folder keeps.

JSON as the standard has it: a number that is none (NaN, infinity) becomes null, and comes back as NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.diagnosis.answers import Answer
from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.errors import DataError
from steelyard.finding import Confidence, Finding, Result, Severity, Status
from steelyard.recipe import Change

FORMAT = 1
"""Raised when a reader of an older document would misunderstand a newer one."""


def document_of(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis in numbers, texts, lists and dictionaries only.

    ``findings`` are those of the rules that fired, the gravest first. ``results`` holds what became of every
    rule that was asked, in the order of the catalogue; its ``finding`` is null unless the rule found
    something, also where that is ``masked`` or ``ignored``.
    """
    return {
        "format_version": FORMAT,
        "source": diagnosis.source,
        "format": diagnosis.format,
        "counts": {one.value: sum(f.severity is one for f in diagnosis.findings) for one in Severity},
        "answers": [
            {"question": answer.question, "answer": answer.answer, "codes": list(answer.codes)}
            for answer in diagnosis.answers
        ],
        "findings": [_of_finding(finding) for finding in diagnosis.findings],
        "results": [_of_result(result) for result in diagnosis.results],
        "notes": list(diagnosis.notes),
    }


def diagnosis_from(document: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis that :func:`document_of` wrote.

    :class:`~steelyard.errors.DataError` if the document is none, or of a newer Steelyard.
    """
    version = document.get("format_version")
    if version != FORMAT:
        raise DataError(
            f"this document has format_version {version!r}; diagnoses that can be read here have {FORMAT}",
            help="it is no diagnosis, or was written by a newer Steelyard: diagnose the log again",
        )
    try:
        return Diagnosis(
            source=str(document["source"]),
            format=str(document["format"]),
            results=tuple(_result(one) for one in document["results"]),
            answers=tuple(
                Answer(str(one["question"]), str(one["answer"]), tuple(map(str, one["codes"])))
                for one in document["answers"]
            ),
            notes=tuple(map(str, document["notes"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"this document is no whole diagnosis: {type(error).__name__}: {error}",
            help="it was changed or cut: diagnose the log again",
        ) from error


def _of_result(result: Result) -> dict[str, Any]:
    return {
        "code": result.code,
        "name": result.name,
        "status": result.status.value,
        "reason": result.reason,
        "missing": list(result.missing),
        "finding": None if result.finding is None else _of_finding(result.finding),
    }


def _of_finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "evidence": {name: plain(value) for name, value in finding.evidence.items()},
        "epochs": [int(epoch) for epoch in finding.epochs],
        "changes": [
            {"path": change.path, "value": plain(change.value), "risk": change.risk}
            for change in finding.changes
        ],
        "advice": finding.advice,
        "settle": finding.settle,
    }


def plain(value: Any) -> Any:
    """A value as JSON can hold it: numbers of numpy as Python's own, NaN and infinity as None.

    >>> plain(np.float64(0.5)), plain(math.inf), plain((1, "a"))
    (0.5, None, [1, 'a'])
    """
    match value:
        case np.generic():
            return plain(value.item())
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case str():
            return str(value)  # an enumeration's, as its text
        case Sequence() | np.ndarray():
            return [plain(one) for one in value]
    return value


def _result(document: Mapping[str, Any]) -> Result:
    finding = document["finding"]
    return Result(
        code=str(document["code"]),
        name=str(document["name"]),
        status=Status(document["status"]),
        reason=str(document["reason"]),
        finding=None if finding is None else _finding(finding),
        missing=tuple(map(str, document["missing"])),
    )


def _finding(document: Mapping[str, Any]) -> Finding:
    evidence = {name: math.nan if value is None else value for name, value in document["evidence"].items()}
    return Finding(
        code=str(document["code"]),
        name=str(document["name"]),
        severity=Severity(document["severity"]),
        confidence=Confidence(document["confidence"]),
        message=str(document["message"]),
        evidence=evidence,
        epochs=tuple(int(epoch) for epoch in document["epochs"]),
        changes=tuple(Change(one["path"], one["value"], one["risk"]) for one in document["changes"]),
        advice=str(document["advice"]),
        settle=str(document["settle"]),
    )
