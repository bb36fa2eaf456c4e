"""Every trial of a study as a line through its parameters to its score, as one SVG.

One upright axis per parameter that has two values, the score at the right. Marked trials are thick; pruned
ones are dotted and end at the last parameter, as do diverged ones. A parameter that is not active in a
trial is met below its axis. Where lines meet in one value of a choice they are spread by their score, so
that one sees how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.report import svg
from steelyard.report.frame import heading, three_digits, value_scale
from steelyard.report.scale import Bands, Scale
from steelyard.report.study_axes import axis_of, band_of
from steelyard.report.study_scores import (
    Scored,
    Scores,
    counted,
    scores,
    short_names,
    shortened,
    usual_range,
    value_text,
)
from steelyard.study import Choice, Parameter, Plan, Trial

WIDTH, HEIGHT = 940, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 90.0, 104.0, 340.0
_NOWHERE = 372.0
"""Where lines pass that have no value on an axis."""
_SPREAD = 0.6
"""Of a band's height that lines of one value take."""
_MANY = 60
"""From so many trials on lines are drawn paler."""
_LETTER = 6.4
"""Pixels that a letter takes, about."""


def parallel_coordinates_svg(
    plan: Plan, trials: Sequence[Trial], name: str | None = None, *, marked: Sequence[int] | None = None
) -> str:
    """A complete ``<svg>`` element; ``name`` is a metric of the plan, by default the first one.

    ``marked`` are numbers of trials to draw thick, by default the best tenth. Trials that still run are left
    out.
    """
    found = scores(plan, trials, name)
    ranked = found.ranked
    title = f"Parameters and {found.metric.name} of {counted(len(found.scored), 'trial')}"
    parameters = [parameter for parameter in plan.space.parameters if _has_two(parameter)]
    if not ranked or not parameters:
        why = "no trial is complete" if not ranked else "no parameter has two values"
        return svg.drawing("\n".join(heading(title, why)), WIDTH, HEIGHT, f"{title}: {why}")
    tenth = [one.trial.number for one in ranked[: max(1, len(ranked) // 10)]]
    thick = set(tenth if marked is None else marked)
    note = _note(found, thick, marked is None)
    axes = [axis_of(parameter, _BOTTOM, _TOP) for parameter in parameters]
    places = np.linspace(_LEFT, WIDTH - _RIGHT, len(parameters) + 1).tolist()
    low, high = usual_range(np.array([one.score for one in ranked]))
    best = ranked[0].score
    y = value_scale(
        min(low, best),
        max(high, best),
        _BOTTOM,
        _TOP,
        may_be_logarithmic=found.metric.direction == "lower",
    )
    order = {one.trial.number: place for place, one in enumerate(reversed(ranked))}
    body = [*heading(title, note)]
    for one in sorted(
        found.scored, key=lambda one: (one.trial.number in thick, order.get(one.trial.number, -1))
    ):
        share = order.get(one.trial.number, 0) / max(len(ranked) - 1, 1)
        path = _line(one, parameters, axes, places, y, share)
        style = _style(one, thick, len(found.scored), ranked[0])
        body.append(svg.titled(svg.path(path, style), f"{one.told}; {_point(one.trial)}"))
    names = short_names([parameter.path for parameter in parameters])
    space = places[1] - places[0]
    for position, (parameter, axis) in enumerate(zip(parameters, axes, strict=True)):
        body += _axis(parameter, axis, places[position], names[parameter.path], space, position)
        if any(parameter.path not in one.trial.point for one in found.scored):
            body.append(svg.text(places[position], _NOWHERE + 14, "not used", "sy-tick", "middle"))
    body += _score_axis(found, y, places[-1], len(parameters))
    return svg.drawing("\n".join(body), WIDTH, HEIGHT, f"{title}: {note}")


def _has_two(parameter: Parameter) -> bool:
    return len(parameter.values) > 1 if isinstance(parameter, Choice) else parameter.low < parameter.high


def _note(found: Scores, thick: set[int], by_default: bool) -> str:
    count = sum(one.trial.number in thick for one in found.ranked)
    whose = (
        "the best tenth" if by_default else f"the {count} trials marked" if count > 1 else "the trial marked"
    )
    told = f"thick: {whose}; best {three_digits(found.ranked[0].score)}, trial {found.ranked[0].trial.number}"
    return f"{told}; {found.states}" if found.states else told


def _point(trial: Trial) -> str:
    return ", ".join(f"{path} {value_text(value)}" for path, value in trial.point.items())


def _style(one: Scored, thick: set[int], count: int, best: Scored) -> str:
    if one is best:
        return "sy-top sy-winner"
    if not one.ranked:
        return "sy-pruned sy-stopped"
    if one.trial.number in thick:
        return "sy-top sy-one" if len(thick) > _MANY // 4 else "sy-top"
    return f"sy-trial {'sy-of-many' if count > _MANY else 'sy-one'}"


def _line(
    one: Scored,
    parameters: Sequence[Parameter],
    axes: Sequence[Bands | Scale],
    places: Sequence[float],
    y: Scale,
    share: float,
) -> str:
    heights = [
        _height(axis, parameter, one.trial.point[parameter.path], share)
        if parameter.path in one.trial.point
        else _NOWHERE
        for parameter, axis in zip(parameters, axes, strict=True)
    ]
    if one.ranked:
        heights.append(y(min(max(one.score, y.low), y.high)))
    steps = (f"{place:.1f} {height:.1f}" for place, height in zip(places, heights, strict=False))
    return "M" + "L".join(steps)


def _height(axis: Bands | Scale, parameter: Parameter, value: Any, share: float) -> float:
    if isinstance(axis, Bands):
        return axis(band_of(parameter, value)) + (share - 0.5) * _SPREAD * axis.width
    return axis(float(value))


def _axis(
    parameter: Parameter, axis: Bands | Scale, x: float, name: str, space: float, position: int
) -> list[str]:
    label = svg.text(
        max(x, 20 + _LETTER * min(len(name), 9) / 2),
        _name_height(position),
        shortened(name, max(6, int(1.9 * space / _LETTER))),
        "sy-note",
        "middle",
    )
    parts = [svg.titled(label, parameter.path), svg.line(x, _TOP, x, _BOTTOM, "sy-frame")]
    most = max(4, int(0.7 * space / _LETTER))
    ticks = (
        [(axis(number), text) for number, text in enumerate(axis.labels)]
        if isinstance(axis, Bands)
        else [(axis(value), text) for value, text in axis.ticks]
    )
    for height, text in ticks:
        parts.append(
            svg.titled(svg.text(x - 6, height + 4, shortened(text, most), "sy-tick sy-halo", "end"), text)
        )
    return parts


def _name_height(position: int) -> float:
    """Neighbouring names stand at two heights, so that each may be twice as long."""
    return _TOP - (14 if position % 2 else 30)


def _score_axis(found: Scores, y: Scale, x: float, position: int) -> list[str]:
    parts = [
        svg.text(WIDTH - 16, _name_height(position), found.metric.name, "sy-title", "end"),
        svg.line(x, _TOP, x, _BOTTOM, "sy-frame"),
    ]
    parts += [svg.text(x + 8, y(value) + 4, text, "sy-tick") for value, text in y.ticks]
    return parts
