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
_PAIRS = (
    re.compile(rf"\[\(\s?'?{_CLASS_0}'?,\s?{_N}\),\s?\(\s?'?{_CLASS_1}'?,\s?{_N}\)\s?\]"),
    re.compile(
        rf"\[\(\s?'?{_CLASS_1}'?,\s?(?P<p>\d{{1,12}})\),\s?\(\s?'?{_CLASS_0}'?,\s?(?P<n>\d{{1,12}})\)\s?\]"
    ),
)
"""``sorted(Counter(y).items())`` and ``Counter(y).most_common()``."""
_BINCOUNT = re.compile(
    rf"\bbincount\([^()\n]{{0,60}}\)\)?\s{{1,20}}(?:array\()?\[\s{{0,12}}{_N}[,\s]\s{{0,12}}{_N}\s{{0,4}}\]"
)
_DICTS = (
    re.compile(rf"\{{\s?'?{_CLASS_0}'?:\s?{_N},\s?'?{_CLASS_1}'?:\s?{_N}\s?\}}"),
    re.compile(rf"\{{\s?'?{_CLASS_1}'?:\s?(?P<p>\d{{1,12}}),\s?'?{_CLASS_0}'?:\s?(?P<n>\d{{1,12}})\s?\}}"),
)
"""As ``dict(Counter(y))`` is printed. Class weights look alike, but stand after an equals sign or their name,
and are not in the hundreds."""
_ASSIGNED = re.compile(r"(?:[=(,]|weights?\W{0,4})\s{0,4}\Z", re.I)
_FEWEST_ROWS = 100
_OF_0, _OF_1 = r"(?P<n>0?\.\d{3,20})", r"(?P<p>0?\.\d{3,20})"
_DTYPE = r"\s{1,40}(?:Name:[^,\n]{0,60},\s{0,4})?dtype"
_SHARES = (
    re.compile(rf"(?<![\w.]){_CLASS_0}\s{{1,40}}{_OF_0}\s{{1,40}}{_CLASS_1}\s{{1,40}}{_OF_1}{_DTYPE}"),
    re.compile(rf"(?<![\w.]){_CLASS_1}\s{{1,40}}{_OF_1}\s{{1,40}}{_CLASS_0}\s{{1,40}}{_OF_0}{_DTYPE}"),
    re.compile(rf"\[\(\s?{_CLASS_0},\s?{_OF_0}\),\s?\(\s?{_CLASS_1},\s?{_OF_1}\)\s?\]"),
)
"""``value_counts(normalize=True)``."""
_ROUNDED = 0.0011
"""Shares of three decimals miss one by so much at most."""
_TOTAL = re.compile(r"Total: {0,8}(\d{1,12})\s{1,20}Positive: {0,8}(\d{1,12})\b")


@dataclass(frozen=True)
class ClassCounts:
    """Rows of both classes, and where that is printed."""

    negatives: int
    positives: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class ClassShare:
    """The share of positives as it was printed, beside that of negatives, and where."""

    positives: float
    start: int
    end: int
    quote: str


def class_counts(text: str) -> Iterator[ClassCounts]:
    """Counts of two classes named 0 and 1, in order of their place within each way of writing them."""
    for pattern in (*_PRINTED, *_PAIRS, _BINCOUNT, *_DICTS):
        for found in pattern.finditer(text):
            groups = found.groupdict()
            negatives, positives = map(int, (groups["n"], groups["p"]) if groups else (found[1], found[2]))
            if pattern in _DICTS and (
                negatives + positives < _FEWEST_ROWS
                or _ASSIGNED.search(text, max(0, found.start() - 40), found.start())
            ):
                continue
            if negatives and positives:
                yield _counts(negatives, positives, found)
    for found in _TOTAL.finditer(text):
        total, positives_ = int(found[1]), int(found[2])
        if 0 < positives_ < total:
            yield _counts(total - positives_, positives_, found)


def _counts(negatives: int, positives: int, found: re.Match[str]) -> ClassCounts:
    return ClassCounts(negatives, positives, found.start(), found.end(), " ".join(found[0].split()))


def class_shares(text: str) -> Iterator[ClassShare]:
    """Printed shares of two classes named 0 and 1 that come to one."""
    for pattern in _SHARES:
        for found in pattern.finditer(text):
            positives = float(found["p"])
            if positives > 0.0 and abs(positives + float(found["n"]) - 1.0) < _ROUNDED:
                quote = " ".join(found[0].split())
                yield ClassShare(positives, found.start(), found.end(), quote)
