from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from tests.diagnosis.readers.result_samples import EXPERIMENT_LOG, TALOS


def test_metrics_and_parameters_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    path.write_text(TALOS + "1,2,3\n")
    (log,) = read(path)
    assert "1 rows are left out: they do not have the 12 cells of the header" in log.notes
    assert log.history is None and log.trials is not None
    assert log.trials.parameters == {
        "lr": [0.1, 1],
        "losses": ["binary_crossentropy", "logcosh"],
        "first_neuron": [16, 32],
        "dropout": [0, 0.5],
    }
    assert set(log.trials.metrics) == {
        "train_loss",
        "train_fmeasure_acc",
        "validation_loss",
        "validation_fmeasure_acc",
    }
    np.testing.assert_array_equal(log.trials.metrics["train_loss"], [0.5, np.nan])
    assert log.trials.epochs is not None and log.trials.epochs.tolist() == [10.0, 7.0]
    assert "values are those of the last epoch of each round, not of its best" in log.notes[0]


def test_the_table_of_our_scan(tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    path.write_text(
        "round_epochs,loss,val_loss,lr,state,val_loss_best,val_loss_seeds,val_loss_best_seeds\n"
        "10,0.5,0.25,0.1,complete,0.125,0.0625,0.03125\n"
    )
    (log,) = read(path)
    assert log.trials is not None
    assert log.trials.parameters == {"lr": [0.1]}
    assert {name: values[0] for name, values in log.trials.metrics.items()} == {
        "train_loss": 0.5,
        "validation_loss": 0.25,
    }
    assert log.trials.spread["validation_loss"].tolist() == [0.0625]


def test_curves_of_an_experiment_log(tmp_path: Path) -> None:
    path = tmp_path / "experiment.log"
    path.write_text(EXPERIMENT_LOG)
    first, second = read(path)
    assert first.history is not None and second.history is not None
    assert first.history.epochs.tolist() == [1, 2]
    assert first.history["validation_loss"].tolist() == [0.625, 0.5]
    assert second.history["train_loss"].tolist() == [0.75]
    assert first.source.endswith("round 1a")
    assert "values are rounded to four digits" in first.notes


def test_a_table_without_rounds_or_metrics(tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    path.write_text("round_epochs,loss\n")
    with pytest.raises(DataError, match="no whole row below its header"):
        read(path)
    path.write_text("round_epochs,first_neuron\n10,16\n")
    with pytest.raises(
        DataError, match="has the column round_epochs and no metric; found round_epochs, first"
    ):
        read(path)
