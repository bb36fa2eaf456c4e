from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.log import Log
from tests.diagnosis.readers.samples import HISTORY


def log_of(content: Any, folder: Path) -> Log:
    path = folder / "history.json"
    path.write_text(json.dumps(content))
    (log,) = read(path)
    assert log.format == "keras history"
    return log


def test_the_dict(tmp_path: Path) -> None:
    log = log_of(HISTORY, tmp_path)
    assert log.history is not None
    assert log.history["validation_loss"].tolist() == [0.8, 0.6, 0.5]
    assert (log.facts.framework, log.facts.learning_rate) == ("keras 3", 0.001)


def test_validation_every_second_epoch(tmp_path: Path) -> None:
    log = log_of({"loss": [5, 4, 3, 2, 1], "val_loss": [4.5, 2.5]}, tmp_path)
    assert log.history is not None
    np.testing.assert_array_equal(log.history["validation_loss"], [np.nan, 4.5, np.nan, 2.5, np.nan])
    assert log.notes == ("val_loss is taken to be measured every 2 epochs: it has 2 of 5",)


def test_a_length_that_fits_nothing_is_left_out(tmp_path: Path) -> None:
    log = log_of({"loss": [5, 4, 3, 2, 1], "val_loss": [4, 3, 2, 1]}, tmp_path)
    assert log.history is not None and list(log.history) == ["train_loss"]
    assert log.notes == ("val_loss is left out: it has 4 values where others have 5",)


def test_the_whole_history_with_what_old_keras_tells(tmp_path: Path) -> None:
    params = {"batch_size": 32, "epochs": 9, "samples": 640, "steps": None}
    log = log_of(
        {"history": {"acc": [0.5, 0.6], "loss": [1, 2]}, "epoch": [3, 4], "params": params}, tmp_path
    )
    assert log.history is not None and log.history.epochs.tolist() == [4, 5], "initial_epoch=3"
    assert (log.facts.batch_size, log.facts.planned_epochs, log.facts.rows_train) == (32, 9, 640)
    assert log.facts.framework == "keras 2"
    assert "train_accuracy" in log.history


@pytest.mark.parametrize(
    "content",
    [
        {"loss": {"0": 0.5, "1": 0.25}, "val_loss": {"0": 1.0, "1": 2.0}},
        [{"loss": 0.5, "val_loss": 1.0}, {"loss": 0.25, "val_loss": 2.0}],
        {"loss": ["0.5", "0.25"], "val_loss": [[1.0], [2.0]]},
    ],
    ids=["columns", "records", "texts and arrays"],
)
def test_as_pandas_and_people_write_it(content: Any, tmp_path: Path) -> None:
    log = log_of(content, tmp_path)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.5, 0.25]
    assert log.history["validation_loss"].tolist() == [1.0, 2.0]


def test_null_is_a_loss_that_was_nan_and_a_validation_that_was_not_made(tmp_path: Path) -> None:
    log = log_of({"loss": [0.5, None], "val_loss": [None, 0.5]}, tmp_path)
    assert log.history is not None
    measured = [series.measured.tolist() for series in log.history.series if series.measured is not None]
    assert measured == [[True, True], [False, True]]


def test_what_is_no_history(tmp_path: Path) -> None:
    path = tmp_path / "grid.json"
    path.write_text('{"loss": ["mse", "mae"], "lr": [0.1, 0.2]')
    with pytest.raises(DataError, match=r"grid\.json is no sound JSON: .* line 1, column 42"):
        read(path)


def test_a_pickle_only_where_it_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "history.pkl"
    path.write_bytes(pickle.dumps({"loss": [np.float32(0.5), 0.25], "val_loss": np.array([1.0, 2.0])}))
    with pytest.raises(DataError, match=r"(?s)history\.pkl is a pickle.*--trust"):
        read(path)
    (log,) = read(path, trust=True)
    assert log.history is not None and log.history["train_loss"].tolist() == [0.5, 0.25]


def test_a_dict_saved_by_numpy(tmp_path: Path) -> None:
    path = tmp_path / "history.npy"
    np.save(path, np.array({"loss": [0.5, 0.25]}, dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="is a pickle"):
        read(path)
    (log,) = read(path, trust=True)
    assert log.history is not None and log.history["train_loss"].tolist() == [0.5, 0.25]


class _Bomb:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("burst"),))


def test_nothing_a_pickle_names_is_run_even_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "history.pkl"
    path.write_bytes(pickle.dumps({"loss": [0.5, 0.25], "model": _Bomb()}))
    (log,) = read(path, trust=True)
    assert log.history is not None
    assert not (tmp_path / "burst").exists()
