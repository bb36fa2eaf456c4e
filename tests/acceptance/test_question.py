"""The question's program: its code is the question's, it runs, and it tells what was wrong with it."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.acceptance import documents
from tests.acceptance.conftest import HERE, Outcome

PROGRAM = HERE / "question.py"
UPDATED = {
    "class_weight = class_weight.compute_class_weight('balanced', np.unique(y_train), y_train)": (
        "class_weight = class_weight.compute_class_weight('balanced', classes=np.unique(y_train), y=y_train)"
    )
}
"""What today's scikit-learn wants otherwise."""


@pytest.fixture(scope="module")
def outcome(run_program: Callable[[str, float], Outcome]) -> Outcome:
    """One row in a hundred, all fifty epochs."""
    return run_program("question", 0.01)


def test_every_statement_is_the_questions(shared_seeds: Path) -> None:
    (document,) = shared_seeds.glob("000_*.txt")
    written = [UPDATED.get(line, line) for line in documents.of_question(document)]
    assert len(written) == 33
    assert documents.of_program(PROGRAM, ["train"]) == written


def test_it_is_eleven_pairs_and_one_layer() -> None:
    """Without the document at hand."""
    lines = documents.of_program(PROGRAM, ["train"])
    dense = "model.add(Dense(7, input_dim=X_train.shape[1], activation='linear'))"
    assert lines.count(dense) == 11
    assert sum(line.startswith("model.add(Dropout(") for line in lines) == 11
    assert {name.split(".")[0] for name in documents.imported(PROGRAM)}.isdisjoint({"keras", "tensorflow"})


def test_the_history_is_keras(outcome: Outcome) -> None:
    history = outcome.results["history"]
    metrics = ["accuracy", "f1", "loss", "precision", "recall"]
    assert list(history) == [*metrics, *(f"val_{name}" for name in metrics)]
    assert {len(values) for values in history.values()} == {50}
    assert all(math.isfinite(value) for values in history.values() for value in values)
    assert outcome.results["rows"] == [69_938, 9]
    assert outcome.results["params"] == {"verbose": 1, "epochs": 50, "steps": math.ceil(55_951 / 128)}
    assert outcome.out.splitlines()[-1] == str(history)


def test_it_prints_what_keras_prints(outcome: Outcome) -> None:
    lines = outcome.out.splitlines()
    assert lines[0] == "Epoch 1/50"
    assert lines[1].startswith("438/438 ━")
    assert " - val_recall: " in lines[1]
    assert lines[99].startswith("438/438 ━")
    assert len(lines) == 102


def test_the_line_after_the_epochs_tells_how_many_findings_there_are(outcome: Outcome) -> None:
    assert "history.diagnosis" in outcome.out.splitlines()[100]


def test_callbacks_wrote_their_files(outcome: Outcome) -> None:
    with (outcome.folder / "question.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val_loss"]) for row in rows] == outcome.results["history"]["val_loss"]
    assert (outcome.folder / "question.keras").stat().st_size > 1_000


def test_it_tells_what_keras_keeps_quiet_about(outcome: Outcome) -> None:
    assert outcome.err.count("K101: class_weight is an array") == 1
    assert outcome.err.count("K104: all 12 dense layers are linear") == 1


def test_the_class_weights_work_now(outcome: Outcome) -> None:
    """In the question's log recall is 0.0 after every epoch: its array of class weights was not used. That
    the same network without them finds nothing on these rows either is a test of the generated table."""
    history = outcome.results["history"]
    assert median(history["val_recall"]) > 0.5
    assert median(history["recall"]) > 0.5
    assert history["val_precision"][-1] > 2 * 0.037, "better than by lot"
    assert history["loss"][-1] < history["loss"][0]
