"""Several logs in one call are judged as a comparison too."""

from __future__ import annotations

from typing import Any

import numpy as np

import steelyard
from steelyard.finding import Status
from steelyard.history import History, Series
from steelyard.log import Facts, Log


def log(name: str, losses: list[float], **facts: Any) -> Log:
    series = Series("validation", "loss", np.array(losses))
    return Log(name, "keras history", History(np.arange(1, len(losses) + 1), (series,)), Facts(**facts))


def test_several_histories_are_a_comparison() -> None:
    runs = [
        log(f"run {number}", [0.5, 0.4 + 0.01 * number], learning_rate=0.1 * number, batch_size=number)
        for number in (1, 2)
    ]
    found = steelyard.diagnose(runs)
    assert [one.format for one in found] == ["keras history"] * 2 + ["comparison of runs"]
    assert found[-1]["SRC807"].status is Status.FIRED


def test_one_history_is_none() -> None:
    assert len(steelyard.diagnose([{"loss": [0.5, 0.4], "val_loss": [0.5, 0.4]}])) == 1
