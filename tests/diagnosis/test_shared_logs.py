"""Every log of the shared folder read and judged: what is said is right, and what is not known is not said.

Each holds a trap that a hasty reader falls into; see the table of formats in the research on them.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.diagnosis import Diagnosis, diagnosis_of
from steelyard.diagnosis.readers import read
from steelyard.finding import Confidence, Finding, Severity, Status
from steelyard.log import Log

Judge = Callable[[str], tuple[tuple[Log, Diagnosis], ...]]

FINDINGS: dict[str, tuple[set[str], ...]] = {
    "keras2_legacy.h5": (set(),),
    "keras_csvlogger.csv": ({"CMP104", "COL206"},),
    "keras_csvlogger_append_valfreq2.csv": ({"LOG909"},),
    "keras_csvlogger_nan.csv": ({"OPT308", "LOG908"},),
    "keras_stdout_verbose1.txt": (set(),),
    "keras_tensorboard": ({"LOG903", "OPT301"}, set()),
    "keras_tuner_trial.json": (set(),),
    "lightning_csv": (set(),),
    "m.h5": (set(),),
    "m.json": (set(),),
    "m.keras": (set(),),
    "mlflow_autolog.db": ({"COL208"},),
    "mlflow_filestore": (set(),),
    "mlflow_manual.db": (set(),),
    "optuna.db": ({"SRC806"}, set()),
    "skorch_history.json": ({"OPT311"},),
    "wandb_offline": (set(),),
}
"""Of each log in the file, the codes of all findings."""


@pytest.fixture(scope="module")
def judge(shared_logs: Path) -> Judge:
    """Reads a file of the folder and judges the logs in it."""

    def judged(name: str) -> tuple[tuple[Log, Diagnosis], ...]:
        return tuple((log, diagnosis_of(log)) for log in read(shared_logs / name))

    return judged


def finding(diagnosis: Diagnosis, code: str) -> Finding:
    """Of a rule that has to fire."""
    result = diagnosis[code]
    assert result.status is Status.FIRED and result.finding is not None, result
    return result.finding


def answer(diagnosis: Diagnosis, question: str) -> str:
    """To one of the questions, by its first words."""
    (found,) = (one.answer for one in diagnosis.answers if one.question.startswith(question))
    return found


def test_there_is_no_other_file(shared_logs: Path) -> None:
    assert {path.name for path in shared_logs.iterdir()} == set(FINDINGS)


@pytest.mark.parametrize("name", FINDINGS)
def test_the_findings_of_each(judge: Judge, name: str) -> None:
    """Neither more nor less; and each says what to do first."""
    judged = judge(name)
    assert tuple({one.code for one in diagnosis.findings} for _, diagnosis in judged) == FINDINGS[name]
    for _, diagnosis in judged:
        assert len(diagnosis.results) == len({result.code for result in diagnosis.results})
        assert answer(diagnosis, "What should be changed first?")


def test_class_weights_that_only_the_weighted_accuracy_shows(judge: Judge, shared_logs: Path) -> None:
    """31 of 52 positives and 183 of 398 negatives right: with five for one, 338 of 658."""
    ((_, diagnosis),) = judge("keras_csvlogger.csv")
    with (shared_logs / "keras_csvlogger.csv").open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    first = rows[0]
    assert first["recall"] == pytest.approx(31 / 52) and first["accuracy"] == pytest.approx(214 / 450)
    assert first["weighted_accuracy"] == pytest.approx((5 * 31 + 183) / (5 * 52 + 398))
    assert all(row["val_weighted_accuracy"] == row["val_accuracy"] for row in rows)
    found = finding(diagnosis, "CMP104")
    assert "counts a positive row 5 times a negative one" in found.message
    # Their size, 1 and 5 rather than 0.2 and 1, is only likely.
    assert found.confidence is Confidence.LIKELY
    useless = 52 / 450
    constant = 5 * useless / (5 * useless + 1 - useless)
    weighted = -5 * useless * np.log(constant) - (1 - useless) * np.log(1 - constant)
    plain = -0.1 * np.log(constant) - 0.9 * np.log(1 - constant)
    assert found.evidence["train_loss_knowing_only_base_rate"] == pytest.approx(weighted, rel=1e-4)
    assert found.evidence["validation_loss_of_the_same_network"] == pytest.approx(plain, rel=1e-4)
    # Of a tenth of the rows 40 % are found, which is one in eight of those called positive: 34 % are wrong.
    missed, alarms = 0.1 * 0.6, 0.1 * 0.4 * 7
    assert rows[0]["val_precision"] == 1 / 8 and 1 - rows[0]["val_accuracy"] == pytest.approx(missed + alarms)
    assert "right on 90% of the validation rows" in finding(diagnosis, "COL206").message
    assert finding(diagnosis, "COL206").severity is Severity.SMELL
    assert answer(diagnosis, "Has it learned").startswith("Cannot tell. The ROC AUC on validation rows ends")


def test_two_runs_in_one_file(judge: Judge) -> None:
    """Epochs begin again, and every other epoch has no validation; the second run is judged by itself."""
    ((log, diagnosis),) = judge("keras_csvlogger_append_valfreq2.csv")
    assert log.history is not None and list(log.history.epochs) == [1, 2, 3, 4, 5, 1, 2]
    assert "2 runs, one after the other, of 5 and 2 epochs" in finding(diagnosis, "LOG909").message
    assert answer(diagnosis, "Is it overfitting?").startswith("Cannot tell: 2 epochs are too few")
    assert "of the last run in the log" in answer(diagnosis, "Which epoch is best")


def test_accuracy_that_rises_while_the_loss_is_no_number(judge: Judge) -> None:
    """There are columns of validation metrics, and nothing but NA in them."""
    ((log, diagnosis),) = judge("keras_csvlogger_nan.csv")
    assert log.history is not None and set(log.history) == {"train_loss", "train_accuracy"}
    assert finding(diagnosis, "OPT308").severity is Severity.ERROR
    assert "86.5%" in finding(diagnosis, "LOG908").message
    assert "share of negatives" in finding(diagnosis, "LOG908").message
    assert answer(diagnosis, "Has it learned").startswith("No")


def test_an_auc_that_may_be_of_either_curve(judge: Judge) -> None:
    """``auc_4`` and ``auc_5``: one is of precision and recall; four digits; colours and backspaces."""
    ((log, diagnosis),) = judge("keras_stdout_verbose1.txt")
    assert log.history is not None and "validation_roc_auc" not in log.history
    assert list(log.history["validation_loss"]) == [0.7421, 0.7376]
    assert any("which is of the ROC curve" in note for note in log.notes)
    # F1 0.2759 is 8 in 29, and 21 of 40 wrong is accuracy 0.475: they agree.
    assert diagnosis["LOG901"].status is not Status.FIRED
    assert round(8 / 29, 4) == 0.2759 and 1 - 21 / 40 == 0.475


def test_an_auc_of_nothing_to_rank(judge: Judge) -> None:
    """Keras' ROC AUC is 0, not one half, where one of the classes is missing."""
    (log, diagnosis), (hyperparameters, _) = judge("keras_tensorboard")
    assert log.history is not None and len(log.history) == 15
    assert not log.history["validation_roc_auc"].any() and log.history["train_roc_auc"].min() > 0.4
    found = finding(diagnosis, "LOG903")
    assert "exactly 0 in all 15 epochs" in found.message and found.confidence is Confidence.LIKELY
    assert answer(diagnosis, "Has it learned").startswith("Cannot tell from these validation rows.")
    # A single unit at Adam's default rate: the training loss falls nearly as fast at the end as at first.
    loss = log.history["train_loss"]
    assert loss[-2] - loss[-1] > 0.7 * (loss[0] - loss[1])
    assert finding(diagnosis, "OPT301").confidence is Confidence.POSSIBLE
    assert diagnosis["OPT303"].status is Status.MASKED
    # The network is in the log too: one sigmoid unit, without dropout and penalty.
    assert log.facts.layers is not None and [one.units for one in log.facts.layers] == [1]
    assert hyperparameters.facts.learning_rate == 0.001


def test_one_value_is_no_curve(judge: Judge, shared_logs: Path) -> None:
    ((log, diagnosis),) = judge("keras_tuner_trial.json")
    told = json.loads((shared_logs / "keras_tuner_trial.json").read_text())["metrics"]["metrics"]
    assert log.history is None and log.trials is not None
    assert log.trials.metrics["validation_roc_auc"][0] == told["val_auc"]["observations"][0]["value"][0]
    assert not [one for one in diagnosis.answers if one.question.startswith(("Is it over", "Which"))]


def test_sparse_rows_of_lightning(judge: Judge) -> None:
    ((log, _),) = judge("lightning_csv")
    assert log.history is not None
    assert log.history["train_loss"] == pytest.approx([0.759925, 0.700291, 0.648039], abs=1e-6)
    assert log.history["validation_loss"] == pytest.approx([0.724375, 0.669345, 0.620853], abs=1e-6)
    assert log.facts.learning_rate == 0.01


@pytest.mark.parametrize("name", ["m.keras", "m.json", "m.h5", "keras2_legacy.h5"])
def test_a_sound_network_alone(judge: Judge, name: str) -> None:
    """A hidden layer with a penalty, normalised, dropout of 0.2 on 8 units: nothing is wrong with it."""
    ((log, diagnosis),) = judge(name)
    assert log.facts.layers is not None
    assert [one.kind for one in log.facts.layers] == ["dense", "batch_normalization", "dropout", "dense"]
    for code in ("REG405", "ARC501", "ARC502", "ARC503", "ARC504", "ARC507", "ARC508"):
        assert diagnosis[code].status is Status.PASSED
    (only,) = diagnosis.answers
    assert only.answer.startswith("Nothing: ") and "none found a fault" in only.answer


def test_values_that_autolog_writes_for_step_0(judge: Judge, shared_logs: Path) -> None:
    """``validation_*`` is all of step 0, and ``val_*`` has it by epoch; the weights are in the parameters."""
    ((log, diagnosis),) = judge("mlflow_autolog.db")
    assert log.history is not None
    with sqlite3.connect(f"file:{shared_logs / 'mlflow_autolog.db'}?mode=ro&immutable=1", uri=True) as found:
        rows = found.execute("select value from metrics where key = 'val_loss' order by step").fetchall()
    assert list(log.history["validation_loss"]) == [value for (value,) in rows]
    assert any("are left out" in note for note in log.notes)
    assert (log.facts.class_weight, log.facts.validation_way) == ((1.0, 9.0), "tail")
    assert log.facts.batch_size is None, "the word None is no batch size"
    said = answer(diagnosis, "May the two losses be compared?")
    assert said.startswith("No, not as they stand: the training loss is weighted")
    # AUC 9.5 / 39 and accuracy 1 / 40 are of one positive in 40 rows, which the log does not say.
    assert log.history["validation_roc_auc"][-1] == pytest.approx(9.5 / 39)
    assert "of how many positives is not known" in answer(diagnosis, "Has it learned")
    # Every row is called positive, in all epochs: so the accuracy is the share of the class that it answers.
    (still,) = diagnosis.findings
    assert (still.evidence["accuracy"], still.evidence["epochs"]) == (pytest.approx(1 / 40), 3)
    assert "if the class it answers has 2.5% of the rows" in still.message


@pytest.mark.parametrize("name", ["mlflow_manual.db", "mlflow_filestore"])
def test_a_parameter_called_class_weight_is_a_word(judge: Judge, name: str) -> None:
    """ "balanced" cannot be worked out without base rates, and is no dictionary that Keras could ignore."""
    ((log, diagnosis),) = judge(name)
    assert log.history is not None and log.history["train_loss"] == pytest.approx([1.0, 0.5, 1 / 3])
    assert (log.facts.class_weight, log.facts.class_weight_type) == (None, "balanced")
    assert diagnosis["IMB701"].status is not Status.FIRED
    assert answer(diagnosis, "Is it overfitting?").startswith("Cannot tell: 3 epochs are too few")


def test_the_objective_of_a_study_is_to_be_low(judge: Judge) -> None:
    """And what its best trial reported after each epoch is not that objective."""
    (study, searched), (best, reported) = judge("optuna.db")
    assert study.trials is not None and study.trials.lower_is_better is True
    assert answer(searched, "Which trial is best").startswith("lr = 0.0007962, act = relu comes first of 2")
    found = finding(searched, "SRC806")
    assert f"{0.010186527808870013 - 0.000796198600831459:.5f} ahead" in found.message
    assert best.history is not None and list(best.history) == ["validation_reported"]
    assert any("0.0007962, is none of these values" in note for note in best.notes)
    assert not [one for one in reported.answers if one.question.startswith(("Is it over", "Which epoch"))]


def test_four_steps_in_all(judge: Judge) -> None:
    """``valid_`` for ``val_``; 240 rows in batches of 128; an accuracy of validation rows only."""
    ((log, diagnosis),) = judge("skorch_history.json")
    assert log.facts.rows_train == 128 + 112 and log.facts.rows_validation == 60
    assert "4 steps in all, 2 per epoch" in finding(diagnosis, "OPT311").message
    assert finding(diagnosis, "OPT311").severity is Severity.SMELL
    assert diagnosis["LOG910"].status is Status.PASSED, "skorch measures accuracy on validation rows only"


def test_weights_and_biases_without_their_software(judge: Judge) -> None:
    ((log, diagnosis),) = judge("wandb_offline")
    assert log.history is not None
    assert list(log.history["train_loss"]) == pytest.approx([1.0, 1 / 2, 1 / 3, 1 / 4])
    assert list(log.history["validation_loss"]) == pytest.approx([1.2, 0.6, 0.4, 0.3])
    assert (log.facts.class_weight, log.facts.learning_rate) == ((1.0, 9.0), 0.001)
    assert answer(diagnosis, "Is it overfitting?").startswith("Cannot tell: 4 epochs are too few")
