from __future__ import annotations

import json
from pathlib import Path

import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.log import Stopping
from tests.diagnosis.readers.result_samples import TRAINER


def test_losses_by_step_and_evaluations_by_epoch(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(TRAINER))
    (log,) = read(path)
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2]
    assert log.history["train_loss"].tolist() == [0.625, 0.25]
    assert log.history["validation_loss"].tolist() == [0.625, 0.5]
    assert log.history["train_learning_rate"].tolist() == [4e-05, 1e-05]
    assert not any("runtime" in name or "step" in name for name in log.history)
    assert (log.facts.planned_epochs, log.facts.batch_size) == (2, 8)
    assert log.facts.stopping == Stopping("validation_loss", 3, "min")


def test_the_summary_is_no_point_of_the_curve(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(TRAINER))
    (log,) = read(path)
    assert log.history is not None
    assert 0.4375 not in log.history["train_loss"]
    assert "the summary at the end is left out" in log.notes[0]


def test_an_evaluation_before_training_is_of_no_epoch(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    first = {"epoch": 0.0, "eval_loss": 9.0, "step": 0}
    path.write_text(json.dumps(TRAINER | {"log_history": [first, *TRAINER["log_history"]]}))
    (log,) = read(path)
    assert log.history is not None
    assert log.history["validation_loss"].tolist() == [0.625, 0.5]
    assert "1 entries before the first epoch are left out" in log.notes


def test_no_history(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(TRAINER | {"log_history": []}))
    with pytest.raises(DataError, match="holds no value with an epoch"):
        read(path)


def test_whole_epochs_are_those_that_are_done(tmp_path: Path) -> None:
    path = tmp_path / "trainer_state.json"
    history = [{"epoch": done, "eval_loss": 1.0 - done / 10, "step": done} for done in (0, 1, 2)]
    path.write_text(json.dumps(TRAINER | {"log_history": history}))
    (log,) = read(path)
    assert log.history is not None
    assert log.history.epochs.tolist() == [1, 2]
    assert log.history["validation_loss"].tolist() == [0.9, 0.8]


@pytest.mark.parametrize(
    ("best", "stopping"),
    [(0.875, Stopping("validation_accuracy", 3, "max")), (0.55, None), (None, None)],
)
def test_what_stopping_watches_is_told_by_the_best_value(
    tmp_path: Path, best: float | None, stopping: Stopping | None
) -> None:
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps(TRAINER | {"best_metric": best}))
    (log,) = read(path)
    assert log.facts.stopping == stopping
