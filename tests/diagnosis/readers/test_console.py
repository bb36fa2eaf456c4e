from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.history import History
from steelyard.log import Log
from tests.diagnosis.readers.result_samples import KERAS_2

BAR = "━" * 20


def _read(folder: Path, text: str) -> tuple[Log, ...]:
    path = folder / "console.txt"
    path.write_bytes(text.encode())
    return read(path)


def _history(folder: Path, text: str) -> History:
    (log,) = _read(folder, text)
    assert log.history is not None
    return log.history


def test_keras_3_with_colours_and_backspaces(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "keras_stdout_verbose1.txt")
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2]
    assert log.history["train_loss"].tolist() == [0.7264, 0.722]
    assert log.history["validation_loss"].tolist() == [0.7421, 0.7376]
    assert log.history["train_accuracy"].tolist() == [0.475, 0.4812]
    assert (log.facts.framework, log.facts.planned_epochs) == ("keras 3", 2)
    assert log.history.series[0].quantity.epoch_mean is True


def test_keras_2_says_how_many_rows(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, KERAS_2)
    assert log.history is not None
    assert log.history["train_accuracy"].tolist() == [0.8012, 0.8112]
    assert (log.facts.rows_train, log.facts.rows_validation) == (8000, 2000)
    assert log.facts.framework == "keras 2"


@pytest.mark.parametrize(
    "line",
    [
        "8/8 - 6s - 772ms/step - accuracy: 0.4756 - loss: 0.7062 - val_loss: 0.6875 - learning_rate: 0.0010",
        "2/2 - 2s - loss: 0.7062 - accuracy: 0.4756 - val_loss: 0.6875 - lr: 0.0010 - 2s/epoch - 909ms/step",
        " - 1s - loss: 0.7062 - accuracy: 0.4756 - val_loss: 0.6875 - lr: 0.0010",
    ],
)
def test_verbose_2(tmp_path: Path, line: str) -> None:
    history = _history(tmp_path, f"Epoch 1/2\n{line}\nEpoch 2/2\r\n{line.replace('0.70', 'nan').strip()}\n")
    assert history["train_loss"][0] == 0.7062
    assert history["validation_loss"].tolist()[0] == 0.6875
    assert history["train_learning_rate"][0] == 0.001


def test_a_loss_that_is_no_number(tmp_path: Path) -> None:
    history = _history(tmp_path, "Epoch 1/2\n5/5 - 0s - loss: nan - accuracy: 0.9500\n")
    (loss, accuracy) = history.series
    assert np.isnan(loss.values[0]) and loss.measured is not None and loss.measured[0]
    assert accuracy.values[0] == 0.95


def test_what_evaluate_prints_is_no_epoch(tmp_path: Path) -> None:
    epoch = f"5/5 {BAR} 0s 5ms/step - loss: 0.5000 - val_loss: 0.6000\n"
    history = _history(tmp_path, f"Epoch 1/1\n{epoch}5/5 {BAR} 0s 3ms/step - loss: 9.0000\n")
    assert history["train_loss"].tolist() == [0.5]
    assert history["validation_loss"].tolist() == [0.6]


def test_the_last_update_of_a_line_counts(tmp_path: Path) -> None:
    text = (
        "Epoch 1/1\n1/2 [==>...] - ETA: 12:30 - loss: 0.9000\b\b\b\b"
        "2/2 [=====] - ETA: 0s - loss: 0.8000\b\b\b"
        "2/2 [=====] - 1s 9ms/step - loss: 0.7000 - val_loss: 0.6000\n"
    )
    history = _history(tmp_path, text)
    assert history["train_loss"].tolist() == [0.7]
    assert list(history) == ["train_loss", "validation_loss"]


def test_updates_that_have_lost_what_was_between_them(tmp_path: Path) -> None:
    text = "Epoch 1/1\n10/80 [=>..] - ETA: 0s - loss: 0.900080/80 [=====] - 1s 9us/step - loss: 0.7000\n"
    assert _history(tmp_path, text)["train_loss"].tolist() == [0.7]


def test_validation_comes_after_a_checkpoint_has_spoken(tmp_path: Path) -> None:
    text = (
        "Epoch 1/1\n5/5 [=====] - 0s - loss: 0.7000\n"
        "Epoch 00001: val_loss improved from inf to 0.60000, saving model to best.h5\n"
        "5/5 [=====] - 1s - loss: 0.7000 - val_loss: 0.6000\n"
    )
    assert _history(tmp_path, text)["validation_loss"].tolist() == [0.6]


def test_an_epoch_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    (log,) = _read(
        tmp_path,
        "Epoch 1/9\n5/5 [=====] - 0s - loss: 0.7000\nEpoch 2/9\n3/5 [==>..] - ETA: 1s - loss: 0.1000",
    )
    assert log.history is not None
    assert log.history.epochs.tolist() == [1]
    assert "epochs left out because they were not finished: 1" in log.notes
    assert log.facts.planned_epochs == 9


def test_trainings_one_after_the_other(tmp_path: Path) -> None:
    one = "Epoch 1/2\n5/5 - 0s - loss: 0.7000\nEpoch 2/2\n5/5 - 0s - loss: 0.6000\nEpoch 2: early stopping\n"
    first, second = _read(tmp_path, one + one.replace("0.7", "0.5"))
    assert first.history is not None and second.history is not None
    assert first.history["train_loss"].tolist() == [0.7, 0.6]
    assert second.history["train_loss"].tolist() == [0.5, 0.6]
    assert "training was stopped early" in first.notes


def test_lines_longer_than_a_chunk(tmp_path: Path) -> None:
    update = "1/5 [=>...] - ETA: 1s - loss: 0.9000" + "\b" * 40
    text = "Epoch 1/1\n" + update * 5000 + "5/5 [=====] - 0s - loss: 0.7000\n"
    assert _history(tmp_path, text)["train_loss"].tolist() == [0.7]


def test_a_program_with_its_output_is_no_console(tmp_path: Path) -> None:
    path = tmp_path / "post.txt"
    path.write_text("import keras\nmodel.fit(x, y)\nEpoch 1/1\n5/5 - 0s - loss: 0.7000\n")
    assert read(path)[0].format != "console"


def test_no_finished_epoch(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no finished epoch"):
        _read(tmp_path, "Epoch 1/2\n3/5 [==>..] - ETA: 1s - loss: 0.1000\n")


def test_dashes_of_a_web_page(tmp_path: Path) -> None:
    text = "Epoch 1/1\n154/154 [=====] \u2013 2s 6ms/step \u2013 loss: 0.6940 \u2013 val_loss: 0.6936\n"
    history = _history(tmp_path, text)
    assert history["train_loss"].tolist() == [0.694]
    assert history["validation_loss"].tolist() == [0.6936]


def test_bars_that_count_rows(tmp_path: Path) -> None:
    line = "178/178 [=====] - 0s {}us/step - loss: 0.0201 - acc: 0.0056 - val_loss: 0.0078\n"
    text = f"Epoch 1/2\n{line.format(87)}Epoch 2/2\n{line.format(93)}"
    (log,) = _read(tmp_path, text)
    assert log.facts.rows_train == 178
    assert "87 microseconds" in log.facts.origins["rows_train"]


def test_words_around_console_output_make_a_post(tmp_path: Path) -> None:
    epoch = "Epoch {0}/2\n5/5 [=====] - 0s - loss: 0.7000\n"
    text = epoch.format(1) + epoch.format(2)
    assert _read(tmp_path, text)[0].format == "console"
    assert _read(tmp_path, f"> {text}".replace("\n", "\n> "))[0].format == "post"
    for more in ("hist = model.fit(X, y)\n", "Why is the loss so high?\n", "My model does not learn.\n"):
        assert _read(tmp_path, more + text)[0].format == "post"
