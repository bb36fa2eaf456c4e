from __future__ import annotations

import json
from pathlib import Path

from steelyard.diagnosis.readers import read
from tests.diagnosis.readers.samples import SKORCH


def test_curves_rows_and_batches(shared_logs: Path) -> None:
    (log,) = read(shared_logs / "skorch_history.json")
    assert log.history is not None
    assert list(log.history) == ["train_loss", "validation_loss", "validation_accuracy"]
    assert log.history.epochs.tolist() == [1, 2]
    assert (log.facts.rows_train, log.facts.rows_validation, log.facts.batch_size) == (240, 60, 128)


def test_the_scheduler_logs_the_learning_rate(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps(SKORCH))
    (log,) = read(path)
    assert log.facts.learning_rate == 0.1
