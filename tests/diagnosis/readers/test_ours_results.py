"""What ``steelyard tune`` and ``steelyard cv`` leave behind, made by these commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from steelyard.cli import app
from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from tests.cli.calls import QUICK, visits_csv
from tests.diagnosis.readers.result_samples import FOLDED, STUDY


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tune/visits-tune``, ``cv`` and ``runs/visits-1``."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "visits.csv").write_text(visits_csv())
    (folder / "grid.toml").write_text("[network.dropout]\nvalues = [0.0, 0.25]\n")
    common = [str(folder / "visits.csv"), "--target", "bought", "--folds", "2", *map(str, QUICK)]
    train = [*common[:3], *map(str, QUICK), "--set", "imbalance.class_weight=balanced"]
    for arguments in (
        ["train", *train, "--out", str(folder / "runs")],
        [
            "tune",
            *common,
            "--space",
            str(folder / "grid.toml"),
            "--seeds",
            "2",
            "--out",
            str(folder / "tune"),
        ],
        ["cv", *common, "--out", str(folder / "cv")],
    ):
        done = CliRunner().invoke(app, arguments, prog_name="steelyard")
        assert done.exit_code == 0, done.output
    return folder


def test_facts_of_a_run(made: Path) -> None:
    (log,) = read(made / "runs" / "visits-1")
    content = json.loads((made / "runs" / "visits-1" / "metrics.json").read_text())
    facts, rows, scores = log.facts, content["split"]["rows"], content["scores"]
    assert (facts.framework, facts.loss, facts.from_logits) == ("steelyard", "binary_crossentropy", True)
    assert (facts.rows_train, facts.rows_validation) == (rows["train"], rows["validation"])
    assert facts.positives_validation == scores["validation"]["positives"]
    assert facts.positives_train == content["data"]["positives"] - sum(
        scores[part]["positives"] for part in ("validation", "test")
    )
    assert facts.class_weight_type == "balanced"
    assert facts.layers is not None and facts.layers[0].inputs == content["inputs"]
    assert facts.logistic_auc == content["baselines"]["logistic_regression"]["validation"]["roc_auc"]
    assert (facts.validation_way, facts.validation_is_test, facts.seeds) == ("stratified", False, 1)
    assert log.history is not None
    objective = next(one for one in log.history.series if one.metric == "objective")
    assert objective.quantity.weighted is True


def test_a_study_as_document_and_as_database_is_the_same(made: Path) -> None:
    folder = made / "tune" / "visits-tune"
    document, *winners = read(folder)
    database, *networks = read(folder / "study.sqlite3")
    assert document.trials is not None and database.trials is not None
    assert document.trials.parameters == database.trials.parameters
    assert document.trials.ranked_by == database.trials.ranked_by == "validation_average_precision"
    assert document.trials.asked == database.trials.asked == 2
    for name, values in document.trials.metrics.items():
        np.testing.assert_allclose(values, database.trials.metrics[name], rtol=1e-12)
    for name, values in document.trials.spread.items():
        np.testing.assert_allclose(values, database.trials.spread[name], rtol=1e-12)
    assert len(winners) == 2
    for winner in winners:
        assert winner.history is not None and "winner-1, seed" in winner.source
        assert "validation_loss" not in winner.history  # it is trained on all rows of the search
    assert len(networks) == 4
    assert all(one.history is not None and "validation_loss" in one.history for one in networks)


def test_a_cross_validation(made: Path) -> None:
    (log,) = read(made / "cv")
    content = json.loads((made / "cv" / "results.json").read_text())
    assert log.history is None and log.trials is None
    assert log.facts.reported_auc == content["recipes"]["recipe"]["metrics"]["roc_auc"]["mean"]
    assert log.facts.reported_on == "test"
    assert log.facts.rows_train == content["folds"]["rows"]["train"]
    assert log.facts.validation_way == "stratified"


def test_recipes_that_were_compared_are_a_table(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(FOLDED))
    plain, weighted = read(path)
    assert plain.trials is not None and weighted.trials is None
    assert plain.trials.parameters == {"recipe": ["plain", "weighted"]}
    assert plain.trials.metrics["test_roc_auc"].tolist() == [0.75, 0.875]
    assert plain.trials.ranked_by == "test_roc_auc"
    assert weighted.facts.reported_auc == 0.875


def test_trials_that_still_run_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(STUDY))
    (log,) = read(path)
    assert log.trials is not None
    assert log.trials.metrics["validation_loss"].tolist() == [0.25, 0.125]
    assert log.trials.epochs is not None and log.trials.epochs.tolist() == [7.0, 8.5]
    assert "1 trials are not finished and are left out" in log.notes


def test_a_plan_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(STUDY | {"plan": {}}))
    with pytest.raises(DataError, match="its plan is not as Steelyard wrote it"):
        read(path)
