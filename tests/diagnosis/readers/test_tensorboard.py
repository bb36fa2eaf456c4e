from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.diagnosis.readers import read
from steelyard.diagnosis.readers.crc32c import crc32c
from steelyard.errors import DataError
from tests.diagnosis.readers.samples import EVENTS, event, first_event, framed, scalar

NAME = "events.out.tfevents.{}.host.1.0.v2"


def write(folder: Path, *events: bytes, number: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME.format(number)
    path.write_bytes(framed((first_event(), *events)))
    return path


def test_the_checksum() -> None:
    assert crc32c(bytes(32)) == 0x8A9136AA, "RFC 3720, B.4"
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E


def test_the_folders_of_keras_are_one_run(shared_logs: Path) -> None:
    log, other = read(shared_logs / "keras_tensorboard")
    assert log.history is not None
    assert log.history.epochs.tolist() == list(range(1, 16))
    assert set(log.history) == {
        *("train_accuracy", "train_roc_auc", "train_loss", "train_learning_rate"),
        *("validation_accuracy", "validation_roc_auc", "validation_loss"),
    }, "evaluation_*_vs_iterations has another axis"
    assert log.history["train_loss"][0] == pytest.approx(0.93175966)
    assert log.history["validation_loss"][0] == pytest.approx(1.01943827)
    assert log.facts.layers is not None and log.facts.framework == "keras 3"
    assert [(layer.kind, layer.units) for layer in log.facts.layers] == [("dense", 1)]
    assert other.facts.learning_rate == 0.001, "hyperparameters of another run beside it"


def test_the_model_inside(tmp_path: Path) -> None:
    write(tmp_path / "run" / "train", *EVENTS)
    (log,) = read(tmp_path / "run")
    assert log.facts.layers is not None
    assert [layer.kind for layer in log.facts.layers] == ["dense", "dropout", "dense"]
    assert log.facts.layers[0].l2 == 0.01
    assert log.history is not None
    quantity = log.history.series[0].quantity
    assert (quantity.penalized, quantity.dropout, quantity.epoch_mean) == (True, True, True)


@pytest.mark.parametrize("missing", [1, 4, 20])
def test_a_torn_last_record_is_told(missing: int, tmp_path: Path) -> None:
    path = write(tmp_path, *(scalar(epoch, "epoch_loss", 0.5) for epoch in range(3)))
    path.write_bytes(path.read_bytes()[:-missing])
    (log,) = read(path)
    assert log.history is not None and len(log.history) == 2
    assert "it ends within a record" in log.notes[0]


def test_a_wrong_checksum_ends_it(tmp_path: Path) -> None:
    path = write(tmp_path, *(scalar(epoch, "epoch_loss", 0.5) for epoch in range(3)))
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    (log,) = read(path)
    assert log.history is not None and len(log.history) == 2
    assert "the checksum of a record is wrong" in log.notes[0]


def test_a_folder_that_was_written_to_again_holds_two_trainings(tmp_path: Path) -> None:
    for number in (1, 2):
        for split in ("train", "validation"):
            write(
                tmp_path / split,
                *(scalar(step, "epoch_loss", number / 4) for step in range(2)),
                number=number,
            )
    (log,) = read(tmp_path)
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2, 1, 2]
    assert log.history["validation_loss"].tolist() == [0.25, 0.25, 0.5, 0.5]


def test_pytorch_writes_simple_values_and_names_the_split(tmp_path: Path) -> None:
    write(
        tmp_path,
        *(event(step, tag, simple=0.5) for step in range(3) for tag in ("Loss/train", "Loss/val")),
    )
    (log,) = read(tmp_path)
    assert log.history is not None and list(log.history) == ["train_loss", "validation_loss"]
    assert log.history.epochs.tolist() == [1, 2, 3]
    assert log.history.series[0].quantity.epoch_mean is None


def test_steps_of_the_optimizer_end_an_epoch_at_each_validation(tmp_path: Path) -> None:
    train = (event(step, "train_loss", simple=float(step)) for step in range(10, 210, 10))
    write(tmp_path, *train, event(100, "val_loss", simple=0.5), event(200, "val_loss", simple=0.25))
    (log,) = read(tmp_path)
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2]
    assert log.history["train_loss"].tolist() == [55.0, 155.0]
    assert any("an epoch is taken to end at each validation" in note for note in log.notes)


def test_lightning_logs_its_epoch(tmp_path: Path) -> None:
    events = [event(step, "epoch", simple=float(step // 100)) for step in (49, 99, 149, 199)]
    events += [event(step, "val_loss", simple=step / 100) for step in (99, 199)]
    write(tmp_path, *events)
    (log,) = read(tmp_path)
    assert log.history is not None and log.history.epochs.tolist() == [1, 2]


def test_what_is_none(tmp_path: Path) -> None:
    path = tmp_path / NAME.format(1)
    path.write_bytes(b"not an event file at all")
    with pytest.raises(DataError, match="no training log that is known"):
        read(path)
    path.write_bytes(framed((first_event(),)))
    with pytest.raises(DataError, match="no scalar"):
        read(path)
