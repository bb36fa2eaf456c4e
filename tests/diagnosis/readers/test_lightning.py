from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.diagnosis.readers import read
from tests.diagnosis.readers.samples import LIGHTNING


def test_sparse_rows_come_together_by_epoch(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "lightning_csv")
    assert log.format == "lightning"
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2, 3]
    assert log.history["train_loss"][0] == 0.759925365447998
    assert log.history["validation_loss"][0] == 0.7243746519088745
    assert log.facts.learning_rate == 0.01
    assert log.facts.origins["learning_rate"] == "hparams.yaml: lr"


def test_the_learning_rate_monitor(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(LIGHTNING)
    (log,) = read(path)
    assert log.history is not None
    assert log.history["train_learning_rate"].tolist() == [0.01, 0.01]
    assert log.facts.learning_rate == 0.01


def test_values_of_steps_are_averaged_where_there_are_no_others(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step,train_loss,val_loss\n0,4,1.0,\n0,9,0.5,\n0,9,,0.7\n0,9,,0.6\n1,19,0.25,\n")
    (log,) = read(path)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.75, 0.25]
    assert log.history["validation_loss"][0] == 0.6
    assert "train_loss is the mean of the values logged in each epoch" in log.notes


def test_fabric_names_no_epoch(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,train_loss,val_loss\n10,1.0,\n20,0.5,0.7\n30,0.25,\n40,0.25,0.6\n")
    (log,) = read(path)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == pytest.approx([0.75, 0.25])
    assert log.history["validation_loss"].tolist() == [0.7, 0.6]


def test_a_training_that_went_on_from_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step,train_loss,val_loss\n5,59,1.0,0.5\n6,69,0.5,0.25\n")
    (log,) = read(path)
    assert log.history is not None and log.history.epochs.tolist() == [6, 7]
