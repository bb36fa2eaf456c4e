"""The notebook's program: its code is the notebook's, it runs, and its scan is one population."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance import documents
from tests.acceptance.conftest import HERE, Outcome

PROGRAM = HERE / "notebook.py"
PARTS = ["first_model", "scan", "oversampled_model"]
OLD, NEW = (
    "SMOTE(random_state=12, ratio=1.0).fit_sample(X_train, y_train)",
    "SMOTE(random_state=12, sampling_strategy=1.0).fit_resample(X_train, y_train)",
)
"""imbalanced-learn's names, then and now."""


@pytest.fixture(scope="module")
def outcome(run_program: Callable[[str, float], Outcome]) -> Outcome:
    """Half of the rows."""
    return run_program("notebook", 0.5)


def test_every_statement_is_the_notebooks(shared_seeds: Path) -> None:
    (document,) = shared_seeds.glob("003_*.txt")
    cells = documents.without_imports(documents.of_notebook(document))
    written = [line.replace(OLD, NEW) for line in cells]
    assert len(written) == 27
    assert documents.of_program(PROGRAM, PARTS) == written


def test_imports_name_steelyard_where_they_named_keras_and_talos() -> None:
    modules = {name.split(".")[0] for name in documents.imported(PROGRAM)}
    assert "steelyard" in modules
    assert modules.isdisjoint({"keras", "tensorflow", "talos"})


def test_the_table_is_the_notebooks(outcome: Outcome) -> None:
    assert outcome.results["rows"] == [25_674, 126]
    assert outcome.results["purchases"] == round(25_674 * 4_112 / 51_349)
    assert "Kauf\n0    23618\n1     2056\n" in outcome.out


def test_both_networks_learn(outcome: Outcome) -> None:
    for part in ("first", "oversampled"):
        history = outcome.results[part]["history"]
        assert list(history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
        assert {len(values) for values in history.values()} == {10}
        assert history["loss"][-1] < history["loss"][0]
        assert 0.68 < outcome.results[part]["auc"] < 0.80
    assert outcome.results["oversampled"]["predictions"] == [5_135, 1]
    assert f"AUC:  {outcome.results['oversampled']['auc']}" in outcome.out


def test_the_first_fit_prints_and_the_quiet_one_does_not(outcome: Outcome) -> None:
    """The notebook's third network has verbose=0, and a scan does not print epochs."""
    assert outcome.out.count("Epoch 10/10") == 1


def test_the_scan_is_a_table_of_ten_trials(outcome: Outcome) -> None:
    scan = outcome.results["scan"]
    assert scan["columns"] == [
        "round_epochs", "accuracy", "loss", "val_accuracy", "val_loss", "learningrate", "batchsize",
    ]  # fmt: skip
    grid = [(row["learningrate"], row["batchsize"]) for row in scan["rows"]]
    assert grid == [(rate, size) for rate in (1e-5, 3e-5, 5e-5, 7e-5, 1e-4) for size in (24, 48)]
    assert {row["round_epochs"] for row in scan["rows"]} == {10}
    assert all(math.isfinite(value) for row in scan["rows"] for value in row.values())
    assert "[10 rows x 7 columns]" in outcome.out
    assert "10/10" in outcome.err


def test_slow_trials_are_not_done_yet(outcome: Outcome) -> None:
    """As in the notebook's table: at its rate, 0.00001, the penalty has hardly begun to fall."""
    losses = {
        (row["learningrate"], row["batchsize"]): row["val_loss"] for row in outcome.results["scan"]["rows"]
    }
    assert losses[1e-5, 48] > losses[1e-5, 24] > losses[1e-4, 24]
    assert losses[1e-4, 24] < 0.4
    assert all(0.9 < row["val_accuracy"] < 0.93 for row in outcome.results["scan"]["rows"])
