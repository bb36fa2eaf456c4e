"""How many rows each class has, as pandas, ``Counter`` and people print it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CLASS_0 = r"(?:0(?:\.0)?|False)"
_CLASS_1 = r"(?:1(?:\.0)?|True)"
_N = r"(\d{1,12})"
_PRINTED = (
    re.compile(
        rf"(?<![\w.]){_CLASS_0}\s{{1,40}}{_N}\s{{1,40}}{_CLASS_1}\s{{1,40}}{_N}\s{{1,40}}(?:Name:[^,\n]{{0,60}},\s{{0,4}})?(?:Length:[^,\n]{{0,20}},\s?)?dtype"
    ),
    re.compile(
        rf"(?<![\w.]){_CLASS_1}\s{{1,40}}(?P<p>\d{{1,12}})\s{{1,40}}{_CLASS_0}\s{{1,40}}(?P<n>\d{{1,12}})\s{{1,40}}(?:Name:[^,\n]{{0,60}},\s{{0,4}})?dtype"
    ),
    re.compile(rf"Counter\(\{{\s?'?{_CLASS_0}'?:\s?{_N},\s?'?{_CLASS_1}'?:\s?{_N}\s?\}}\)"),
    re.compile(
        rf"Counter\(\{{\s?'?{_CLASS_1}'?:\s?(?P<p>\d{{1,12}}),\s?'?{_CLASS_0}'?:\s?(?P<n>\d{{1,12}})\s?\}}\)"
    ),
    re.compile(
        r"\(array\(\[0\.?, 1\.?\][^)\n]{0,20}\), "
        rf"array\(\[\s{{0,10}}{_N},\s{{1,10}}{_N}\][^)\n]{{0,20}}\)\)"
    ),
)
_TOTAL = re.compile(r"Total: {0,8}(\d{1,12})\s{1,20}Positive: {0,8}(\d{1,12})\b")


@dataclass(frozen=True)
class ClassCounts:
    """Rows of both classes, and where that is printed."""

    negatives: int
    positives: int
    start: int
    end: int
    quote: str


def class_counts(text: str) -> Iterator[ClassCounts]:
    """Counts of two classes named 0 and 1, in order of their place within each way of writing them."""
    for pattern in _PRINTED:
        for found in pattern.finditer(text):
            groups = found.groupdict()
            negatives, positives = (groups["n"], groups["p"]) if groups else (found[1], found[2])
            if int(negatives) and int(positives):
                yield _counts(int(negatives), int(positives), found)
    for found in _TOTAL.finditer(text):
        total, positives_ = int(found[1]), int(found[2])
        if 0 < positives_ < total:
            yield _counts(total - positives_, positives_, found)


def _counts(negatives: int, positives: int, found: re.Match[str]) -> ClassCounts:
    return ClassCounts(negatives, positives, found.start(), found.end(), " ".join(found[0].split()))
