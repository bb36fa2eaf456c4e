from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.history import Series
from steelyard.log import Log
from tests.diagnosis.readers.samples import CSV_LOGGER


def written(folder: Path, text: str, name: str = "log.csv") -> Log:
    path = folder / name
    path.write_text(text)
    (log,) = read(path)
    assert log.format == "csv logger"
    return log


def series(log: Log, name: str) -> Series:
    assert log.history is not None
    return next(one for one in log.history.series if one.name == name)


def test_an_appended_file_is_one_log_whose_epochs_begin_again(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "keras_csvlogger_append_valfreq2.csv")
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2, 3, 4, 5, 1, 2]
    assert "the file holds 2 trainings" in log.notes[0]
    loss = series(log, "validation_loss")
    assert loss.measured is not None
    assert loss.measured.tolist() == [False, True, False, True, False, True, True]
    assert loss.values[1] == 0.8014164566993713


def test_a_loss_that_is_nan_was_measured_and_one_that_is_na_was_not(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "keras_csvlogger_nan.csv")
    assert log.history is not None
    assert list(log.history) == ["train_accuracy", "train_loss"], "columns of nothing but NA are left out"
    loss = series(log, "train_loss")
    assert np.isnan(loss.values).all() and loss.measured is not None and loss.measured.all()


def test_values_on_training_rows_are_means_over_the_epoch(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "keras_csvlogger.csv")
    assert series(log, "train_loss").quantity.epoch_mean is True
    assert series(log, "train_loss").quantity.weighted is None, "the file does not tell"
    assert series(log, "train_weighted_accuracy").quantity.weighted is None
    assert series(log, "validation_weighted_accuracy").quantity.weighted is False
    assert series(log, "validation_loss").quantity.epoch_mean is False
    assert series(log, "validation_average_precision").values[0] == 0.1403941810131073


def test_what_the_sample_holds(tmp_path: Path) -> None:
    log = written(tmp_path, CSV_LOGGER)
    loss = series(log, "train_loss")
    assert np.isnan(loss.values).tolist() == [False, False, True, False]
    assert loss.measured is not None and loss.measured.all()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(separator: str, tmp_path: Path) -> None:
    log = written(tmp_path, "epoch,loss,val_loss\n0,0.5,0.75\n1,0.25,0.5\n".replace(",", separator))
    assert series(log, "validation_loss").values.tolist() == [0.75, 0.5]


def test_a_decimal_comma(tmp_path: Path) -> None:
    log = written(tmp_path, "epoch;loss\n0;0,5\n1;0,25\n")
    assert series(log, "train_loss").values.tolist() == [0.5, 0.25]


def test_metrics_of_shape_1_and_the_learning_rate(tmp_path: Path) -> None:
    log = written(tmp_path, 'epoch,f1_score,loss,lr\n0,"[0.17]",0.5,0.01\n1,[0.18],0.4,0.001\n')
    assert series(log, "train_f1").values.tolist() == [0.17, 0.18]
    assert (log.facts.learning_rate, log.facts.framework) == (0.01, "keras 2")


def test_the_index_of_pandas_is_the_epoch(tmp_path: Path) -> None:
    log = written(tmp_path, ",loss,val_loss\n0,0.5,0.75\n1,0.25,0.5\n")
    assert log.history is not None and log.history.epochs.tolist() == [1, 2]


def test_no_column_of_epochs(tmp_path: Path) -> None:
    log = written(tmp_path, "loss,val_loss\n0.5,0.75\n0.25,0.5\n")
    assert log.history is not None and log.history.epochs.tolist() == [1, 2]


def test_two_areas_under_curves_keep_their_names(tmp_path: Path) -> None:
    log = written(tmp_path, "epoch,auc,auc_1,loss\n0,0.7,0.2,0.5\n1,0.8,0.3,0.4\n")
    assert log.history is not None
    assert list(log.history) == ["train_auc", "train_auc_1", "train_loss"]
    assert "which is of the ROC curve" in log.notes[0]


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    log = written(tmp_path, "epoch,loss,val_loss\n0,0.5,0.75\n1,0.2")
    assert log.history is not None and len(log.history) == 1
    assert "1 rows are left out" in log.notes[0]


def test_no_row_yet(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n")
    with pytest.raises(DataError, match=r"log\.csv has a header and no whole row"):
        read(path)


@pytest.mark.parametrize("index", ["", "Unnamed: 0"])
def test_the_index_of_pandas_beside_a_column_of_epochs(index: str, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(f"{index},epoch,loss,val_loss\n0,3,0.5,0.6\n1,4,0.25,0.5\n")
    (log,) = read(path)
    assert log.history is not None
    assert list(log.history) == ["train_loss", "validation_loss"]
    assert log.history.epochs.tolist() == [3, 4]


def test_metrics_of_fastai_are_of_validation_rows(tmp_path: Path) -> None:
    path = tmp_path / "learner.csv"
    path.write_text(
        "epoch,train_loss,valid_loss,accuracy,time\n0,0.3689,0.3679,0.8305,00:05\n1,0.3589,0.3579,0.8345,00:05\n"
    )
    (log,) = read(path)
    assert log.history is not None
    assert log.history["validation_accuracy"].tolist() == [0.8305, 0.8345]
    assert [*log.history] == ["train_loss", "validation_loss", "validation_accuracy"]
