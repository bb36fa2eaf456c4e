"""The charts of a study, by the names of their files."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.report.parallel_coordinates import parallel_coordinates_svg
from steelyard.report.study_curves import study_curves_svg
from steelyard.report.study_heat_map import study_heat_map_svg
from steelyard.report.study_history import study_history_svg
from steelyard.tuning.analysis import Importance
from steelyard.tuning.study import Study

TOP = 6
"""Trials whose learning curves are drawn."""


def charts_of(study: Study, importance: Importance) -> dict[str, str]:
    """Drawings as SVG; none before a trial is complete. The heat map is over the two parameters that decide
    most."""
    return dict(_charts(study, importance))


def _charts(study: Study, importance: Importance) -> Iterator[tuple[str, str]]:
    board = study.ranking
    if not board.entries:
        return
    yield "history", study_history_svg(study.plan, study.trials)
    yield "parallel-coordinates", parallel_coordinates_svg(study.plan, study.trials, marked=board.tied)
    top = [entry.trial for entry in board.entries[:TOP]]
    yield "learning-curves", study_curves_svg(study.plan, study.trials, top)
    paths = [share.path for share in importance.shares]
    paths += [parameter.path for parameter in study.plan.space.parameters if parameter.path not in paths]
    if len(paths) > 1:
        yield "heat-map", study_heat_map_svg(study.plan, study.trials, paths[0], paths[1])
