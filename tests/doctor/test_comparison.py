"""Several logs in one call are judged as a comparison too."""

from __future__ import annotations

import steelyard
from steelyard.finding import Status


def test_several_histories_are_a_comparison() -> None:
    runs = [{"loss": [0.5, 0.4], "val_loss": [0.5, 0.4 + 0.01 * number]} for number in range(3)]
    found = steelyard.diagnose(runs)
    assert [one.format for one in found] == ["keras history"] * 3 + ["comparison of runs"]
    assert found[-1]["SRC806"].status is not Status.FIRED


def test_one_history_is_none() -> None:
    assert len(steelyard.diagnose([{"loss": [0.5, 0.4], "val_loss": [0.5, 0.4]}])) == 1
