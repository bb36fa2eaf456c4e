"""Microseconds per training step and seconds per epoch, ours and the peers', taking turns."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks import ours
from benchmarks.samples import Sample, table
from benchmarks.workloads import NOTEBOOK, QUESTION, Workload

PEERS = ("keras_tensorflow", "pytorch", "scikit_learn")
OUR_EPOCHS = {NOTEBOOK.name: 10, QUESTION.name: 3}
"""Epochs in one measurement of ours: half a second to a few seconds."""


class Peer:
    """A process that trains with another library when asked to."""

    def __init__(self, python: Path, name: str, threads: int | None) -> None:
        environment = dict(os.environ)
        if threads:
            for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
                environment[variable] = str(threads)
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.peers.worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=Path(__file__).resolve().parent.parent,
            text=True,
        )
        cores = f"{threads} thread" if threads else "default threads"
        self.title = f"{self._answer()['description']}; {cores}"

    def seconds_per_step(self, workload: Workload) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(workload.name + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        return float(answer["seconds"]) / int(answer["steps"])

    def _answer(self) -> dict[str, str]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a peer ended: {self._process.args!r} gave {self._process.wait()}")
        answer: dict[str, str] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


class Ours:
    """The same work through ``fit_population``."""

    def __init__(self, workload: Workload) -> None:
        x, y = workload.rows(workload.train_rows + workload.validation_rows)
        self._table, self._target = ours.features(x), y
        self._workload = workload
        self.seconds_per_step(1, 1)

    def seconds_per_step(self, models: int, threads: int) -> float:
        """Time per model and step: training alone, next to no rows for the curves."""
        epochs = OUR_EPOCHS[self._workload.name]
        jobs = [
            ours.job(self._workload, epochs=epochs, metric_rows=100, validate=False, seed=seed)
            for seed in range(models)
        ]
        elapsed = ours.seconds(self._table, self._target, jobs, threads)
        return elapsed / (epochs * self._workload.steps_per_epoch * models)

    def seconds_per_epoch(self) -> float:
        """Time of an epoch as a user has it: with the plain curves on training and validation rows."""
        epochs = OUR_EPOCHS[self._workload.name]
        job = ours.job(self._workload, epochs=epochs, metric_rows=50_000, validate=True)
        return ours.seconds(self._table, self._target, [job], 1) / epochs


@dataclass(frozen=True)
class StepTimes:
    """Seconds per step of each contender, seconds per epoch of ours; the rounds of all agree."""

    workload: Workload
    one_core: Sample
    two_cores: Sample
    epoch: Sample
    peers: dict[str, Sample]


def measure(python: Path, workload: Workload, repeats: int) -> StepTimes:
    """Every contender once per round, so that a noisy minute does not fall on one of them alone."""
    mine = Ours(workload)
    contenders: dict[str, Callable[[], float]] = {
        "one core": lambda: mine.seconds_per_step(1, 1),
        "two cores": lambda: mine.seconds_per_step(2, 2),
        "epoch": mine.seconds_per_epoch,
    }
    with ExitStack() as stack:
        for name in PEERS:
            for threads in (None, 1):
                peer = stack.enter_context(Peer(python, name, threads))
                contenders[peer.title] = partial(peer.seconds_per_step, workload)
        rounds = [{title: turn() for title, turn in contenders.items()} for _ in range(repeats)]
    samples = {title: Sample(tuple(each[title] for each in rounds)) for title in contenders}
    return StepTimes(
        workload, samples.pop("one core"), samples.pop("two cores"), samples.pop("epoch"), samples
    )


def report(times: StepTimes) -> str:
    """A table of contenders, ours first."""
    steps = times.workload.steps_per_epoch
    rows = [
        ("**Steelyard, one core**", times.one_core, times.epoch),
        ("**Steelyard, two models on two cores**, per model and step", times.two_cores, None),
        *((title, sample, sample.scaled(steps)) for title, sample in times.peers.items()),
    ]
    cells = []
    for title, step, epoch in rows:
        ratio = step.over(times.one_core)
        seconds = f"{epoch.median:,.2f}" if epoch else ""
        cells.append((title, step.scaled(1e6).text(), f"{ratio.median:,.2f}", seconds))
    return table(("", "µs per step", "× ours on one core", "s per epoch"), cells)
