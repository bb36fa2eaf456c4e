"""What networks take, beside what the process grows by."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from steelyard import Change, Recipe, apply, split_rows, table_from
from steelyard.engine import Decision
from steelyard.jobs import prepare, train_together
from steelyard.memory import network_bytes, resting_bytes, rows_bytes

STATM = Path("/proc/self/statm")


def resident() -> int:
    return int(STATM.read_text().split()[1]) * 4096


@pytest.mark.skipif(not STATM.exists(), reason="needs /proc")
@pytest.mark.parametrize(("columns", "units", "networks"), [(10, [16], 150), (60, [128, 64], 30)])
def test_resting_networks(columns: int, units: list[int], networks: int) -> None:
    # A process that has run other tests takes memory again that they gave back, and seems not to grow.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        grown, one, resting = fresh.submit(measure_resting, columns, units, networks).result()
    assert grown / networks == pytest.approx(resting, rel=0.35)
    assert one < resting


def measure_resting(columns: int, units: list[int], networks: int) -> tuple[int, int, int]:
    """By how many bytes the process grows while networks rest; bytes of a network and of one that rests."""
    random = np.random.default_rng(0)
    table = table_from(random.normal(size=(3_000, columns)), random.integers(0, 2, 3_000))
    recipe = apply(Recipe(), Change("network.hidden_units", units), Change("training.epochs", 2))
    task = prepare(table, recipe, split_rows(table))
    train_together(table, [task], 2)
    before, grown = resident(), 0

    def all_rest(jobs: Sequence[int]) -> Sequence[int]:
        nonlocal grown
        grown = resident() - before
        return jobs

    train_together(table, [task], networks, on_epoch=lambda end: Decision(rest=True), on_rest=all_rest)
    return grown, network_bytes(task), resting_bytes(task)


def test_rows() -> None:
    random = np.random.default_rng(0)
    table = table_from(random.normal(size=(400, 3)), random.random(400) < 0.2)
    split = split_rows(table)
    assert rows_bytes(prepare(table, Recipe(), split)) == 8 * len(split.train)
    smote = prepare(table, apply(Recipe(), Change("imbalance.resampling", "smote")), split)
    invented = len(smote.resampled.synthetic_target)
    assert invented > 0
    assert rows_bytes(smote) == 8 * len(split.train) + 4 * 3 * invented
