from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import read
from steelyard.diagnosis.readers.ours_study import history_of_bytes
from steelyard.errors import DataError
from steelyard.tuning.storage.curves import curves_to_bytes
from tests.diagnosis.readers.database_samples import OUR_TABLES, curves, database, our_study


def test_the_trials_and_the_networks_of_the_best_one(tmp_path: Path) -> None:
    path = tmp_path / "study.sqlite3"
    path.write_bytes(our_study())
    study, first, second = read(path)
    assert study.trials is not None
    assert study.trials.parameters == {"network.activation": ["relu", "tanh"]}
    assert study.trials.metrics["validation_average_precision"].tolist() == [0.25, 0.375]
    assert study.trials.ranked_by == "validation_average_precision"
    assert study.trials.asked == 3
    assert study.trials.spread["validation_average_precision"][1] == pytest.approx(
        np.std([0.25, 0.5], ddof=1)
    )
    assert first.history is not None
    assert first.history["validation_loss"].tolist() == [0.5, 0.375]
    assert first.source.endswith("best trial 1, fold 0, seed 0")
    assert second.source.endswith("seed 1")


def test_the_layout_of_curves_is_that_of_the_storage() -> None:
    written = {
        "train_loss": np.float32([0.5, 0.25, 0.125]),
        "validation_average_precision": np.float32([0.1, np.nan, 0.3]),
        "history auc": np.float32([1, 2, 3]),
    }
    history = history_of_bytes(curves_to_bytes(written), "here")
    assert history is not None
    assert list(history) == ["train_loss", "validation_average_precision"]
    np.testing.assert_array_equal(
        history["validation_average_precision"], np.float64(np.float32([0.1, np.nan, 0.3]))
    )
    assert history.epochs.tolist() == [1, 2, 3]
    assert history_of_bytes(curves_to_bytes({}), "here") is None


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"SYC2\0\0", b"SYC1\1\0", curves(train_loss=[0.5])[:-1], b"SYC1\xff\xff"),
        b"SYC1\2\0" + 2 * b"\5tests\0\0\0\0",
    ],
)
def test_other_bytes_are_called_so(content: bytes) -> None:
    with pytest.raises(DataError, match="here: its curves are not as Steelyard wrote them"):
        history_of_bytes(content, "here")


def test_other_versions_and_plans_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.sqlite3"
    path.write_bytes(our_study(version=2))
    with pytest.raises(DataError, match="tables of version 2 of Steelyard's studies; this one reads 1"):
        read(path)
    path.write_bytes(our_study(plan="{}"))
    with pytest.raises(DataError, match="the plan of study 1 is not as Steelyard wrote it"):
        read(path)


def test_empty_rows_do_not_swell(tmp_path: Path) -> None:
    path = tmp_path / "study.sqlite3"
    rows = [(1, at, 0, "0", "completed", 0, 0, 0, 0, "{}", None) for at in range(3000)]
    plan = our_study()
    path.write_bytes(plan)
    (log, *_) = read(path)
    assert log.trials is not None
    content = database(
        OUR_TABLES,
        {
            "steelyard_version": [(1, 1)],
            "steelyard_studies": [(1, "s", _plan(), 1, 0.0)],
            "steelyard_networks": rows,
        },
    )
    path.write_bytes(content)
    with pytest.raises(DataError, match="networks, most of them empty"):
        read(path)


def _plan() -> str:
    from tests.diagnosis.readers.database_samples import PLAN

    return PLAN.model_dump_json()
