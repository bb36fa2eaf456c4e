"""The heat map of two parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.report.study_heat_map import study_heat_map_svg
from steelyard.run import RunStatus
from steelyard.study import Choice, Plan, Range, Space, Trial
from tests.report.searches import SPACE, searches, sound, texts, titles
from tests.studies import plan_of, trial_of

RATE, UNITS = "optimizer.learning_rate", "network.units"
GRID = Space(
    parameters=(Choice(path=RATE, values=(0.1, 0.001, 0.01)), Choice(path=UNITS, values=("few", "many")))
)


def test_a_grid_is_a_table_of_its_scores() -> None:
    plan = plan_of(GRID)
    trials = [
        trial_of(plan, number, 0.1 + 0.1 * number, point={RATE: rate, UNITS: units})
        for number, (rate, units) in enumerate([(r, u) for r in (0.001, 0.01, 0.1) for u in ("few", "many")])
    ]
    svg = study_heat_map_svg(plan, trials, RATE, UNITS)
    written = texts(svg)
    # Numbers in the order of their size, whatever the order of the space; the first value below.
    assert [text for text in written if text in ("0.001", "0.01", "0.1")] == ["0.001", "0.01", "0.1"]
    assert [text for text in written if text.startswith("0.") and len(text) == 5][:6] == [
        "0.100", "0.200", "0.300", "0.400", "0.500", "0.600",
    ]  # fmt: skip
    assert "best 0.600 at 0.1 and many (1 trial); 6 of 6 trials shown" in written
    assert "Median average_precision by optimizer.learning_rate and network.units" in written
    assert f"{RATE} 0.1, {UNITS} many: 0.600, 1 trial" in titles(svg)
    assert svg.count("sy-chosen") == 3  # twice in the style, once on the best cell


def test_cells_show_the_median_and_crosses_where_all_diverged() -> None:
    plan = plan_of(GRID)
    trials = [
        trial_of(plan, number, score, point={RATE: 0.01, UNITS: "few"})
        for number, score in enumerate([0.1, 0.4, 0.5])
    ]
    trials.append(trial_of(plan, 3, 0.0, point={RATE: 0.1, UNITS: "few"}, status=RunStatus.DIVERGED))
    svg = study_heat_map_svg(plan, trials, RATE, UNITS)
    assert f"{RATE} 0.01, {UNITS} few: 0.400, 3 trials" in titles(svg)
    assert f"{RATE} 0.1, {UNITS} few: all of 1 trial diverged" in titles(svg)
    assert svg.count('class="sy-empty"') == 5


def test_a_logarithmic_range_is_cut_into_equal_ratios() -> None:
    space = Space(parameters=(Range(path=RATE, low=1e-4, high=1.0, log=True), GRID.parameters[1]))
    plan = plan_of(space)
    rates = np.geomspace(1e-4, 1.0, 16)
    trials = [
        trial_of(plan, number, 0.4, point={RATE: float(rate), UNITS: "few"})
        for number, rate in enumerate(rates)
    ]
    written = texts(study_heat_map_svg(plan, trials, RATE, UNITS))
    assert [text for text in written if text in ("0.0001", "0.001", "0.01", "0.1", "1")] == [
        "0.0001", "0.001", "0.01", "0.1", "1",
    ]  # fmt: skip


def test_a_parameter_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"'units' is no parameter of this study; there are opt"):
        study_heat_map_svg(plan_of(GRID), [], RATE, "units")


@given(searches(), st.lists(st.sampled_from(SPACE.parameters), min_size=2, max_size=2))
def test_any_search_can_be_drawn(search: tuple[Plan, list[Trial]], two: list[Choice | Range]) -> None:
    across, down = two
    sound(study_heat_map_svg(*search, across.path, down.path))
