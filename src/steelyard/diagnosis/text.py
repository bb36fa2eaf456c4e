"""A diagnosis as text: what people read in a terminal, a log or a notebook without pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from steelyard.diagnosis.lacking import Lack, lacking
from steelyard.diagnosis.wording import counted, listed
from steelyard.finding import Confidence, Finding, Result, Severity, Status

if TYPE_CHECKING:
    from steelyard.diagnosis.answers import Answer
    from steelyard.diagnosis.diagnosis import Diagnosis

NARROWEST = 40
"""Columns below which lines are no longer broken."""

_RED, _YELLOW, _BLUE, _GREEN, _BOLD, _DIM = "31;1", "33;1", "34;1", "32;1", "1", "2"
_SEVERITY = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW, Severity.SMELL: _BLUE}
_STATUS = {Status.FIRED: _YELLOW, Status.PASSED: _GREEN}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MOST_LACKS = 4
_MOST_RANGES = 4


def text_of(
    diagnosis: Diagnosis, *, width: int = 100, colour: bool = False, all_results: bool = False
) -> str:
    """The questions answered, the findings from the gravest on, and what the log left open.

    Args:
        diagnosis: What to show.
        width: Columns of a line; words longer than that stay whole. From 40.
        colour: With the escape sequences of a terminal.
        all_results: Also the rules that did not fire, with the reason of each.
    """
    page = _Page(max(width, NARROWEST), colour)
    blocks = [
        page.heading(f"{clean(diagnosis.source)} ({clean(diagnosis.format)}): {verdict(diagnosis)}"),
        *(_answer(page, answer) for answer in diagnosis.answers),
        *(_finding(page, finding) for finding in diagnosis.findings),
        _remarks(page, diagnosis),
    ]
    if all_results:
        others = [result for result in diagnosis.results if result.status is not Status.FIRED]
        blocks.append("\n".join(_other(page, result) for result in others))
    return "\n\n".join(block for block in blocks if block)


def verdict(diagnosis: Diagnosis) -> str:
    """How much was found, as a clause with a full stop: ``3 errors, 1 warning and 2 smells.``

    Where nothing was found it says whether that means anything: of a poor log few rules can be asked.
    """
    if diagnosis.findings:
        return f"{amounts(diagnosis.findings)}."
    passed, open_ = diagnosis.count(Status.PASSED), diagnosis.count(Status.NOT_APPLICABLE)
    if not passed:
        return "nothing can be said: no rule knows enough to judge this log."
    rest = f"; {open_:,} {'knows' if open_ == 1 else 'know'} too little to say" if open_ else ""
    who = "the one rule that could judge finds" if passed == 1 else f"{passed:,} rules looked and find"
    return f"nothing is wrong as far as this log tells: {who} no fault{rest}."


def amounts(findings: Sequence[Finding]) -> str:
    """How many there are of each severity: ``3 errors, 1 warning and 2 smells``; empty if there are none."""
    found = Counter(finding.severity for finding in findings)
    return listed([counted(found[one], one.value) for one in Severity if found[one]])


def tally(diagnosis: Diagnosis) -> str:
    """What became of the rules: ``88 rules: 13 fired, 36 passed, 38 not applicable, 1 masked``."""
    parts = [f"{amount:,} {status}" for status in Status if (amount := diagnosis.count(status))]
    return f"{counted(len(diagnosis.results), 'rule')}: {', '.join(parts) or 'none asked'}"


def epochs_in_words(epochs: Sequence[int]) -> str:
    """Epochs as ranges; of many ranges the first ones.

    >>> epochs_in_words([3, 4, 5, 9]), epochs_in_words([7])
    ('epochs 3 to 5 and 9', 'epoch 7')
    """
    ranges: list[list[int]] = []
    for epoch in sorted(set(epochs)):
        if ranges and epoch == ranges[-1][1] + 1:
            ranges[-1][1] = epoch
        else:
            ranges.append([epoch, epoch])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in ranges]
    return f"{'epoch' if len(set(epochs)) == 1 else 'epochs'} {listed(words, _MOST_RANGES)}"


def clean(text: str) -> str:
    """Without control characters, which could move the cursor of a terminal: names come from foreign files.

    >>> clean("a\\x1b[2Jb")
    'a?[2Jb'
    """
    return _CONTROL.sub("?", text)


class _Page:
    """Breaks lines, and colours words where that is wanted."""

    def __init__(self, width: int, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour and text else text

    def headed(self, said: str, style: str, name: str) -> str:
        """What it is, and its name; ``said`` fits into a line."""
        first, *rest = self.wrapped(f"{said} {name}", 0).splitlines()
        first = self.styled(said, style) + self.styled(first.removeprefix(said), _BOLD)
        return "\n".join([first, *(self.styled(line, _BOLD) for line in rest)])

    def heading(self, text: str) -> str:
        return "\n".join(self.styled(line, _BOLD) for line in self.wrapped(text).splitlines())

    def wrapped(self, text: str, indent: int = 0, label: str = "") -> str:
        """A paragraph; ``label`` stands in the indentation of its first line."""
        lines = wrap(text, self._width - indent, break_long_words=False, break_on_hyphens=False) or [""]
        first = self.styled(label, _DIM) + " " * (indent - len(label))
        return "\n".join([first + lines[0], *(" " * indent + line for line in lines[1:])])


def _answer(page: _Page, answer: Answer) -> str:
    return f"{page.styled(answer.question, _BOLD)}\n{page.wrapped(clean(answer.answer), 2)}"


def _finding(page: _Page, finding: Finding) -> str:
    said = f"{finding.severity} {finding.code}"
    sure = "" if finding.confidence is Confidence.LIKELY else f" ({finding.confidence})"
    return "\n".join(
        [
            page.headed(said, _SEVERITY[finding.severity], f"{title(finding.name)}{sure}"),
            page.wrapped(clean(finding.message), 2),
            *_to_do(page, finding),
        ]
    )


def _to_do(page: _Page, finding: Finding) -> Iterator[str]:
    if finding.epochs:
        yield page.wrapped(epochs_in_words(finding.epochs), 11, "  where")
    if finding.advice:
        yield page.wrapped(clean(finding.advice), 11, "  do")
    for change in finding.changes:
        yield page.wrapped(clean(str(change)), 11, "  change")
    if finding.settle:
        yield page.wrapped(clean(finding.settle), 11, "  settle")


def title(name: str) -> str:
    """The name of a rule as words.

    >>> title("loss_not_finite")
    'loss not finite'
    """
    return name.replace("_", " ")


def _remarks(page: _Page, diagnosis: Diagnosis) -> str:
    """What was assumed, what became of the rules, and what would let more of them speak."""
    lines = [page.wrapped(clean(note), 11, "note") for note in diagnosis.notes]
    lines.append(page.wrapped(tally(diagnosis), 11, "asked"))
    for lack in lacking(diagnosis.results, diagnosis.door)[:_MOST_LACKS]:
        lines.append(page.wrapped(f"{lack.how}: {_for_rules(lack)}", 11, "supply"))
    return "\n".join(lines)


def _other(page: _Page, result: Result) -> str:
    said = f"{result.status} {result.code}"
    reason = result.reason if result.finding is None else f"{result.reason}: {result.finding.message}"
    head = page.headed(said, _STATUS.get(result.status, _DIM), title(result.name))
    return f"{head}\n{page.wrapped(clean(reason), 2)}"


def _for_rules(lack: Lack) -> str:
    rules = "1 rule needs" if len(lack.codes) == 1 else f"{len(lack.codes):,} rules need"
    return f"{rules} {listed(lack.what)}"
