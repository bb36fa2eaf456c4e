"""The scores of a study over two of its parameters, as one SVG.

Each cell shows the middle score (the median) of the trials that lie in it, whatever their other parameters;
the better, the further from the paper. The best cell has a frame. A cell in which all trials diverged has a
cross, one without trials is empty. Pruned trials are left out: their scores are of other epochs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.metrics import as_loss
from steelyard.report import svg
from steelyard.report.frame import heading, three_digits
from steelyard.report.study_axes import Cells, cells_of
from steelyard.report.study_scores import Scored, Scores, counted, scores, shortened, usual_range, value_text
from steelyard.study import Parameter, Plan, Trial

WIDTH = 940
_LEFT, _RIGHT, _TOP = 150.0, 120.0, 92.0
_ROW, _WIDEST = 34.0, 110.0
_BELOW = 62.0
_SHADES = 9
_SHADE = 11.0
"""Of a shade in the legend, in pixels."""
_DEEP = 5
"""The first shade on which letters are light."""
_LETTER = 6.2
"""Pixels that a letter takes, about."""


@dataclass(frozen=True)
class _Cell:
    trials: tuple[Scored, ...]
    score: float
    """Median of those with one; NaN if there are none."""


def study_heat_map_svg(
    plan: Plan, trials: Sequence[Trial], across: str, down: str, name: str | None = None
) -> str:
    """A complete ``<svg>`` element over the parameters with the paths ``across`` and ``down``.

    ``name`` is a metric of the plan, by default the first one. Raises :class:`ValueError` for a path that is
    no parameter of the space.
    """
    by_path = {parameter.path: parameter for parameter in plan.space.parameters}
    for path in (across, down):
        if path not in by_path:
            raise ValueError(f"{path!r} is no parameter of this study; there are {', '.join(by_path)}")
    found = scores(plan, trials, name)
    shown = [one for one in found.scored if not one.pruned and {across, down} <= one.trial.point.keys()]
    columns, rows = (_cells(by_path[path], shown) for path in (across, down))
    cells = _filled(shown, columns, rows)
    title = f"Median {found.metric.name} by {across} and {down}"
    best = min(
        (place for place, cell in cells.items() if np.isfinite(cell.score)),
        key=lambda place: as_loss(found.metric, cells[place].score),
        default=None,
    )
    note = _note(found, shown, cells, columns, rows, best)
    height = _TOP + max(_ROW * rows.count, _SHADE * _SHADES) + _BELOW
    body = [*heading(title, note)]
    if columns.count and rows.count and best is not None:
        body += _map(found, cells, columns, rows, best, across, down)
    return svg.drawing("\n".join(body), WIDTH, height, f"{title}: {note}")


def _cells(parameter: Parameter, shown: Sequence[Scored]) -> Cells:
    return cells_of(parameter, [one.trial for one in shown])


def _filled(shown: Sequence[Scored], columns: Cells, rows: Cells) -> dict[tuple[int, int], _Cell]:
    held: dict[tuple[int, int], list[Scored]] = defaultdict(list)
    for one in shown:
        point = one.trial.point
        place = (columns.cell_of(point[columns.parameter.path]), rows.cell_of(point[rows.parameter.path]))
        held[place].append(one)
    filled = {}
    for place, inside in held.items():
        known = [one.score for one in inside if np.isfinite(one.score)]
        filled[place] = _Cell(tuple(inside), float(np.median(known)) if known else np.nan)
    return filled


def _note(
    found: Scores,
    shown: Sequence[Scored],
    cells: Mapping[tuple[int, int], _Cell],
    columns: Cells,
    rows: Cells,
    best: tuple[int, int] | None,
) -> str:
    if best is None:
        return "no complete trial has both parameters and a score"
    told = f"best {three_digits(cells[best].score)} at {columns.told(best[0])} and {rows.told(best[1])}"
    told += (
        f" ({counted(len(cells[best].trials), 'trial')}); {len(shown)} of {len(found.scored)} trials shown"
    )
    return f"{told}, {found.states}" if found.states else told


def _map(
    found: Scores,
    cells: Mapping[tuple[int, int], _Cell],
    columns: Cells,
    rows: Cells,
    best: tuple[int, int],
    across: str,
    down: str,
) -> list[str]:
    width = min((WIDTH - _LEFT - _RIGHT) / columns.count, _WIDEST)
    bottom, right = _TOP + rows.count * _ROW, _LEFT + columns.count * width
    known = np.array([cell.score for cell in cells.values() if np.isfinite(cell.score)])
    low, high = usual_range(known)
    parts = []
    for column in range(columns.count):
        for row in range(rows.count):
            # The first value of the vertical parameter lies at the bottom, as on any axis.
            x, y = _LEFT + column * width, bottom - (row + 1) * _ROW
            cell = cells.get((column, row))
            where = f"{across} {columns.told(column)}, {down} {rows.told(row)}"
            parts.append(_draw(found, cell, where, x, y, width, low, high))
    x, y = _LEFT + best[0] * width, bottom - (best[1] + 1) * _ROW
    parts.append(svg.rectangle(x + 1, y + 1, width - 2, _ROW - 2, "sy-chosen"))
    parts += _across(columns, width, bottom)
    parts.append(svg.text((_LEFT + right) / 2, bottom + 44, across, "sy-note", "middle"))
    parts += _down(rows, bottom)
    parts.append(svg.text(20, _TOP - 18, down, "sy-note"))
    parts += _legend(found, low, high, right + 24)
    return parts


def _draw(
    found: Scores, cell: _Cell | None, where: str, x: float, y: float, width: float, low: float, high: float
) -> str:
    frame = (x + 1, y + 1, width - 2, _ROW - 2)
    if cell is None:
        return svg.rectangle(*frame, "sy-empty")
    middle = x + width / 2
    if not np.isfinite(cell.score):
        lost = svg.rectangle(*frame, "sy-empty") + svg.cross(middle, y + _ROW / 2, "sy-lost")
        return svg.titled(lost, f"{where}: all of {counted(len(cell.trials), 'trial')} diverged")
    shade = _shade(found, cell.score, low, high)
    drawn = svg.rectangle(*frame, f"sy-heat-{shade}")
    text = three_digits(cell.score)
    if _LETTER * len(text) < width - 4:
        on = "sy-on-deep" if shade >= _DEEP else "sy-on-pale"
        drawn += svg.text(middle, y + _ROW / 2 + 4, text, f"sy-cell {on}", "middle")
    return svg.titled(drawn, f"{where}: {text}, {counted(len(cell.trials), 'trial')}")


def _shade(found: Scores, score: float, low: float, high: float) -> int:
    """From 0 for the worst to 8 for the best."""
    if high <= low:
        return _SHADES - 1
    share = min(max((score - low) / (high - low), 0.0), 1.0)
    if found.metric.direction == "lower":
        share = 1.0 - share
    return round(share * (_SHADES - 1))


def _across(columns: Cells, width: float, bottom: float) -> list[str]:
    if columns.borders:
        every = -(-46 // int(width)) if width < 46 else 1
        return [
            svg.text(
                _LEFT + number * width, bottom + 18, value_text(float(f"{border:.2g}")), "sy-tick", "middle"
            )
            for number, border in enumerate(columns.borders)
            if number % every == 0
        ]
    most = max(3, int((width - 4) / _LETTER))
    return [
        svg.titled(
            svg.text(
                _LEFT + (number + 0.5) * width, bottom + 18, shortened(label, most), "sy-tick", "middle"
            ),
            label,
        )
        for number, label in enumerate(columns.labels)
    ]


def _down(rows: Cells, bottom: float) -> list[str]:
    if rows.borders:
        return [
            svg.text(
                _LEFT - 8, bottom - number * _ROW + 4, value_text(float(f"{border:.2g}")), "sy-tick", "end"
            )
            for number, border in enumerate(rows.borders)
        ]
    most = int((_LEFT - 28) / _LETTER)
    return [
        svg.titled(
            svg.text(_LEFT - 8, bottom - (number + 0.5) * _ROW + 4, shortened(label, most), "sy-tick", "end"),
            label,
        )
        for number, label in enumerate(rows.labels)
    ]


def _legend(found: Scores, low: float, high: float, x: float) -> list[str]:
    """The shades from the best to the worst, downwards."""
    best, worst = (low, high) if found.metric.direction == "lower" else (high, low)
    if low == high:
        return []
    parts = [
        svg.rectangle(x, _TOP + number * _SHADE, 14, _SHADE, f"sy-heat-{_SHADES - 1 - number}")
        for number in range(_SHADES)
    ]
    parts.append(svg.text(x + 20, _TOP + 10, three_digits(best), "sy-tick"))
    parts.append(svg.text(x + 20, _TOP + _SHADE * _SHADES, three_digits(worst), "sy-tick"))
    return parts
