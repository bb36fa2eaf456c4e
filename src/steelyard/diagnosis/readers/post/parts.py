"""Which rows something printed is of: training, validation or test rows, by what stands before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from steelyard.diagnosis.readers.post.evidence import Evidence

_NEARBY = 120
"""Characters in which words name the rows of what follows them."""
_WORDS = re.compile(
    r"(?<![A-Za-z])(train|val|test)\w{0,8}[ _-]?"
    r"(?:sets?|data\w{0,4}|rows|samples|parts?|splits?|labels?|confusion|counts?|report|y)?"
    r"[ _]?(?:confusion|matrix|counts?|report)?(?:(?: \w{2,4})?\s?:| (?:has|have|holds?|contains?|is|are)\b)",
    re.I,
)
_NAMES = re.compile(r"(?<![A-Za-z])(train|val|test)", re.I)
_PARTS = {"train": "train", "val": "validation", "test": "test"}


def part_of(found: Evidence, at: int) -> str | None:
    """``train``, ``validation`` or ``test`` by the nearest words or code before this place; None if neither
    says."""
    words = list(_WORDS.finditer(found.words, max(0, at - _NEARBY), at))
    shows = [(start, names) for start, names in found.program.shows if start < at]
    if words and (not shows or words[-1].start() > shows[-1][0]):
        return _PARTS[words[-1][1].lower()]
    return part_named(shows[-1][1]) if shows else None


def part_named(names: Sequence[str]) -> str | None:
    """What part of the rows these names of variables tell of; None if none does, or several do."""
    parts = {_PARTS[one[1].lower()] for name in names if (one := _NAMES.search(name)) is not None}
    return parts.pop() if len(parts) == 1 else None
