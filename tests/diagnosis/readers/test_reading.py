from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import quantities, read
from steelyard.diagnosis.readers.assembling import Points, history_of_points
from steelyard.diagnosis.readers.hyperparameters import facts_of
from steelyard.errors import DataError
from tests.diagnosis.readers.samples import CSV_LOGGER, HISTORY


def test_every_log_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "log.csv").write_text(CSV_LOGGER)
    (tmp_path / "a" / "notes.txt").write_text("words")
    (tmp_path / "b.json").write_text(json.dumps(HISTORY))
    (tmp_path / "broken.csv").write_text("epoch,loss\n")
    logs = read(tmp_path)
    assert [log.format for log in logs] == ["csv logger", "keras history"]
    assert "broken.csv has a header and no whole row" in logs[0].notes[-1]


def test_a_folder_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no training log is known in the folder"):
        read(tmp_path)


def test_files_that_are_not_there_empty_or_unknown(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv cannot be read: No such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(DataError, match=r"empty\.csv is empty"):
        read(tmp_path / "empty.csv")
    (tmp_path / "x.bin").write_bytes(b"\x00\x01\x02")
    with pytest.raises(DataError, match=r"begins with b'\\x00\\x01\\x02'"):
        read(tmp_path / "x.bin")


def test_the_content_counts_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    path.write_text(json.dumps(HISTORY))
    assert read(path)[0].format == "keras history"


def test_a_map_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("step,err tr,err ho\n1,0.5,0.75\n2,0.25,\n")
    (log,) = read(path, columns={"epoch": "step", "loss": "err tr", "val_loss": "err ho"})
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.5, 0.25]
    assert log.history.series[1].measured is not None
    assert log.history.series[1].measured.tolist() == [True, False]
    with pytest.raises(
        DataError, match=r"no column 'err to' for loss \(did you mean 'err tr'\?\); there are: step"
    ):
        read(path, columns={"loss": "err to"})


def test_hyperparameters_as_people_name_them() -> None:
    facts = facts_of(
        {"model/lr": "0.01", "batch_size": "None", "class_weight": "{0: 1.0, 1: 9.0}", "optimizer": "Adam"},
        "there",
    )
    assert (facts.learning_rate, facts.batch_size, facts.class_weight) == (0.01, None, (1.0, 9.0))
    assert (facts.optimizer, facts.class_weight_type) == ("adam", "dict")
    assert facts.origins["learning_rate"] == "there: model/lr"


def test_curves_without_a_common_epoch_do_not_fill_the_memory() -> None:
    long = Points(np.arange(1, 100_001), np.zeros(100_000))
    points = {"loss": long} | {f"x{i}": Points(np.array([i]), np.array([0.5])) for i in range(1, 2000)}
    history, notes = history_of_points(points, quantities.unknown)
    assert history is not None
    assert "train_loss" in history
    assert len(history) * len(history.series) < 600_000
    assert "curves with few values are left out" in notes[0]


def test_what_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe is neither a file nor a folder"):
        read(tmp_path / "pipe")


def test_a_folder_with_many_broken_logs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV_LOGGER)
    for number in range(30):
        (tmp_path / f"b{number}.csv").write_text("epoch,loss\n")
    (log,) = read(tmp_path)
    assert sum(note.startswith("left out: ") for note in log.notes) == 21
    assert log.notes[-1] == "left out: 10 more files"


@pytest.mark.parametrize("protocol", [0, 4])
def test_pickles_of_a_folder_are_read_where_it_is_trusted(tmp_path: Path, protocol: int) -> None:
    (tmp_path / "h.pkl").write_bytes(pickle.dumps(HISTORY, protocol))
    with pytest.raises(DataError, match="no training log is known in the folder"):
        read(tmp_path)
    (log,) = read(tmp_path, trust=True)
    assert log.history is not None


@pytest.mark.parametrize(
    ("written", "weights"),
    [
        ("{0: 1.0, 1: 9.0}", (1.0, 9.0)),
        ("{1: 9.0, 0: 1.0}", (1.0, 9.0)),
        ("{0: np.float64(0.525), 1: np.float64(10.5)}", (0.525, 10.5)),
        ("{0: 1.0, 0: 9.0}", None),
        ("{0: 1.0, 1: 9.0, 2: 3.0}", None),
    ],
)
def test_class_weights_as_text(written: str, weights: tuple[float, float] | None) -> None:
    assert facts_of({"class_weight": written}, "x").class_weight == weights
