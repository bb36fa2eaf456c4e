from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.log import Log
from tests.diagnosis.readers.result_samples import LOOP


def _read(folder: Path, text: str) -> tuple[Log, ...]:
    path = folder / "loop.txt"
    path.write_text(text)
    logs = read(path)
    assert {log.format for log in logs} == {"printed"}
    return logs


def _curves(log: Log) -> dict[str, list[float]]:
    assert log.history is not None
    return {name: log.history[name].round(6).tolist() for name in log.history}


def test_a_line_for_each_epoch(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, LOOP)
    assert _curves(log)["validation_loss"] == [0.612, 0.412, 0.389]
    assert _curves(log)["train_accuracy"] == [0.612, 0.8875, 0.895]
    assert log.history is not None and np.isnan(log.history["train_loss"][2])
    assert log.facts.planned_epochs == 3
    assert "validation accuracy is taken to be in percent" in log.notes


@pytest.mark.parametrize(
    "line",
    [
        "Epoch: {n} \tTraining Loss: {a} \tValidation Loss: {b}",
        "epoch {n:03d}: | Loss: {a} | Val_loss: {b}",
        "[Epoch {n}/9] train_loss={a}, valid_loss={b}, time=3.2s",
        "Epoch {n} of 9 - train loss {a} - val loss {b}",
        "| epoch {n} | lr 0.001 | loss_train: {a} | loss_val: {b}",
        "Epoch {n}/9\n----------\ntrain Loss: {a} Acc: 0.5\nval Loss: {b} Acc: 0.25\n",
        "2026-01-01 12:00:00,123 - INFO - Epoch {n}: avg loss = {a}, avg val loss = {b}",
        "[{n}]\ttrain-logloss:{a}\teval-logloss:{b}",
        "[{n}]\ttraining's binary_logloss: {a}\tvalid_1's binary_logloss: {b}",
    ],
)
def test_ways_of_printing(tmp_path: Path, line: str) -> None:
    values = [(1, 0.6512, 0.7), (2, 0.4, 0.5), (3, 0.25, 0.375)]
    (log,) = _read(tmp_path, "\n".join(line.format(n=n, a=a, b=b) for n, a, b in values) + "\n")
    curves = _curves(log)
    loss = {name.replace("log_loss", "loss"): values for name, values in curves.items()}
    assert loss["train_loss"] == [0.6512, 0.4, 0.25]
    assert loss["validation_loss"] == [0.7, 0.5, 0.375]
    assert log.history is not None and log.history.epochs.tolist() == [1, 2, 3]
    if "Acc" in line:
        assert curves["train_accuracy"] == [0.5] * 3 and curves["validation_accuracy"] == [0.25] * 3


def test_batches_of_an_epoch_are_averaged(tmp_path: Path) -> None:
    lines = [
        f"Epoch [{epoch}/2], Step [{step}/300], Loss: {epoch / step}" for epoch in (1, 2) for step in (1, 2)
    ]
    (log,) = _read(tmp_path, "\n".join(lines))
    assert _curves(log) == {"train_loss": [0.75, 1.5]}
    assert "their mean is taken" in log.notes[0]


def test_test_rows_validate_where_nothing_else_does(tmp_path: Path) -> None:
    text = "".join(
        f"Train Epoch: {epoch} [0/60000 (0%)]\tLoss: {1 / epoch}\n\n"
        f"Test set: Average loss: {0.5 / epoch}, Accuracy: {9000 + epoch}/10000 (90%)\n\n"
        for epoch in (1, 2)
    )
    (log,) = _read(tmp_path, text)
    assert _curves(log)["validation_loss"] == [0.5, 0.25]
    assert _curves(log)["validation_accuracy"] == [0.9001, 0.9002]
    assert log.facts.rows_validation == 10_000
    assert log.facts.validation_is_test is True


def test_epochs_from_zero_and_a_second_training(tmp_path: Path) -> None:
    lines = [f"epoch {epoch}: loss: 0.{epoch + 1}" for epoch in (0, 1, 2, 0, 1)]
    logs = _read(tmp_path, "\n".join(lines))
    assert [_curves(log)["train_loss"] for log in logs] == [[0.1, 0.2, 0.3], [0.1, 0.2]]
    assert logs[0].history is not None and logs[0].history.epochs.tolist() == [1, 2, 3]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_scikit_learn_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x, y = make_classification(400, weights=[0.9], random_state=0)
    mlp = MLPClassifier(max_iter=4, early_stopping=True, verbose=True, random_state=0).fit(x, y)
    (log,) = _read(tmp_path, capsys.readouterr().out)
    assert log.facts.framework == "sklearn"
    assert _curves(log)["train_loss"] == pytest.approx(mlp.loss_curve_, abs=1e-6)
    assert _curves(log)["validation_accuracy"] == pytest.approx(mlp.validation_scores_, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "In epoch 3 the loss: what is it?",
        "Epoch 1: loss: 0.5\nand then nothing",
        "chapter 1 loss 0.5\nchapter 2 loss 0.4\n",
    ],
)
def test_prose_is_no_log(tmp_path: Path, text: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(text)
    with pytest.raises(DataError, match="no training log"):
        read(path)
