"""The learning curves of a run as one SVG: no script, no font or file from elsewhere, light and dark.

Left the log loss, right the average precision, over the epochs. Plain curves of train and validation
are the same quantity and may be compared; the loss as optimised (with weights, penalty, dropout,
averaged over the epoch) is dashed. A dotted line is what needs no features: the entropy of the base
rate, the base rate itself. With several networks each is a thin line and their mean a thick one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.history import History
from steelyard.report import svg
from steelyard.report.frame import (
    Curve,
    axes,
    draw_curve,
    end_labels,
    heading,
    mean_curve,
    three_digits,
    value_scale,
)
from steelyard.report.scale import Scale, epoch_scale

WIDTH, HEIGHT = 940, 340
_PANEL = WIDTH / 2
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 120.0, 80.0, 290.0


@dataclass(frozen=True)
class _Line:
    """One kind of curve in a panel: a History series under the label and style class it is shown by."""

    series: str
    label: str
    style: str


@dataclass(frozen=True)
class _Panel:
    """What a panel shows. ``best`` names the series whose value at the best epoch is told."""

    title: str
    lines: tuple[_Line, ...]
    floor: float
    floor_label: str
    best: str
    may_be_logarithmic: bool


def learning_curves_svg(histories: Sequence[History], best_epochs: Sequence[int], base_rate: float) -> str:
    """A complete ``<svg>`` element, to be written to a file or put into a page as it is.

    ``histories`` and ``best_epochs`` have one entry per network; a best epoch of 0 means none.
    ``base_rate`` is that of the rows behind the validation curves. Values that are NaN or infinite
    leave gaps, series that were not recorded are left out. All style classes begin with ``sy-``.
    """
    if len(histories) != len(best_epochs):
        raise ValueError(f"{len(histories)} histories, but {len(best_epochs)} best epochs")
    panels = (
        _Panel(
            title="Log loss",
            lines=(
                _Line("train_objective", "as optimised", "sy-objective"),
                _Line("train_loss", "train", "sy-train"),
                _Line("validation_loss", "validation", "sy-validation"),
            ),
            floor=_entropy(base_rate),
            floor_label="base-rate entropy",
            best="validation_loss",
            may_be_logarithmic=True,
        ),
        _Panel(
            title="Average precision",
            lines=(
                _Line("train_average_precision", "train", "sy-train"),
                _Line("validation_average_precision", "validation", "sy-validation"),
            ),
            floor=base_rate,
            floor_label="base rate",
            best="validation_average_precision",
            may_be_logarithmic=False,
        ),
    )
    body = "\n".join(
        svg.group(_draw(panel, histories, best_epochs), x=number * _PANEL)
        for number, panel in enumerate(panels)
    )
    return svg.drawing(body, WIDTH, HEIGHT, "Learning curves: log loss and average precision by epoch")


def _draw(panel: _Panel, histories: Sequence[History], best_epochs: Sequence[int]) -> str:
    curves = {line: _finite_curves(histories, line.series) for line in panel.lines}
    curves = {
        line: found for line, found in curves.items() if any(np.isfinite(curve).any() for curve in found)
    }
    if not curves:
        why = "not measured" if any(len(history) for history in histories) else "no epoch was finished"
        return "\n".join(heading(panel.title, why))
    epochs = max(len(curve) for found in curves.values() for curve in found)
    x = epoch_scale(epochs, _LEFT, _PANEL - _RIGHT)
    y = _value_scale(panel, [curve for found in curves.values() for curve in found])
    best = [epoch for epoch in best_epochs if epoch > 0]
    parts = [
        *heading(
            panel.title + (" (logarithmic axis)" if y.logarithmic else ""),
            _told(panel, histories, best_epochs),
        ),
        *axes(x, y, _BOTTOM, "epoch"),
        *_best_epochs(best, x),
    ]
    labels = []
    if _visible(panel.floor, y):
        labels.append((y(panel.floor), panel.floor_label, "sy-floor"))
        parts.append(svg.path(f"M{x.start:.1f} {y(panel.floor):.1f}H{x.end:.1f}", "sy-floor"))
    for line, found in curves.items():
        if len(found) > 1:
            parts += [draw_curve(curve, x, y, f"{line.style} sy-thin") for curve in found]
        mean = mean_curve(found)
        parts.append(draw_curve(mean, x, y, line.style))
        ends = (curve[np.isfinite(curve)] for curve in (mean, *found))
        labels.append((y(next(float(end[-1]) for end in ends if len(end))), line.label, line.style))
        if line.series == panel.best:
            parts += _dots(found, best_epochs, x, y, line.style)
    parts += end_labels(labels, x.end + 10, _BOTTOM)
    return "\n".join(parts)


def _finite_curves(histories: Sequence[History], series: str) -> list[Curve]:
    """A curve per network over epochs 1, 2, ...; NaN where nothing finite was recorded."""
    curves = []
    for history in histories:
        curve = np.full(int(history.epochs[-1]) if len(history) else 0, np.nan)
        if series in history and len(history):
            curve[history.epochs - 1] = history[series]
        curves.append(np.where(np.isfinite(curve), curve, np.nan))
    return curves


def _value_scale(panel: _Panel, curves: Sequence[Curve]) -> Scale:
    values = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
    low, high = float(values.min()), float(values.max())
    if math.isfinite(panel.floor):
        low, high = min(low, panel.floor), max(high, panel.floor)
    return value_scale(low, high, _BOTTOM, _TOP, may_be_logarithmic=panel.may_be_logarithmic)


def _visible(value: float, scale: Scale) -> bool:
    return math.isfinite(value) and scale.low <= value <= scale.high


def _told(panel: _Panel, histories: Sequence[History], best_epochs: Sequence[int]) -> str:
    """The number that matters, in words: where validation stood at the best epoch, and the floor."""
    values = [
        curve[epoch - 1]
        for curve, epoch in zip(_finite_curves(histories, panel.best), best_epochs, strict=True)
        if 0 < epoch <= len(curve) and math.isfinite(curve[epoch - 1])
    ]
    floor = f"{panel.floor_label} {three_digits(panel.floor)}" if math.isfinite(panel.floor) else ""
    if not values:
        return floor
    mean = "mean " if len(values) > 1 else ""
    found = f"validation {mean}{three_digits(float(np.mean(values)))} at the best epoch"
    return f"{found}, {floor}" if floor else found


def _best_epochs(best: Sequence[int], x: Scale) -> Iterator[str]:
    """An upright line at the best epoch; of several networks, at the first and the last of theirs."""
    if not best:
        return
    first, last = min(best), max(best)
    for epoch in sorted({first, last}):
        yield svg.line(x(epoch), _TOP, x(epoch), _BOTTOM, "sy-best")
    label = f"best epoch {first}" if first == last else f"best epochs {first} to {last}"
    half = 3.2 * len(label)  # about half its width, to keep it above the panel
    middle = min(max((x(first) + x(last)) / 2, x.start + half), x.end - half)
    yield svg.text(middle, _TOP - 7, label, "sy-tick", "middle")


def _dots(curves: Sequence[Curve], epochs: Sequence[int], x: Scale, y: Scale, style: str) -> Iterator[str]:
    for curve, epoch in zip(curves, epochs, strict=True):
        if 0 < epoch <= len(curve) and math.isfinite(curve[epoch - 1]):
            yield svg.path(f"M{x(epoch):.1f} {y(curve[epoch - 1]):.1f}h0", f"{style} sy-dot")


def _entropy(rate: float) -> float:
    """Of a coin that shows heads with this probability, in nats."""
    return -sum(p * math.log(p) for p in (rate, 1.0 - rate) if p > 0.0)
