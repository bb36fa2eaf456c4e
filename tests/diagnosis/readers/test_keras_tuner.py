from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from tests.diagnosis.readers.result_samples import TUNER


def test_one_observation_and_no_curve(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "keras_tuner_trial.json")
    assert log.history is None and log.trials is not None
    assert log.trials.parameters == {"u": [5]}
    assert log.trials.metrics["validation_loss"].tolist() == [0.6582319736480713]
    assert log.trials.ranked_by == "validation_roc_auc"
    assert "there is no curve" in log.notes[0]


def test_the_trials_of_a_project(tmp_path: Path) -> None:
    for number, auc in enumerate(([0.5, 0.75], [0.25])):
        folder = tmp_path / f"trial_{number:02}"
        folder.mkdir()
        metric = {"val_auc": {"observations": [{"value": auc, "step": 1}]}}
        trial = TUNER | {"metrics": {"metrics": metric}, "hyperparameters": {"values": {"units": number}}}
        (folder / "trial.json").write_text(json.dumps(trial))
    (tmp_path / "trial_02").mkdir()
    (tmp_path / "trial_02" / "trial.json").write_text(json.dumps(TUNER | {"status": "RUNNING"}))
    (tmp_path / "oracle.json").write_text(json.dumps({"objective": {"name": "val_auc", "direction": "max"}}))
    (log,) = read(tmp_path)
    assert log.trials is not None
    assert log.trials.parameters == {"units": [0, 1]}
    assert log.trials.metrics["validation_roc_auc"].tolist() == [0.625, 0.25]
    assert log.trials.spread["validation_roc_auc"][0] == pytest.approx(np.std([0.5, 0.75], ddof=1))
    assert log.trials.ranked_by == "validation_roc_auc" and log.trials.lower_is_better is False
    assert log.facts.seeds is None  # trained twice and once
    assert "1 trials are not completed and are left out" in log.notes


def test_executions_of_a_trial_are_its_seeds(tmp_path: Path) -> None:
    path = tmp_path / "trial.json"
    metrics = {
        name: {"observations": [{"value": [0.5, 0.75, 0.6], "step": 1}]} for name in ("val_auc", "auc")
    }
    path.write_text(json.dumps(TUNER | {"metrics": {"metrics": metrics}}))
    (log,) = read(path)
    assert log.facts.seeds == 3


def test_no_trial_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "trial.json"
    path.write_text(json.dumps(TUNER | {"status": "FAILED"}))
    with pytest.raises(DataError, match="none of which is completed"):
        read(path)
