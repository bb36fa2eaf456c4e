"""What should be changed first?"""

from __future__ import annotations

from steelyard.diagnosis.answers.answer import Answer, Case
from steelyard.diagnosis.lacking import lacking
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Finding, Severity, Status

QUESTION = "What should be changed first?"
_MOST = 5
_SMELLS = 3
_SEVERITIES, _CONFIDENCES = tuple(Severity), tuple(Confidence)
_FAMILIES = {one.code: one.family for one in CATALOGUE}


def first_changes(case: Case) -> Answer:
    """The advice of the gravest and surest findings; what only says how to read the curves comes last."""
    fired = [
        result.finding
        for result in case.results.values()
        if result.status is Status.FIRED and result.finding is not None
    ]
    ordered = _distinct(sorted((one for one in fired if one.advice), key=_rank))
    grave = [one for one in ordered if one.severity is not Severity.SMELL][:_MOST]
    smells = [one for one in ordered if one.severity is Severity.SMELL][:_SMELLS]
    if not fired:
        return Answer(QUESTION, _nothing(case))
    codes = tuple(one.code for one in (*grave, *smells))
    if not grave:
        return Answer(
            QUESTION,
            f"Nothing has to be. What often goes wrong elsewhere is here too: {_list(smells)}",
            codes,
        )
    text = _list(grave)
    if len(grave) > 1:
        text = f"One thing at a time, in this order: {text}"
    if smells:
        text += f" After that: {_list(smells)}"
    return Answer(QUESTION, text, codes)


def _rank(finding: Finding) -> tuple[int, bool, bool, int]:
    return (
        _SEVERITIES.index(finding.severity),
        _FAMILIES.get(finding.code) == "comparability",
        finding.severity is Severity.SMELL and not finding.changes,
        _CONFIDENCES.index(finding.confidence),
    )


def _distinct(findings: list[Finding]) -> list[Finding]:
    """Without those whose advice was given already."""
    return list({finding.advice: finding for finding in reversed(findings)}.values())[::-1]


def _list(findings: list[Finding]) -> str:
    if len(findings) == 1:
        return f"{_advice(findings[0])}"
    return " ".join(f"({place}) {_advice(one)}" for place, one in enumerate(findings, 1))


def _advice(finding: Finding) -> str:
    return f"{finding.advice.rstrip('.')} ({finding.code})."


def _nothing(case: Case) -> str:
    passed = sum(result.status is Status.PASSED for result in case.results.values())
    silent = sum(result.status is Status.NOT_APPLICABLE for result in case.results.values())
    text = f"Nothing: {counted(passed, 'rule')} could judge this log, and none found a fault."
    if not silent:
        return text
    helpful = lacking(tuple(case.results.values()))[:2]
    wanted = "; ".join(f"{lack.how} (for {counted(len(lack.codes), 'rule')})" for lack in helpful)
    return f"{text} {counted(silent, 'other')} could not" + (
        f", most of all for want of: {wanted}." if wanted else "."
    )
