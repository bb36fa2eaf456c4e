"""The learning curves of the top trials of a study as one SVG.

Left the plain log loss, thin on training rows and thick on validation rows; right the metric that ranks, on
validation rows. Each curve is the mean over the networks of a trial, as long as half of them trained; the
dot is the middle one of their best epochs.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.metrics import metric
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
from steelyard.report.scale import epoch_scale
from steelyard.report.study_scores import usual_range
from steelyard.study import Plan, Trial

WIDTH, HEIGHT = 940, 340
MOST = 6
"""Trials that can be told apart by colour."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 96.0, 72.0, 290.0


@dataclass(frozen=True)
class _Panel:
    title: str
    series: str
    beside: str
    """A series that is drawn thin beside it, or an empty string."""
    is_loss: bool


def study_curves_svg(
    plan: Plan, trials: Sequence[Trial], numbers: Sequence[int], name: str | None = None
) -> str:
    """A complete ``<svg>`` element of the trials with these ``numbers``, best first; at most six are drawn.

    ``name`` is a metric of the plan, by default the first one; if that is the log loss, the next one.
    """
    by_number = {trial.number: trial for trial in trials}
    shown = [by_number[number] for number in numbers if number in by_number][:MOST]
    panels = _panels(plan, name)
    names = " and ".join(panel.title for panel in panels)
    which = ", ".join(str(trial.number) for trial in shown) or "none"
    told = f"Learning curves of the top trials ({which}): {names}"
    width = WIDTH / len(panels)
    body = "\n".join(
        svg.group(_draw(panel, shown, width), x=number * width) for number, panel in enumerate(panels)
    )
    return svg.drawing(body, WIDTH, HEIGHT, told)


def _panels(plan: Plan, name: str | None) -> list[_Panel]:
    chosen = metric(plan.metrics[0] if name is None else name).name
    keys = sorted(plan.metrics, key=lambda given: metric(given).name != chosen)
    others = [key for key in keys if metric(key).name != "log_loss"]
    panels = [_Panel("log_loss by epoch", "validation_loss", "train_loss", True)]
    if others:
        title = f"{metric(others[0]).name} by epoch"
        panels.append(_Panel(title, f"validation_{others[0]}", "", metric(others[0]).direction == "lower"))
    return panels


def _draw(panel: _Panel, shown: Sequence[Trial], width: float) -> str:
    means = {trial.number: _mean(trial, panel.series) for trial in shown}
    known = {number: curve for number, curve in means.items() if np.isfinite(curve).any()}
    if not known:
        return "\n".join(heading(panel.title, "not measured" if shown else "no trial to show"))
    beside = {trial.number: _mean(trial, panel.beside) for trial in shown if panel.beside}
    values = np.concatenate([curve[np.isfinite(curve)] for curve in (*known.values(), *beside.values())])
    y = value_scale(*usual_range(values), _BOTTOM, _TOP, may_be_logarithmic=panel.is_loss)
    x = epoch_scale(max(len(curve) for curve in known.values()), _LEFT, width - _RIGHT)
    parts = [
        *heading(panel.title + (" (logarithmic axis)" if y.logarithmic else ""), _told(panel, shown, known)),
        *axes(x, y, _BOTTOM, "epoch"),
    ]
    labels = []
    for position, trial in enumerate(shown):
        style = f"sy-line-{position}"
        if trial.number not in known:
            continue
        if trial.number in beside:
            parts.append(draw_curve(_inside(beside[trial.number], y.low, y.high), x, y, f"{style} sy-thin"))
        curve = _inside(known[trial.number], y.low, y.high)
        parts.append(draw_curve(curve, x, y, style))
        epoch = _best_epoch(trial)
        if 0 < epoch <= len(curve) and math.isfinite(curve[epoch - 1]):
            parts.append(svg.path(f"M{x(epoch):.1f} {y(curve[epoch - 1]):.1f}h0", f"{style} sy-dot"))
        labels.append((y(float(curve[np.isfinite(curve)][-1])), f"trial {trial.number}", style))
    parts += end_labels(labels, x.end + 10, _BOTTOM)
    return "\n".join(parts)


def _mean(trial: Trial, series: str) -> Curve:
    curves = [
        np.asarray(network.curves[series], np.float64)
        for network in trial.networks
        if series in network.curves
    ]
    if not curves:
        return np.zeros(0)
    return mean_curve([np.where(np.isfinite(curve), curve, np.nan) for curve in curves])


def _inside(curve: Curve, low: float, high: float) -> Curve:
    """Values beyond the axis at its edge."""
    return np.clip(curve, low, high)


def _best_epoch(trial: Trial) -> int:
    """The middle one, of two the earlier; 0 if there is none."""
    return statistics.median_low([network.best_epoch for network in trial.networks]) if trial.networks else 0


def _told(panel: _Panel, shown: Sequence[Trial], known: dict[int, Curve]) -> str:
    first = next(trial for trial in shown if trial.number in known)
    epoch, curve = _best_epoch(first), known[first.number]
    thin = "thin: training rows" if panel.beside else ""
    if not (0 < epoch <= len(curve) and math.isfinite(curve[epoch - 1])):
        return thin
    at = f"trial {first.number}: {three_digits(float(curve[epoch - 1]))} at epoch {epoch}"
    return f"{at}; {thin}" if thin else at
