"""What is counted and shown while a search runs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from steelyard.cli.live_table import LiveTable, picture, progress_line
from steelyard.cli.search_tally import SearchTally
from steelyard.recipe import Recipe
from steelyard.run import RunStatus
from steelyard.study import Choice, NetworkOutcome, Plan, Range, Space, Trial, TrialState
from steelyard.tuning.evaluation import Step
from steelyard.tuning.events import BatchBegun, BatchDone, Note, Waiting
from steelyard.tuning.executors import Batch
from steelyard.tuning.storage import Progress

SPACE = Space(
    parameters=(
        Range(path="optimizer.learning_rate", low=1e-4, high=1e-1, log=True),
        Choice(path="network.activation", values=("relu", "tanh")),
        Choice(path="network.hidden_units", values=([8], [64, 32]), when={"network.activation": ("relu",)}),
    )
)
PLAN = Plan(recipe=Recipe(), space=SPACE, metrics=("log_loss",), folds=2, batch=4, fingerprint="f")


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def trial(
    number: int, loss: float, point: Mapping[str, Any], state: TrialState = TrialState.COMPLETE
) -> Trial:
    networks = tuple(
        NetworkOutcome(
            fold=fold,
            seed=0,
            status=RunStatus.COMPLETED,
            reason="",
            best_epoch=1,
            epochs=2,
            steps=10,
            best={"log_loss": loss + shift},
            last={"log_loss": loss + shift},
            curves={},
            seconds=0.1,
        )
        for fold, shift in ((0, -0.01), (1, 0.01))
    )
    return Trial(number, point, state, (loss,), networks, 0.2)


POINT = {"optimizer.learning_rate": 0.01, "network.activation": "tanh"}


def batch(number: int, first: int, count: int = 4) -> Batch:
    return Batch(number, tuple(range(first, first + count)), (POINT,) * count)


def progress(finished: int, target: int = 12) -> Progress:
    return Progress(target=target, complete=finished, pruned=0, running=0, workers=1)


def test_the_time_left_learns_from_early_stopping() -> None:
    clock = Clock()
    tally = SearchTally(PLAN, 12, seconds=60.0, clock=clock)
    assert tally.seconds_left == 60.0
    clock.now += 5.0
    assert tally.seconds_left == 55.0
    tally.take(BatchBegun(batch(0, 0)))
    for number in range(4):
        for fold in range(2):
            tally.take(Step(number, fold, 0, 5, 20, {"log_loss": 0.5}))
    assert tally.done == pytest.approx(1.0)  # a quarter of the epochs of four trials
    assert tally.seconds_left == pytest.approx(55.0)
    trials = tuple(trial(number, 0.5 - number / 10, POINT) for number in range(4))
    tally.take(BatchDone(batch(0, 0), trials, True, progress(4)))
    clock.now += 3.0
    assert tally.done == 4.0
    assert tally.seconds_left == pytest.approx(16.0)
    tally.take(BatchBegun(batch(1, 4)))
    tally.take(Step(4, 0, 0, 20, 20, {"log_loss": 0.5}))
    # Networks ended after a quarter of their epochs: one whole network is worth four.
    assert tally.done == pytest.approx(6.0)


def test_trials_of_others_count_and_a_larger_target_is_seen() -> None:
    tally = SearchTally(PLAN, 12)
    assert tally.seconds_left is None
    tally.take(Waiting(progress(7, target=20)))
    assert (tally.count, tally.target) == (7, 20)
    assert "other workers" in tally.note
    tally.take(Note("a node was lost"))
    assert tally.note == "a node was lost"


def test_the_best_leads_and_pruned_trials_do_not() -> None:
    known = [
        trial(0, 0.5, POINT),
        trial(1, 0.2, POINT, TrialState.PRUNED),
        trial(2, 0.3, POINT),
        trial(3, float("inf"), POINT),
    ]
    tally = SearchTally(PLAN, 12, known)
    assert [one.number for one in tally.leaders(2)] == [2, 0]
    assert progress_line(tally) == "4 of 12 trials  best log loss 0.3000 (trial 2)"


def test_the_table_shows_points_with_dashes_where_a_parameter_is_not_active() -> None:
    other = {**POINT, "network.activation": "relu", "network.hidden_units": [64, 32]}
    tally = SearchTally(PLAN, 12, [trial(0, 0.5, POINT), trial(1, 0.4, other)])
    file = io.StringIO()
    Console(file=file, width=100).print(picture(tally))
    bar, header, *rows = file.getvalue().splitlines()
    assert "2 of 12 trials" in bar
    assert header.split() == ["trial", "log", "loss", "spread", "learning_rate", "activation", "hidden_units"]
    assert [row.split() for row in rows] == [
        ["1", "0.4000", "0.0141", "0.01", "relu", "64,", "32"],
        ["0", "0.5000", "0.0141", "0.01", "tanh", "-"],
    ]


def test_elsewhere_about_ten_lines_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    tally = SearchTally(PLAN.model_copy(update={"batch": 1}), 40)
    with LiveTable(tally) as live:
        for number in range(40):
            live(BatchBegun(batch(number, number, 1)))
            done = (trial(number, 0.5, POINT),)
            live(BatchDone(batch(number, number, 1), done, True, progress(number + 1, target=40)))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" trials")[0] for line in lines] == [f"{count} of 40" for count in range(4, 41, 4)]
    assert "left" in lines[0]
    assert "left" not in lines[-1]


def test_a_network_alone_has_no_spread() -> None:
    one = trial(0, 0.5, POINT)
    alone = Trial(0, POINT, one.state, one.values, one.networks[:1])
    file = io.StringIO()
    Console(file=file, width=100).print(picture(SearchTally(PLAN, 3, [alone])))
    assert file.getvalue().splitlines()[-1].split()[:3] == ["0", "0.5000", "-"]
