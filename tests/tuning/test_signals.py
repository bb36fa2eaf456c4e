"""A search in a process of its own, which is told to stop or killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import steelyard
from steelyard.datasets import one_hot_purchases
from steelyard.recipe import Change, Recipe, apply
from steelyard.tables import table_from
from steelyard.tuning.events import BatchDone, Event
from tests.tuning.same import assert_same_trials

SCRIPT = """
import sys
from tests.tuning.test_signals import search
search(sys.argv[1], lambda event: print(type(event).__name__, flush=True))
"""


def search(storage: str | Path | None, on_event: steelyard.tuning.events.Watcher | None) -> steelyard.Study:
    frame = one_hot_purchases(400)
    return steelyard.tune(
        table_from(frame.drop("Kauf"), frame["Kauf"].to_numpy()),
        {"optimizer.learning_rate": (1e-4, 1e-1)},
        recipe=apply(Recipe(), Change("training.epochs", 30), Change("training.patience", None)),
        sampler="random",
        trials=8,
        folds=2,
        batch=2,
        storage=storage,
        refit=False,
        on_event=on_event,
    )


@pytest.fixture(scope="module")
def undisturbed() -> steelyard.Study:
    return search(None, None)


@pytest.mark.parametrize(
    ("sent", "status"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_what_was_finished_stays_and_the_rest_runs_again(
    sent: signal.Signals, status: int, undisturbed: steelyard.Study, tmp_path: Path, project_root: Path
) -> None:
    storage = tmp_path / "studies.db"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(storage)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=project_root,
    )
    assert process.stdout is not None
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line.strip())
        if "BatchDone" in seen and seen[-1] == "Step":  # in the middle of the second batch
            process.send_signal(sent)
            break
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (status, "")
    assert steelyard.load_study(storage).finished == 2
    done: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, BatchDone):
            done.append(event.batch.number)

    resumed = search(storage, watch)
    assert done == [1, 2, 3]
    assert_same_trials(resumed.trials, undisturbed.trials)
