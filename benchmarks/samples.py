"""Medians of repeated measurements, and how far apart the repeats were."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Repeated measurements of one thing, in the order they were made."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)

    def over(self, other: Sample) -> Sample:
        """Ratios of measurements that were made in the same round: what slows the machine for a while
        slows both, so the median of the ratios is steadier than the ratio of the medians."""
        return Sample(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))

    def scaled(self, factor: float) -> Sample:
        return Sample(tuple(value * factor for value in self.values))

    def text(self, digits: int = 0) -> str:
        """``median (lowest–highest)``."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    rule = ["---"] + ["--:"] * (len(headings) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (headings, rule, *rows))
