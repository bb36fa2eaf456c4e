"""The findings that end a training or a search: logs judged, kept as a document, and told in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from steelyard.cli.text import entry
from steelyard.diagnosis.diagnosis import Diagnosis, diagnosis_of
from steelyard.diagnosis.document import diagnosis_from, document_of
from steelyard.diagnosis.text import title, verdict
from steelyard.diagnosis.wording import counted, listed
from steelyard.finding import Finding, Result, Severity, Status
from steelyard.log import Log

Document = Mapping[str, Any]
"""What :func:`~steelyard.diagnosis.document.document_of` gives."""

_WARNINGS = ("warning", "warnings")
"""Evidence that names the warnings about the table by which a rule fired."""


def diagnosed(
    logs: Sequence[Log], folder: Path, warnings: Mapping[str, str] | None, ignored: Collection[str] = ()
) -> dict[str, Any]:
    """The networks of the run in this folder, judged: ``{"networks": [...]}``, a :data:`Document` for each.

    ``warnings`` are those about the table and its split, by code; None if nobody looked. What they lead to is
    ignored for codes that were ``ignored`` by ``--ignore``.
    """
    judged = []
    for log in logs:
        source = str(folder) if len(logs) == 1 else f"{folder}, seed {log.facts.seed}"
        known = replace(log, source=source, facts=replace(log.facts, data_warnings=warnings))
        judged.append(judged_log(known, ignored))
    return {"networks": judged}


def judged_log(
    log: Log, ignored: Collection[str] = (), elsewhere: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """One log, judged, as :data:`Document` has it.

    ``ignored`` as for :func:`diagnosed`; ``elsewhere`` are rules that are not to be told of, with reasons.
    """
    return document_of(_without(diagnosis_of(log, ignore=elsewhere), ignored))


def told(documents: Sequence[Document], label: str = "findings") -> str:
    """The findings, the gravest first, each with what to do, of smells only the names; of several networks
    those of any of them.

    Empty if nothing was judged: the run is of an older Steelyard.
    """
    judged = [diagnosis_from(one) for one in documents]
    return "\n".join(_lines(judged, label)) if judged else ""


def _lines(judged: Sequence[Diagnosis], label: str) -> Iterator[str]:
    found = _together(judged)
    if not found:
        yield entry(label, verdict(min(judged, key=lambda one: one.count(Status.PASSED))))
        return
    grades = Counter(one.finding.severity for one in found)
    amounts = listed([counted(grades[one], one.value) for one in Severity if grades[one]])
    yield entry(label, f"{amounts}; `steelyard explain CODE` says more")
    for one in found:
        finding = one.finding
        if finding.severity is not Severity.SMELL:
            text = f"{_named(one, len(judged))}: {finding.message} {finding.advice}".rstrip()
            yield entry(finding.severity.value, text)
    if smells := [one for one in found if one.finding.severity is Severity.SMELL]:
        yield entry(
            "smell" if len(smells) == 1 else "smells", "; ".join(_named(one, len(judged)) for one in smells)
        )


def _named(one: _Shared, networks: int) -> str:
    some = f" (in {one.networks} of {networks} networks)" if networks > 1 else ""
    return f"{one.finding.code} {title(one.finding.name)}{some}"


@dataclass(frozen=True)
class _Shared:
    """A finding and in how many networks it was made; its numbers are those of the first of them."""

    finding: Finding
    networks: int


def _together(judged: Sequence[Diagnosis]) -> list[_Shared]:
    first: dict[str, Finding] = {}
    networks: dict[str, int] = {}
    for diagnosis in judged:
        for finding in diagnosis.findings:
            known = first.setdefault(finding.code, finding)
            if _grave(finding) < _grave(known):
                first[finding.code] = finding
            networks[finding.code] = networks.get(finding.code, 0) + 1
    return sorted(
        (_Shared(finding, networks[code]) for code, finding in first.items()),
        key=lambda one: (_grave(one.finding), -one.networks),
    )


def _grave(finding: Finding) -> int:
    return list(Severity).index(finding.severity)


def _without(diagnosis: Diagnosis, ignored: Collection[str]) -> Diagnosis:
    """With the rules ignored that fired by nothing but warnings which are."""
    return replace(diagnosis, results=tuple(_ignored(result, ignored) for result in diagnosis.results))


def _ignored(result: Result, ignored: Collection[str]) -> Result:
    finding = result.finding
    if finding is None or result.status is not Status.FIRED:
        return result
    said = [str(finding.evidence[name]) for name in _WARNINGS if name in finding.evidence]
    codes = {code.strip() for text in said for code in text.split(",")}
    if not codes or not codes <= set(ignored):
        return result
    return replace(result, status=Status.IGNORED, reason=f"--ignore {' '.join(sorted(codes))}")
