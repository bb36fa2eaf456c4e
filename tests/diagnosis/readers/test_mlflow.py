from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.log import Log
from tests.diagnosis.readers.database_samples import AUTOLOG, MLFLOW_TABLES, database, mlflow

Metric = tuple[str, Any, int, int, int]


def _read(
    folder: Path, metrics: Sequence[Metric], params: Mapping[str, str] | None = None, keras: bool = False
) -> Log:
    path = folder / "mlflow.db"
    path.write_bytes(mlflow(metrics, params, {"mlflow.autologging": "keras"} if keras else None))
    (log,) = read(path)
    return log


def test_the_autolog_of_keras(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "mlflow_autolog.db")
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2, 3]
    assert log.history["train_loss"].tolist() == [1.4427282810211182, 1.4421509504318237, 1.4419090747833252]
    assert log.history["validation_roc_auc"][-1] == 0.24358972907066345
    assert (log.facts.class_weight, log.facts.class_weight_type) == ((1.0, 9.0), "dict")
    assert (log.facts.validation_way, log.facts.validation_share) == ("tail", 0.2)
    assert log.facts.batch_size is None
    """It says ``'None'``."""
    loss = {one.name: one.quantity for one in log.history.series}
    assert (loss["train_loss"].weighted, loss["train_loss"].epoch_mean) == (True, True)
    assert (loss["validation_loss"].weighted, loss["validation_loss"].epoch_mean) == (False, False)


def test_what_autolog_repeats_at_step_0_is_left_out(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "mlflow_autolog.db")
    assert "validation_accuracy, validation_auc, validation_loss are left out" in log.notes[0]
    assert log.history is not None
    assert log.history["validation_loss"].tolist()[0] == 0.9779143333435059


def test_both_stores_hold_the_same(shared_logs: Path) -> None:
    (from_database,) = read(shared_logs / "mlflow_manual.db")
    (from_folder,) = read(shared_logs / "mlflow_filestore")
    assert from_database.history is not None and from_folder.history is not None
    for name in ("train_loss", "validation_loss"):
        assert from_database.history[name].tolist() == from_folder.history[name].tolist()
    assert from_database.facts == from_folder.facts
    assert (from_folder.facts.class_weight_type, from_folder.facts.learning_rate) == ("balanced", 0.001)
    assert from_folder.source.endswith("run r1")


def test_nan_and_infinity(tmp_path: Path) -> None:
    log = _read(tmp_path, [("loss", 0, 1, 0, 1), ("loss", 1.7976931348623157e308, 2, 1, 0)])
    assert log.history is not None
    assert np.isnan(log.history["train_loss"][0]) and np.isposinf(log.history["train_loss"][1])
    (loss,) = log.history.series
    assert loss.measured is not None and loss.measured.all()


def test_metrics_that_were_logged_without_steps(tmp_path: Path) -> None:
    log = _read(tmp_path, [("loss", 0.25, 30, 0, 0), ("loss", 0.75, 10, 0, 0), ("loss", 0.5, 20, 0, 0)])
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.75, 0.5, 0.25]
    assert any("loss was logged without steps" in note for note in log.notes)


def test_a_step_that_was_logged_again_has_its_last_value(tmp_path: Path) -> None:
    log = _read(
        tmp_path, [("val_loss", 0.25, 30, 1, 0), ("val_loss", 0.75, 10, 0, 0), ("val_loss", 0.5, 20, 1, 0)]
    )
    assert log.history is not None
    assert log.history["validation_loss"].tolist() == [0.75, 0.25]


def test_deleted_runs_and_metrics_of_the_machine_are_left_out(tmp_path: Path) -> None:
    log = _read(tmp_path, [*AUTOLOG, ("system/cpu_utilization_percentage", 50.0, 1, 7, 0)])
    assert log.history is not None
    assert list(log.history) == ["train_loss", "validation_loss"]
    assert log.history.epochs.tolist() == [1, 2]
    assert "1 deleted runs are left out" in log.notes


def test_keras_takes_the_word_balanced_without_using_it(tmp_path: Path) -> None:
    params = {"class_weight": "balanced"}
    assert _read(tmp_path, AUTOLOG, params).facts.class_weight_type == "balanced"
    assert _read(tmp_path, AUTOLOG, params, keras=True).facts.class_weight_type == "string"


def test_the_newest_of_many_runs(tmp_path: Path) -> None:
    runs = [(f"r{at}", f"name {at}", at, "active", 1) for at in range(205)]
    metrics = [("loss", 0.5, 1, f"r{at}", 0, 0) for at in range(205)]
    (tmp_path / "mlflow.db").write_bytes(database(MLFLOW_TABLES, {"runs": runs, "metrics": metrics}))
    logs = read(tmp_path / "mlflow.db")
    assert len(logs) == 200
    assert logs[0].source.endswith("run name 204")
    assert "5 older runs are left out" in logs[0].notes[0]


def test_a_store_without_curves(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(mlflow([]))
    with pytest.raises(DataError, match="holds 1 runs of MLflow and no metric of any epoch"):
        read(tmp_path / "mlflow.db")


def test_a_folder_with_keys_in_folders_and_without_steps(tmp_path: Path) -> None:
    run = tmp_path / "0" / "abc"
    (run / "metrics" / "val").mkdir(parents=True)
    (run / "meta.yaml").write_text("status: 3\n")
    (run / "metrics" / "val" / "loss").write_text("10 0.5 0\n20 nan 1\n")
    (run / "metrics" / "loss").write_text("10 0.75\n20 0.5\n")
    (log,) = read(tmp_path)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.75, 0.5]
    assert np.isnan(log.history["validation_loss"][1])
    (run / "metrics" / "loss").write_text("10 0.75 0\nten\n")
    with pytest.raises(DataError, match=r"loss, line 2: found b'ten"):
        read(run)


def test_one_epoch_of_autolog(tmp_path: Path) -> None:
    metrics = [("loss", 0.5, 1, 0, 0), ("val_loss", 0.25, 1, 0, 0), ("validation_loss", 0.25, 2, 0, 0)]
    log = _read(tmp_path, metrics, keras=True)
    assert log.history is not None
    assert list(log.history) == ["train_loss", "validation_loss"]


def test_the_epoch_that_lightning_logs_beside_its_steps(tmp_path: Path) -> None:
    metrics: list[Metric] = []
    for step, epoch, name in ((9, 0, "train_loss"), (9, 0, "val_loss"), (19, 1, "train_loss")):
        metrics += [(name, 1.0 - step / 100, step, step, 0), ("epoch", epoch, step, step, 0)]
    log = _read(tmp_path, metrics)
    assert log.history is not None
    assert list(log.history) == ["train_loss", "validation_loss"]
    assert log.history.epochs.tolist() == [1, 2]
    np.testing.assert_array_equal(log.history["validation_loss"], [0.91, np.nan])
    assert not any("optimizer" in note for note in log.notes)
