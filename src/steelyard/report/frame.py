"""What the panels of drawings have in common: a heading, axes, curves over epochs, labels at their ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.report import svg
from steelyard.report.scale import Scale, linear_scale, log_scale

Curve = NDArray[np.float64]
"""A value for each epoch, from the first; NaN where nothing was measured."""

_LABEL_GAP = 15.0

_LOGARITHMIC_FROM = 6.0
"""Ratio of the largest to the smallest loss from which a linear axis would flatten what matters."""

_LEAST_LOGARITHMIC = 1e-12
"""A loss this close to zero would leave no room on a logarithmic axis for all others."""


def heading(title: str, note: str) -> Iterator[str]:
    """What a panel shows, and what is to be seen in it."""
    yield svg.text(20, 29, title, "sy-title")
    yield svg.text(20, 48, note, "sy-note")


def axes(x: Scale, y: Scale, bottom: float, label: str) -> Iterator[str]:
    """Grid and numbers of both axes; ``label`` is what the horizontal one counts."""
    for value, number in y.ticks:
        yield svg.line(x.start, y(value), x.end, y(value), "sy-grid")
        yield svg.text(x.start - 8, y(value) + 4, number, "sy-tick", "end")
    for value, number in x.ticks:
        yield svg.text(x(value), bottom + 18, number, "sy-tick", "middle")
    yield svg.text((x.start + x.end) / 2, bottom + 37, label, "sy-note", "middle")


def value_scale(
    low: float, high: float, bottom: float, top: float, *, may_be_logarithmic: bool = False
) -> Scale:
    """A scale for losses or scores, logarithmic where the values ask for it and it is allowed."""
    if may_be_logarithmic and low >= _LEAST_LOGARITHMIC and high / low >= _LOGARITHMIC_FROM:
        return log_scale(low, high, bottom, top)
    return linear_scale(low, high, bottom, top)


def draw_curve(values: Curve, x: Scale, y: Scale, style: str) -> str:
    """A line through the finite values; one that stands alone becomes a dot."""
    finite = np.isfinite(values)
    steps = []
    for position in map(int, np.flatnonzero(finite)):
        connected = position > 0 and finite[position - 1]
        continued = position + 1 < len(values) and finite[position + 1]
        steps.append(f"{'L' if connected else 'M'}{x(position + 1):.1f} {y(values[position]):.1f}")
        if not connected and not continued:
            steps.append("h0")
    return svg.path("".join(steps), f"{style} sy-dot" if finite.sum() == 1 else style)


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """The mean over networks, as long as at least half of them were measured."""
    length = max(len(curve) for curve in curves)
    stacked = np.full((len(curves), length), np.nan)
    for row, curve in zip(stacked, curves, strict=True):
        row[: len(curve)] = curve
    measured = np.isfinite(stacked).sum(axis=0)
    total = np.nansum(stacked, axis=0)
    return np.where(2 * measured >= len(curves), total / np.maximum(measured, 1), np.nan)


def end_labels(labels: Sequence[tuple[float, str, str]], x: float, bottom: float) -> Iterator[str]:
    """Labels (height, text, style) at the ends of their lines, moved apart where they would touch."""
    ordered = sorted(labels)
    heights: list[float] = []
    for height, _, _ in ordered:
        heights.append(max(height, heights[-1] + _LABEL_GAP) if heights else height)
    lowest = bottom
    for number in reversed(range(len(heights))):
        heights[number] = min(heights[number], lowest)
        lowest = heights[number] - _LABEL_GAP
    for height, (_, label, style) in zip(heights, ordered, strict=True):
        yield svg.text(x, height + 4, label, style)


def three_digits(value: float) -> str:
    """Three significant digits.

    >>> three_digits(0.41), three_digits(1234.5)
    ('0.410', '1.23e+03')
    """
    return f"{value:#.3g}".rstrip(".")
