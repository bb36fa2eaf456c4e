"""How a search went: the score of every trial in the order of asking, and the best so far, as one SVG.

Dots are complete trials, pale dots pruned ones (their scores are of the epochs until they were stopped),
crosses those that diverged. Scores that would press all others together are drawn at the edge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.metrics import as_loss
from steelyard.report import svg
from steelyard.report.frame import axes, end_labels, heading, three_digits, value_scale
from steelyard.report.scale import Scale, number_scale
from steelyard.report.study_scores import Scores, counted, scores, usual_range
from steelyard.study import Plan, Trial

WIDTH, HEIGHT = 940, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 66.0, 110.0, 72.0, 290.0


def study_history_svg(plan: Plan, trials: Sequence[Trial], name: str | None = None) -> str:
    """A complete ``<svg>`` element; ``name`` is a metric of the plan, by default the first one.

    Trials that still run are left out.
    """
    found = scores(plan, trials, name)
    title = f"{found.metric.name} of {counted(len(found.scored), 'trial')}, in the order of asking"
    ranked = found.ranked
    if not ranked:
        note = ", ".join(filter(None, ["no trial is complete", found.states]))
        return svg.drawing("\n".join(heading(title, note)), WIDTH, HEIGHT, f"{title}: {note}")
    best = ranked[0]
    note = ", ".join(
        filter(None, [f"best {three_digits(best.score)}, by trial {best.trial.number}", found.states])
    )
    values = np.array([one.score for one in ranked])
    low, high = usual_range(values)
    y = value_scale(
        min(low, best.score),
        max(high, best.score),
        _BOTTOM,
        _TOP,
        may_be_logarithmic=found.metric.direction == "lower",
    )
    x = number_scale(found.scored[-1].trial.number, _LEFT, WIDTH - _RIGHT)
    body = [
        *heading(title + (" (logarithmic axis)" if y.logarithmic else ""), note),
        *axes(x, y, _BOTTOM, "trial"),
        *_marks(found, x, y),
        _best_so_far(found, x, y),
        *_labels(found, x, y),
    ]
    return svg.drawing("\n".join(body), WIDTH, HEIGHT, f"{title}: {note}")


def _marks(found: Scores, x: Scale, y: Scale) -> list[str]:
    marks = []
    worst = _BOTTOM if found.metric.direction == "higher" else _TOP
    for one in found.scored:
        across = x(one.trial.number)
        if not np.isfinite(one.score):
            marks.append(svg.titled(svg.cross(across, worst, "sy-lost"), one.told))
            continue
        style = "sy-pruned sy-thin" if one.pruned else "sy-trial sy-thin"
        height = y(min(max(one.score, y.low), y.high))
        marks.append(svg.titled(svg.spot(across, height, style), one.told))
    return marks


def _best_so_far(found: Scores, x: Scale, y: Scale) -> str:
    steps, best = "", None
    for one in found.scored:
        if one.ranked and (best is None or as_loss(found.metric, one.score) < as_loss(found.metric, best)):
            height = y(min(max(one.score, y.low), y.high))
            steps += (
                f"M{x(one.trial.number):.1f} {height:.1f}"
                if best is None
                else (f"H{x(one.trial.number):.1f}V{height:.1f}")
            )
            best = one.score
    return svg.path(f"{steps}H{x.end:.1f}", "sy-top")


def _labels(found: Scores, x: Scale, y: Scale) -> list[str]:
    labels = [(y(found.ranked[0].score), "best so far", "sy-top")]
    middle = float(np.median([one.score for one in found.ranked]))
    labels.append((y(min(max(middle, y.low), y.high)), "● complete", "sy-trial"))
    worst = _BOTTOM if found.metric.direction == "higher" else _TOP
    if any(one.pruned for one in found.scored):
        labels.append((worst - 20 if worst == _BOTTOM else worst + 20, "● pruned", "sy-pruned"))
    if any(not np.isfinite(one.score) for one in found.scored):
        labels.append((worst, "× diverged", "sy-lost"))
    return list(end_labels(labels, x.end + 10, _BOTTOM))
