"""What is new in one diagnosis of a training after another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from textwrap import wrap

from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.diagnosis.text import clean, title
from steelyard.finding import Confidence, Finding, Severity, Status

ONLY_AT_THE_END = frozenset({"OPT301", "OPT303", "OPT304", "OPT306", "REG406"})
"""Rules that judge what a training came to; while it goes on they would say that it has not ended."""

LASTING = 3
"""Judgements in a row that make something more than a passing state of the first epochs."""

_ORDER = tuple(Severity)
_WIDTH = 100


@dataclass(eq=False)
class Bulletin:
    """Remembers what was told, so that each finding is told once.

    A finding is told when :data:`LASTING` judgements in a row have it, a certain error at once; again only if
    it becomes graver. That it no longer holds is told after as many without it.
    """

    _told: dict[str, Finding] = field(default_factory=dict)
    _in_a_row: Counter[str] = field(default_factory=Counter)
    """Judgements that differ from what was told."""

    def news(self, diagnosis: Diagnosis, epoch: int) -> list[str]:
        """Paragraphs about what has changed by the end of an epoch."""
        fired = {one.code: one for one in diagnosis.findings if one.code not in ONLY_AT_THE_END}
        new = {code for code, finding in fired.items() if self._is_news(finding)}
        differing = new | (self._told.keys() - fired.keys())
        self._in_a_row = Counter({code: self._in_a_row[code] + 1 for code in differing})
        said = []
        for code, finding in fired.items():
            if code in new and (self._in_a_row[code] >= LASTING or _is_sure_and_grave(finding)):
                self._told[code] = finding
                del self._in_a_row[code]
                said.append(_found(finding, epoch))
        for code in [code for code in self._told if code not in fired]:
            if self._in_a_row[code] >= LASTING:
                del self._in_a_row[code]
                said.append(_gone(self._told.pop(code), diagnosis, epoch))
        return said

    def _is_news(self, finding: Finding) -> bool:
        known = self._told.get(finding.code)
        return known is None or _ORDER.index(finding.severity) < _ORDER.index(known.severity)


def _is_sure_and_grave(finding: Finding) -> bool:
    return finding.confidence is Confidence.CERTAIN and finding.severity is Severity.ERROR


def _found(finding: Finding, epoch: int) -> str:
    sure = "" if finding.confidence is Confidence.LIKELY else f" ({finding.confidence})"
    lines = [f"epoch {epoch}: {finding.severity} {finding.code} {title(finding.name)}{sure}"]
    lines += wrap(clean(finding.message), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if finding.advice:
        lines += wrap(clean(finding.advice), _WIDTH, initial_indent="  do: ", subsequent_indent="  ")
    return "\n".join(lines)


def _gone(finding: Finding, diagnosis: Diagnosis, epoch: int) -> str:
    result = diagnosis[finding.code]
    how = {
        Status.PASSED: "no longer holds",
        Status.MASKED: "is no longer told by itself",
    }.get(result.status, "can no longer be told")
    why = f": {result.reason}" if result.reason else ""
    text = f"epoch {epoch}: {finding.code} {title(finding.name)} {how}{clean(why)}"
    return "\n".join(wrap(text, _WIDTH, subsequent_indent="  "))
