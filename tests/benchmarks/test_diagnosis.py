"""The calibration of the rules: that its faults are there, its twins differ in them only, and its counting is
right. How often rules are right is measured there, not here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.diagnosis import measuring, report
from benchmarks.diagnosis.doors import Experiment, both
from benchmarks.diagnosis.faults import FAULTS
from benchmarks.diagnosis.measuring import Said
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.truth import present
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.finding import Severity
from steelyard.metrics import score

CODES = {one.code for one in CATALOGUE}


def test_every_rule_that_is_wanted_first_has_a_fault() -> None:
    assert set(report.V1) <= {one.code for one in FAULTS} <= CODES
    assert {one.catalogue for one in CATALOGUE if one.code in report.V1} == {
        *("A1", "A2", "A4", "A5", "B1", "B2", "C1", "C3", "C5", "D1", "D3", "D4", "E1", "E2", "E3"),
        *("F1", "F3", "G1", "G3", "G4", "H1", "H3", "H4", "H5", "H6"),
    }


@pytest.mark.parametrize("rate", [0.01, 0.3])
def test_rows_have_the_base_rate_and_both_parts_have_it(rate: float) -> None:
    rows = generate(3, count=20_000, rate=rate)
    assert rows.target.mean() == pytest.approx(rate, rel=0.15)
    parts = [rows.target[part].mean() for part in (rows.split.train, rows.split.validation)]
    assert parts[0] == pytest.approx(parts[1], rel=0.02)
    assert len(np.intersect1d(rows.split.train, rows.split.validation)) == 0


def test_both_doors_show_the_same_training() -> None:
    logs = both(Experiment(generate(1, count=900), program(l2=0.001, epochs=3), 1))
    keras, ours = logs["keras"].history, logs["steelyard"].history
    assert keras is not None and ours is not None
    np.testing.assert_allclose(keras["train_loss"], ours["train_objective"])
    penalty = keras["validation_loss"] - ours["validation_loss"]
    np.testing.assert_allclose(penalty, ours["train_penalty"], rtol=1e-5)
    assert (penalty > 0.0).all()
    shown = logs["steelyard"].predictions["validation"]
    assert score(shown.target, shown.probability).roc_auc == pytest.approx(ours["validation_roc_auc"][-1])


def test_a_fault_is_found_and_its_twin_is_not() -> None:
    number = next(number for number, one in enumerate(FAULTS) if one.code == "IMB701")
    said = [one for role in ("fault", "twin") for one in measuring.judge((role, number, 0))]
    (counts,) = report.by_fault(said)
    assert (counts.detected, counts.fault_runs, counts.false_alarms, counts.twin_runs) == (1, 1, 0, 1)
    assert counts.hits


def test_symptoms_that_are_there_by_themselves_are_no_false_alarms() -> None:
    logs = both(Experiment(generate(2, count=900, rate=0.03, strength=0.5), program(epochs=3), 2))
    assert {"DAT612", "COL202"} <= set(present(logs.values()))
    runs = [
        Said("healthy", 0, 0, "keras", (("DAT612", Severity.WARNING),), (), ("DAT612",), ("DAT612",)),
        Said("healthy", 0, 1, "keras", (("DAT612", Severity.ERROR),), (), ("DAT612",), ()),
        Said("healthy", 0, 2, "keras", (), (), (), ()),
    ]
    found = report.on_healthy(runs)
    assert (found.runs, found.errors, found.alarms["DAT612"], found.judged["DAT612"]) == (3, 1, 1, 1)


def test_the_document_has_counts_by_code_and_the_report_reads() -> None:
    explained = Said("fault", 0, 5, "keras", (), (FAULTS[0].code,), (), ())
    twin = Said("twin", 0, 5, "keras", ((FAULTS[0].code, Severity.WARNING),), (), (), ())
    counts, healthy = report.by_fault([explained, twin]), report.on_healthy([])
    written = json.loads(json.dumps(report.document([5], counts, healthy)))
    (entry,) = written["rules"][FAULTS[0].code]
    assert (entry["detected"], entry["explained"], entry["false_alarms"]) == (1, 1, 1)
    assert set(written["healthy"]["rules"]) == CODES
    text = "\n".join(report.sections(counts, healthy))
    assert "1/1 (21%–100%), 1 explained" in text and f"Missed by 1: {FAULTS[0].code}" in text
