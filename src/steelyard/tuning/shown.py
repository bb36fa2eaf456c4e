"""A study in a line of text, and as a table of a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from steelyard.study import Plan
from steelyard.tuning.analysis import Leaderboard

SHOWN = 10
"""The trials at the top."""


def study_line(name: str, finished: int, target: int, board: Leaderboard) -> str:
    """One line: how far it is, and the best score."""
    done = f"{finished} trials" if finished >= target else f"{finished} of {target} trials"
    if not board.entries:
        return f"study {name!r}: {done}, none of them complete"
    best = board.entries[0]
    return f"study {name!r}: {done}, best {board.metric} {best.mean:.4f} (trial {best.trial})"


def study_html(line: str, plan: Plan, board: Leaderboard, remarks: Sequence[str]) -> str:
    """The line, the best trials with their parameters, what the leaderboard says of ties, and remarks."""
    paths = [parameter.path for parameter in plan.space.parameters]
    head = _row("th", ["", "trial", board.metric, "± over folds", "± over seeds", *paths])
    tied = set(board.tied)
    rows = [
        _row(
            "td",
            [
                f"{entry.rank}{'=' if entry.trial in tied and len(tied) > 1 else ''}",
                entry.trial,
                _number(entry.mean),
                _number(entry.over_folds),
                _number(entry.over_seeds),
                *(entry.point.get(path, "") for path in paths),
            ],
        )
        for entry in board.entries[:SHOWN]
    ]
    listed = "".join(f"<li>{html.escape(remark)}</li>" for remark in remarks)
    return (
        f"<p>{html.escape(line)}</p><table>{head}{''.join(rows)}</table>"
        f"<p>{html.escape(board.summary)}</p>" + (f"<ul>{listed}</ul>" if listed else "")
    )


def _row(tag: str, cells: Sequence[Any]) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(_text(cell))}</{tag}>' for cell in cells)}</tr>"


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """To four decimals, and nothing for what is not known."""
    return "" if value != value else f"{value:.4f}"
