"""Diagnoses as SARIF 2.1.0, the form in which code hosts and editors take the findings of any checker."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.diagnosis.document import plain
from steelyard.diagnosis.rule import Rule
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.finding import Confidence, Finding, Result, Severity, Status

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.SMELL: "note"}
_PRECISION = {
    Confidence.CERTAIN: "very-high",
    Confidence.LIKELY: "high",
    Confidence.POSSIBLE: "medium",
}
"""How GitHub calls it, which orders what it shows by it."""


def sarif_of(diagnoses: Iterable[tuple[Path, Diagnosis]], *, version: str) -> dict[str, Any]:
    """One SARIF log with one run, as plain JSON.

    Args:
        diagnoses: Each with the file or folder that was read, as it was given: a relative path becomes a
            relative URI, for which the reader of the SARIF log knows the root.
        version: Of Steelyard.

    A rule that fired is a result; one whose finding was ignored too, marked as suppressed. Rules that are
    masked, passed or were not applicable are none. The whole catalogue stands under ``tool.driver.rules``.
    """
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "steelyard",
                        "version": version,
                        "rules": [_descriptor(rule) for rule in CATALOGUE],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [one for path, diagnosis in diagnoses for one in _results(path, diagnosis)],
            }
        ],
    }


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("_")),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": _flowing(rule.sections.get("How it is detected", rule.title))},
        "help": {
            "text": "\n\n".join(f"{name}\n{text}" for name, text in rule.sections.items()),
            "markdown": "\n\n".join(f"## {name}\n\n{text}" for name, text in rule.sections.items()),
        },
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {"precision": _PRECISION[rule.confidence], "tags": [rule.family]},
    }


def _results(path: Path, diagnosis: Diagnosis) -> Iterator[dict[str, Any]]:
    codes = [rule.code for rule in CATALOGUE]
    for result in diagnosis.results:
        if result.finding is None or result.status not in (Status.FIRED, Status.IGNORED):
            continue
        yield {
            "ruleId": result.code,
            **({"ruleIndex": codes.index(result.code)} if result.code in codes else {}),
            "level": _LEVEL[result.finding.severity],
            "message": {"text": _message(result.finding)},
            "locations": [_location(path, diagnosis.source)],
            "partialFingerprints": {"rule/v1": f"{result.code}:{diagnosis.source}"},
            "properties": _properties(result.finding),
            **({"suppressions": [_suppression(result)]} if result.status is Status.IGNORED else {}),
        }


def _message(finding: Finding) -> str:
    return " ".join(filter(None, (finding.message, finding.advice)))


def _location(path: Path, source: str) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(path)}},
        "logicalLocations": [{"fullyQualifiedName": source, "kind": "resource"}],
    }


def _uri(path: Path) -> str:
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def _properties(finding: Finding) -> dict[str, Any]:
    return {
        "confidence": finding.confidence.value,
        "evidence": {name: plain(value) for name, value in finding.evidence.items()},
        "epochs": [int(epoch) for epoch in finding.epochs],
        "changes": [str(change) for change in finding.changes],
        "settle": finding.settle,
    }


def _suppression(result: Result) -> dict[str, Any]:
    return {"kind": "external", "status": "accepted", "justification": result.reason}


def _flowing(text: str) -> str:
    return " ".join(text.split())
