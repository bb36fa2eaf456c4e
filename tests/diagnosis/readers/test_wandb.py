from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.log import Log
from tests.diagnosis.readers.database_samples import item, message, wandb_file, wandb_history, wandb_run


def _read(folder: Path, *records: bytes, cut: int = 0) -> Log:
    path = folder / "run-x.wandb"
    content = wandb_file(records)
    path.write_bytes(content[: len(content) - cut])
    (log,) = read(path)
    return log


def test_an_offline_run(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "wandb_offline")
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2, 3, 4]
    assert log.history["train_loss"].tolist() == [1.0, 0.5, 0.3333333333333333, 0.25]
    assert log.history["validation_loss"].tolist() == [1.2, 0.6, 0.39999999999999997, 0.3]
    assert log.source.endswith("run r1")
    assert (log.facts.class_weight, log.facts.learning_rate) == ((1.0, 9.0), 0.001)
    assert "train__runtime" not in log.history


def test_a_record_over_several_blocks(tmp_path: Path) -> None:
    long = wandb_history({f"curve{at}": 0.5 for at in range(4000)})
    assert len(long) > 65536
    records = [wandb_run({"text": "x" * 20_000}), long, wandb_history({"loss": 0.25})]
    log = _read(tmp_path, *records)
    assert log.history is not None
    assert {"train_curve3999", "train_loss"} <= set(log.history)
    assert not any("read up to byte" in note for note in log.notes)


def test_a_torn_end_is_normal(tmp_path: Path) -> None:
    records = [wandb_history({"loss": value, "_step": at}) for at, value in enumerate((0.75, 0.5, 0.25))]
    log = _read(tmp_path, *records, cut=3)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.75, 0.5]
    assert "it ends within a record (normal while a run goes on)" in log.notes[0]


def test_a_changed_byte_ends_it(tmp_path: Path) -> None:
    content = bytearray(wandb_file([wandb_history({"loss": 0.5})] * 2))
    content[-1] ^= 1
    (tmp_path / "run-x.wandb").write_bytes(content)
    (log,) = read(tmp_path / "run-x.wandb")
    assert "the checksum of a record is wrong" in log.notes[0]


def test_the_step_is_of_calls_and_the_epoch_counts(tmp_path: Path) -> None:
    records = [
        wandb_history(values)
        for values in (
            {"epoch": 0, "loss": 0.75, "_step": 0},
            {"epoch": 0, "val_loss": 0.5, "_step": 1},
            {"epoch": 1, "loss": 0.5, "_step": 2},
            {"epoch": 1, "val_loss": '"NaN"', "_step": 3},
            {"val_loss": 0.125, "_step": 4},
        )
    ]
    log = _read(tmp_path, *records)
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2]
    assert log.history["train_loss"].tolist() == [0.75, 0.5]
    assert log.history["validation_loss"][0] == 0.5 and np.isnan(log.history["validation_loss"][1])
    assert "1 values of val_loss are left out: their records name no epoch" in log.notes


def test_the_callback_of_keras(tmp_path: Path) -> None:
    records = [
        wandb_history({"batch/loss": 0.875, "batch/batch_step": 0}),
        *(
            wandb_history({"epoch/epoch": at, "epoch/loss": 0.5, "epoch/val_loss": 0.25, "epoch/lr": 0.125})
            for at in range(2)
        ),
    ]
    log = _read(tmp_path, *records)
    assert log.history is not None
    assert list(log.history) == ["train_loss", "validation_loss", "train_learning_rate"]
    assert log.history.series[0].quantity.epoch_mean is True
    assert "2 curves by batch are left out" in log.notes


def test_shares_of_epochs(tmp_path: Path) -> None:
    records = [
        wandb_history({"train/epoch": share, "train/loss": loss})
        for share, loss in ((0.5, 0.75), (1.0, 0.25), (1.5, 0.5))
    ]
    log = _read(tmp_path, *records)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.5, 0.5]


def test_a_run_without_history(tmp_path: Path) -> None:
    path = tmp_path / "run-x.wandb"
    path.write_bytes(wandb_file([wandb_run({"lr": "0.1"})]))
    with pytest.raises(DataError, match="holds 0 records of history and no curve"):
        read(path)


def test_a_record_that_is_damaged_behind_a_value(tmp_path: Path) -> None:
    damaged = message((2, message((1, item("val_loss", "0.5"))) + b"\x0b"))
    log = _read(tmp_path, damaged, wandb_history({"loss": 0.25}))
    assert log.history is not None
    assert log.history["train_loss"].tolist()[-1] == 0.25
    assert "1 records are no records of W&B and are left out" in log.notes
