"""What scikit-learn prints of decisions: ``confusion_matrix`` and ``classification_report``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_CELL = r"(\d{1,12})\.?"
_MATRIX = re.compile(
    rf"\[\s{{0,4}}\[\s{{0,12}}{_CELL},?\s{{1,12}}{_CELL}\s{{0,4}}\],?\s{{0,20}}"
    rf"\[\s{{0,12}}{_CELL},?\s{{1,12}}{_CELL}\s{{0,4}}\]\s{{0,4}}\]"
)
_SHARE = r"(\d\.\d{2,8})"
_LINE = rf"\s{{1,60}}{_SHARE}\s{{1,20}}{_SHARE}\s{{1,20}}{_SHARE}\s{{1,20}}(\d{{1,12}})"
_REPORT = re.compile(
    rf"precision\s{{1,20}}recall\s{{1,20}}f1-score\s{{1,20}}support\s{{1,60}}[\w.-][\w .-]{{0,40}}?{_LINE}"
    rf"\s{{1,60}}[\w.-][\w .-]{{0,40}}?{_LINE}\s{{1,60}}(?=accuracy|avg|micro|macro|weighted)"
)
_MOST = 100
"""Of each kind; the first are read."""
_NEAR = 3000
"""Characters from the call to what it prints."""
_CALL = re.compile(
    r"\b(?P<of>confusion_matrix|classification_report) ?\( ?(?:y_true ?= ?)?(?P<first>[A-Za-z_]\w{0,40})"
    r"(?:[^,()]|\([^()]{0,60}\)){0,80}, ?(?:y_pred ?= ?)?(?P<second>[A-Za-z_]\w{0,40})?"
)
_GUESSED = re.compile(r"pred|hat\b|guess|output", re.I)
_ABOVE = re.compile(
    r"(?:pred|prob)\w{0,40}(?:\([^()\n]{0,60}\)|\[[^\]\n]{0,20}\]){0,2} ?>=? ?"
    r"(?P<at>\d?\.\d{1,6}|[A-Za-z_]\w{0,40})",
    re.I,
)
_HALF = re.compile(r"0?\.50*")
_OTHERS = re.compile(
    r"\b(?:(?!Keras)\w{1,30}Classifier|LogisticRegression|(?:Linear)?SVC|\w{0,20}NB|LGBM\w{0,20}) ?\("
)
"""Classifiers that are no network of Keras."""


@dataclass(frozen=True)
class PrintedDecisions:
    """Decisions on some rows. ``truth`` is the variable that holds their labels, empty if the code does not
    say. ``true_positives`` and ``false_positives`` are None where only rounded shares were printed; those are
    ``accuracy``, ``precision`` and ``recall``, None where they have no value. ``at_half``: as far as the text
    tells, the decisions are those of the network at 0.5."""

    negatives: int
    positives: int
    true_positives: int | None
    false_positives: int | None
    accuracy: float | None
    precision: float | None
    recall: float | None
    truth: str
    at_half: bool
    start: int
    end: int
    quote: str


def printed_decisions(text: str) -> Iterator[PrintedDecisions]:
    """All of two classes that the text shows, matrices first. Of a matrix the code must show that it is
    scikit-learn's: rows are what is true."""
    at_half = _at_half(text)
    for found in islice(_MATRIX.finditer(text), _MOST):
        call = _call_before(text, found.start(), "confusion_matrix")
        if call is not None:
            matrix = _matrix(found, call, at_half)
            if matrix is not None:
                yield matrix
    for found in islice(_REPORT.finditer(text), _MOST):
        report = _report(found, _call_before(text, found.start(), "classification_report"), at_half)
        if report is not None:
            yield report


def _matrix(found: re.Match[str], call: re.Match[str], at_half: bool) -> PrintedDecisions | None:
    tn, fp, fn, tp = map(int, found.groups())
    swapped = bool(_GUESSED.search(call["first"])) and not _GUESSED.search(call["second"] or "")
    if swapped:
        fp, fn = fn, fp
    negatives, positives = tn + fp, fn + tp
    if not negatives or not positives:
        return None
    return PrintedDecisions(
        negatives,
        positives,
        tp,
        fp,
        (tp + tn) / (negatives + positives),
        tp / (tp + fp) if tp + fp else None,
        tp / positives,
        (call["second"] or "") if swapped else call["first"],
        at_half,
        found.start(),
        found.end(),
        f"confusion_matrix: {' '.join(found[0].split())}",
    )


def _report(found: re.Match[str], call: re.Match[str] | None, at_half: bool) -> PrintedDecisions | None:
    """A report. Its shares are rounded, but a class of which none or all are found is told from others."""
    recall_0, support_0 = float(found[2]), int(found[4])
    precision, recall, support_1 = float(found[5]), float(found[6]), int(found[8])
    if not support_0 or not support_1:
        return None
    swapped = call is not None and bool(_GUESSED.search(call["first"]))
    if swapped and not _GUESSED.search((call and call["second"]) or ""):
        return None  # the support is of what was predicted
    quote = (
        f"classification_report: class 1 has precision {found[5]}, recall {found[6]} and support {found[8]}, "
        f"class 0 support {found[4]}"
    )
    truth = "" if call is None else call["first"]
    place = (truth, at_half, found.start(), found.end(), quote)
    if recall == 0.0 == precision and recall_0 == 1.0:
        return PrintedDecisions(
            support_0, support_1, 0, 0, support_0 / (support_0 + support_1), None, 0.0, *place
        )
    if recall == 1.0 and recall_0 == 0.0:
        share = support_1 / (support_0 + support_1)
        return PrintedDecisions(support_0, support_1, support_1, support_0, share, share, 1.0, *place)
    known = precision if precision or recall else None
    return PrintedDecisions(support_0, support_1, None, None, None, known, recall, *place)


def _call_before(text: str, at: int, of: str) -> re.Match[str] | None:
    """The last call of this function before a place in the text."""
    calls = [one for one in _CALL.finditer(text, max(0, at - _NEAR), at) if one["of"] == of]
    return calls[-1] if calls else None


def _at_half(text: str) -> bool:
    """Does nothing in the text say that decisions are taken elsewhere, or by another classifier?"""
    return not _OTHERS.search(text) and all(_HALF.fullmatch(one["at"]) for one in _ABOVE.finditer(text))
