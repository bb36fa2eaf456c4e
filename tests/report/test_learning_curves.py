"""The drawing is well-formed, complete and inside its frame, whatever the histories hold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.history import History, Series
from steelyard.report.learning_curves import HEIGHT, WIDTH, learning_curves_svg

SERIES = (
    "train_objective",
    "train_loss",
    "validation_loss",
    "train_average_precision",
    "validation_average_precision",
)
SVG = "{http://www.w3.org/2000/svg}"


def _history(curves: Mapping[str, Sequence[float]]) -> History:
    length = max((len(values) for values in curves.values()), default=0)
    series = (
        Series(*name.split("_", 1), values=np.array(values, np.float64)) for name, values in curves.items()
    )
    return History(np.arange(1, length + 1), tuple(series))


def _typical(epochs: int = 20, shift: float = 0.0) -> History:
    e = np.arange(1, epochs + 1)
    return _history(
        {
            "train_objective": list(0.3 / e + 0.15 + shift),
            "train_loss": list(0.25 / e + 0.1 + shift),
            "validation_loss": list(0.2 / e + 0.14 + 0.001 * e + shift),
            "train_average_precision": list(1 - 0.8 / e),
            "validation_average_precision": list(0.4 - 0.3 / e),
        }
    )


def _paths(svg: str, style: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [path.attrib["d"] for path in root.iter(f"{SVG}path") if path.attrib["class"] == style]


def _texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def _points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_every_curve_of_one_network_is_drawn_and_named() -> None:
    svg = learning_curves_svg([_typical()], [14], 0.05)
    assert [len(_points(path)) for path in _paths(svg, "sy-objective")] == [20]
    assert [len(_points(path)) for path in _paths(svg, "sy-train")] == [20, 20]
    assert [len(_points(path)) for path in _paths(svg, "sy-validation")] == [20, 20]
    assert len(_paths(svg, "sy-floor")) == 2
    assert len(_paths(svg, "sy-validation sy-dot")) == 2
    texts = _texts(svg)
    for label, times in {
        "as optimised": 1,
        "train": 2,
        "validation": 2,
        "base-rate entropy": 1,
        "base rate": 1,
    }.items():
        assert texts.count(label) == times
    assert texts.count("best epoch 14") == 2


def test_the_numbers_at_the_best_epoch_are_told() -> None:
    history = _typical()
    svg = learning_curves_svg([history], [14], 0.05)
    entropy = -(0.05 * math.log(0.05) + 0.95 * math.log(0.95))
    loss, ap = history["validation_loss"][13], history["validation_average_precision"][13]
    assert f"validation {loss:.3f} at the best epoch, base-rate entropy {entropy:.3f}" in _texts(svg)
    assert f"validation {ap:.3f} at the best epoch, base rate 0.0500" in _texts(svg)


def test_a_lower_loss_is_drawn_lower_and_a_later_epoch_further_right() -> None:
    (path,) = _paths(learning_curves_svg([_typical()], [14], 0.05), "sy-objective")
    points = _points(path)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted(y for _, y in points)


def test_several_networks_are_thin_lines_and_their_mean() -> None:
    histories = [_typical(20), _typical(16, 0.02), _typical(12, 0.01)]
    svg = learning_curves_svg(histories, [14, 15, 11], 0.05)
    assert sorted(len(_points(path)) for path in _paths(svg, "sy-validation sy-thin")) == [
        12,
        12,
        16,
        16,
        20,
        20,
    ]
    # The mean ends where fewer than half of the networks are still training.
    assert [len(_points(path)) for path in _paths(svg, "sy-validation")] == [16, 16]
    assert "best epochs 11 to 15" in _texts(svg)
    assert len(_paths(svg, "sy-validation sy-dot")) == 6


def test_a_curve_that_most_networks_lack_is_named_where_the_others_end() -> None:
    histories = [_history({}), _history({}), _typical(5)]
    svg = learning_curves_svg(histories, [0, 0, 4], 0.05)
    assert [len(_points(path)) for path in _paths(svg, "sy-train")] == [0, 0]
    assert _texts(svg).count("train") == 2


def test_one_epoch_is_a_dot() -> None:
    svg = learning_curves_svg([_typical(1)], [1], 0.05)
    assert [path[-2:] for path in _paths(svg, "sy-train sy-dot")] == ["h0", "h0"]


def test_nan_leaves_a_gap() -> None:
    svg = learning_curves_svg([_history({"train_loss": [0.5, 0.4, math.nan, 0.3, 0.2]})], [0], 0.05)
    (path,) = _paths(svg, "sy-train")
    assert path.count("M") == 2
    assert len(_points(path)) == 4


def test_a_value_between_gaps_is_a_dot_of_its_own() -> None:
    svg = learning_curves_svg(
        [_history({"train_loss": [0.5, 0.4, math.nan, 0.3, math.inf, 0.2, 0.1]})], [0], 0.05
    )
    assert _paths(svg, "sy-train")[0].count("h0") == 1


def test_nothing_finished_is_said() -> None:
    svg = learning_curves_svg([_history({})], [0], 0.05)
    assert _texts(svg).count("no epoch was finished") == 2


def test_a_huge_objective_makes_the_axis_logarithmic() -> None:
    history = _history({"train_objective": [5_000.0, 900.0, 90.0], "validation_loss": [0.2, 0.15, 0.14]})
    texts = _texts(learning_curves_svg([history], [3], 0.05))
    assert "Log loss (logarithmic axis)" in texts
    assert {"1", "10", "100", "1000"} <= set(texts)


def test_labels_never_overlap() -> None:
    history = _history({name: [0.1986, 0.1985] for name in SERIES})
    root = ElementTree.fromstring(learning_curves_svg([history], [2], 0.05))
    for panel in root.iter(f"{SVG}g"):
        classes = ("sy-objective", "sy-train", "sy-validation", "sy-floor")
        heights = sorted(
            float(t.attrib["y"]) for t in panel.iter(f"{SVG}text") if t.attrib["class"] in classes
        )
        assert np.diff(heights).min() >= 14.9


def test_it_is_one_file_without_script_and_dark_where_wanted() -> None:
    svg = learning_curves_svg([_typical()], [3], 0.05)
    assert "<script" not in svg
    assert set(re.findall(r'(?:https?:)?//[^"\s<)]+', svg)) == {"http://www.w3.org/2000/svg"}
    assert "prefers-color-scheme:dark" in svg
    assert " id=" not in svg  # several drawings may stand in one page


def test_as_many_best_epochs_as_histories_are_needed() -> None:
    with pytest.raises(ValueError, match="1 histories, but 2 best epochs"):
        learning_curves_svg([_typical()], [1, 2], 0.05)


values = st.one_of(st.floats(allow_nan=True, allow_infinity=True, width=32), st.floats(0.0, 1.0))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.integers(0, 6).flatmap(
            lambda n: st.fixed_dictionaries(
                {name: st.lists(values, min_size=n, max_size=n) for name in SERIES}
            )
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([0.0, 1e-6, 0.05, 1.0, math.nan]),
)
def test_whatever_was_recorded_stays_inside_the_frame(
    curves: list[dict[str, list[float]]], base_rate: float
) -> None:
    histories = [_history(each) for each in curves]
    svg = learning_curves_svg(histories, [len(history) for history in histories], base_rate)
    root = ElementTree.fromstring(svg)
    assert "nan" not in svg.replace("nano", "")
    for path in root.iter(f"{SVG}path"):
        for x, y in _points(path.attrib["d"]):
            assert 0 <= x <= WIDTH / 2
            assert 0 <= y <= HEIGHT
