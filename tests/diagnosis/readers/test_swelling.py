"""Files that ask for far more memory than they have bytes: curves, epochs and trials that share nothing."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.fuzz_readers import FREE, TIMES
from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from tests.diagnosis.readers.database_samples import mlflow, wandb_file, wandb_history

_MANY = range(3_000)


def _short_beside_a_long_one(metric: str) -> dict[str, list[float]]:
    return {metric: [0.5] * 5_000} | {f"val_{number}": [0.5] for number in _MANY}


FILES = {
    "history.json": json.dumps(_short_beside_a_long_one("loss")).encode(),
    "evals.json": json.dumps({"train": _short_beside_a_long_one("logloss")}).encode(),
    "epochs.txt": "".join(f"Epoch {n + 1}/9999 - a{n}: 1\n" for n in _MANY[::2]).encode(),
    "scores.txt": "".join(f"0.5 (0.1) with: {{'a{n}': 1}}\n" for n in _MANY[::2]).encode(),
    "numbers.txt": ("{'loss': [" + "1.," * 40_000 + "]}").encode(),
    "mlflow.db": mlflow([(f"a{number}", 0.5, 0, 1, 0) for number in _MANY]),
    "run-a.wandb": wandb_file([wandb_history({f"a{number}": 0.5 for number in _MANY})]),
}


@pytest.mark.parametrize("name", FILES)
def test_what_shares_no_epochs_takes_no_more_memory_than_any_file_may(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    tracemalloc.start()
    try:
        read(path)
    except DataError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < FREE + TIMES * len(FILES[name])


def test_the_shortest_curves_are_left_out_and_told_of(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_bytes(FILES["history.json"])
    (log,) = read(path)
    assert log.history is not None
    assert len(log.history["train_loss"]) == 5_000
    assert any("curves with few values are left out: others have 5,000" in note for note in log.notes)


def test_a_long_history_dict_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "post.txt"
    values = ", ".join(["0.125"] * 4_000)
    path.write_text(f"h = {{'loss': [{values}], 'val_loss': [{values}], 'lr': [np.float32(0.1)]}}\n")
    (log,) = read(path)
    assert log.history is not None
    assert log.history["validation_loss"].tolist() == [0.125] * 4_000
