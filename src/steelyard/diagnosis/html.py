"""A diagnosis as a piece of HTML: what a notebook shows.

It stands by itself: no script, font or file from elsewhere. Text has the colour of the page around it, and
the few colours of its own are told apart on white and on black, because a notebook in its dark theme does not
say that it is dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from steelyard.diagnosis.lacking import lacking
from steelyard.diagnosis.text import clean, epochs_in_words, tally, title, verdict
from steelyard.diagnosis.wording import listed, number
from steelyard.finding import Confidence, Finding, Result

if TYPE_CHECKING:
    from steelyard.diagnosis.answers import Answer
    from steelyard.diagnosis.diagnosis import Diagnosis

_STYLE = """
.sy-diagnosis{max-width:60em;line-height:1.45;overflow-wrap:break-word}
.sy-diagnosis p{margin:.3em 0}
.sy-diagnosis .sy-finding{margin:.9em 0;padding:.1em 0 .1em .9em;border-left:4px solid #7d8590}
.sy-diagnosis .sy-finding.sy-error{border-color:#c62828}
.sy-diagnosis .sy-finding.sy-warning{border-color:#b35900}
.sy-diagnosis .sy-finding.sy-smell{border-color:#0067b1}
.sy-diagnosis .sy-badge{border-radius:3px;padding:.05em .45em;font-size:.85em;color:#fff;background:#59636e}
.sy-diagnosis .sy-error>p>.sy-badge{background:#c62828}
.sy-diagnosis .sy-warning>p>.sy-badge{background:#b35900}
.sy-diagnosis .sy-smell>p>.sy-badge{background:#0067b1}
.sy-diagnosis .sy-quiet{opacity:.75}
.sy-diagnosis dl{margin:.6em 0}
.sy-diagnosis dt{font-weight:600}
.sy-diagnosis dd{margin:0 0 .5em 1.2em}
.sy-diagnosis table{border-collapse:collapse;margin:.3em 0}
.sy-diagnosis td,.sy-diagnosis th{text-align:left;vertical-align:top;padding:.1em 1em .1em 0;border:0}
.sy-diagnosis summary{cursor:pointer}
"""


def html_of(diagnosis: Diagnosis) -> str:
    """The questions answered, the findings from the gravest on with what to do, and, folded away, the numbers
    behind each and what became of every rule."""
    parts = [
        f"<style>{_STYLE}</style>",
        f"<p><b>{_text(diagnosis.source)}</b> ({_text(diagnosis.format)}): {_text(verdict(diagnosis))}</p>",
        _answers(diagnosis.answers),
        *(_finding(finding) for finding in diagnosis.findings),
        _remarks(diagnosis),
        _results(diagnosis),
    ]
    return f'<div class="sy-diagnosis">{"".join(parts)}</div>'


def _answers(answers: Sequence[Answer]) -> str:
    if not answers:
        return ""
    pairs = (f"<dt>{_text(one.question)}</dt><dd>{_text(one.answer)}</dd>" for one in answers)
    return f"<dl>{''.join(pairs)}</dl>"


def _finding(finding: Finding) -> str:
    sure = "" if finding.confidence is Confidence.LIKELY else f" ({finding.confidence})"
    head = (
        f'<p><span class="sy-badge">{finding.severity} {_text(finding.code)}</span> '
        f"<b>{_text(title(finding.name))}</b>{sure}</p>"
    )
    return (
        f'<div class="sy-finding sy-{finding.severity}">{head}<p>{_text(finding.message)}</p>'
        f"{''.join(_to_do(finding))}{_evidence(finding)}</div>"
    )


def _to_do(finding: Finding) -> Iterator[str]:
    if finding.epochs:
        yield f'<p class="sy-quiet">Where: {_text(epochs_in_words(finding.epochs))}</p>'
    if finding.advice:
        yield f"<p><b>Do:</b> {_text(finding.advice)}</p>"
    if finding.changes:
        changes = ", ".join(f"<code>{_text(str(change))}</code>" for change in finding.changes)
        yield f"<p><b>Change:</b> {changes}</p>"
    if finding.settle:
        yield f"<p><b>To be sure:</b> {_text(finding.settle)}</p>"


def _evidence(finding: Finding) -> str:
    if not finding.evidence:
        return ""
    rows = "".join(
        f"<tr><td>{_text(title(name))}</td><td>{_text(_value(value))}</td></tr>"
        for name, value in finding.evidence.items()
    )
    return _folded("the numbers", f"<table>{rows}</table>")


def _remarks(diagnosis: Diagnosis) -> str:
    notes = [f"<li>{_text(note)}</li>" for note in diagnosis.notes]
    notes += [
        f"<li>Supply <code>{_text(lack.how)}</code> to hear {len(lack.codes):,} more "
        f"{'rule' if len(lack.codes) == 1 else 'rules'} ({_text(listed(lack.what))})</li>"
        for lack in lacking(diagnosis.results, diagnosis.door)
    ]
    if not notes:
        return ""
    return _folded("what was assumed, and what would tell more", f"<ul>{''.join(notes)}</ul>")


def _results(diagnosis: Diagnosis) -> str:
    rows = "".join(_row(result) for result in diagnosis.results)
    return _folded(tally(diagnosis), f"<table>{rows}</table>") if rows else ""


def _row(result: Result) -> str:
    reason = result.reason or ("" if result.finding is None else result.finding.message)
    cells = (result.code, title(result.name), result.status, reason)
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _folded(summary: str, content: str) -> str:
    return f'<details class="sy-quiet"><summary>{_text(summary)}</summary>{content}</details>'


def _value(value: float | int | str) -> str:
    if isinstance(value, float):
        return number(value)
    return f"{value:,}" if isinstance(value, int) else value


def _text(text: str) -> str:
    return escape(clean(text))
