"""The calibration of the rules: that its faults are there, its twins differ in them only, and its counting is
right. How often rules are right is measured there, not here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.diagnosis import measuring, report, searches
from benchmarks.diagnosis.doors import Experiment, both
from benchmarks.diagnosis.faults import FAULTS
from benchmarks.diagnosis.healthy_searches import SEARCHES
from benchmarks.diagnosis.measuring import Said
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import folds, generate, with_test
from benchmarks.diagnosis.truth import present
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.finding import Severity
from steelyard.log import Log, TrialTable
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
    found = report.on_healthy(runs, "healthy")
    assert (found.runs, found.errors, found.alarms["DAT612"], found.judged["DAT612"]) == (3, 1, 1, 1)
    assert found.severity["DAT612"] is Severity.ERROR


def test_the_document_has_counts_by_code_and_the_report_reads() -> None:
    explained = Said("fault", 0, 5, "keras", (), (FAULTS[0].code,), (), ())
    twin = Said("twin", 0, 5, "keras", ((FAULTS[0].code, Severity.WARNING),), (), (), ())
    search = Said("search", 0, 5, "table", (("SRC801", Severity.SMELL),), (), ("SRC801", "SRC802"), ())
    found = report.calibration([explained, twin, search])
    written = json.loads(json.dumps(report.document([5], found)))
    (entry,) = written["rules"][FAULTS[0].code]
    assert (entry["detected"], entry["explained"], entry["false_alarms"]) == (1, 1, 1)
    for kind, runs in (("healthy", 0), ("healthy_searches", 1)):
        assert set(written[kind]["rules"]) == set(written[kind]["judged"]) == CODES
        assert written[kind]["runs"] == sum(written[kind]["rules"].values()) == runs
    assert (found.on_healthy("SRC801"), found.on_healthy("SRC802")) == ((1, 1), (0, 1))
    text = "\n".join(report.sections(found))
    assert "| SRC801 `best_at_edge` | smell | 1/1" in text
    assert "1/1 (21%–100%), 1 explained" in text and f"Missed by 1: {FAULTS[0].code}" in text


def test_healthy_runs_and_searches_are_measured_where_they_are_asked_for() -> None:
    everything = measuring.tasks([3])
    assert len(everything) == len(set(everything)) == 2 * len(FAULTS) + 10 + len(SEARCHES)
    assert {role for role, _, _ in measuring.tasks([3], ["search"])} == {"search"}
    assert {role for role, _, _ in measuring.tasks([3], ["SRC801"])} == {"fault", "twin"}


def test_every_row_validates_in_one_fold() -> None:
    rows = generate(4, count=1000, rate=0.1)
    parts = folds(rows.target, 5, 4)
    np.testing.assert_array_equal(np.sort(np.concatenate([one.validation for one in parts])), np.arange(1000))
    positives = [int(rows.target[one.validation].sum()) for one in parts]
    assert max(positives) - min(positives) <= 1
    assert all(len(np.intersect1d(one.train, one.validation)) == 0 for one in parts)


def search_of_two(seeds: int) -> searches.Search:
    rows = with_test(generate(5, count=900))
    trials = [searches.Trial({"units": units}, program(hidden=(units,), epochs=2)) for units in (2, 8)]
    return searches.search(rows, trials, seed=5, seeds=seeds)


def test_the_table_of_a_search_holds_means_and_spreads_over_seeds() -> None:
    found = search_of_two(3)
    (log,) = searches.as_table(found, "auc").values()
    values = found.scores["validation_auc"]
    assert values.shape == (2, 1, 3) and log.trials is not None
    np.testing.assert_allclose(log.trials.metrics["validation_auc"], values.mean(axis=(1, 2)))
    np.testing.assert_allclose(log.trials.spread["validation_auc"], values[:, 0].std(axis=1, ddof=1))
    assert log.facts.seeds == 3 and log.facts.layers is None, "layers differ from trial to trial"
    assert np.isfinite(log.trials.metrics["test_auc"]).all()


def test_the_same_search_with_a_row_per_network() -> None:
    found = search_of_two(3)
    (log,) = searches.as_rows(found, "auc").values()
    assert log.trials is not None and log.facts.seeds is None
    assert log.trials.parameters == {"units": [2, 2, 2, 8, 8, 8], "seed": [0, 1, 2, 0, 1, 2]}
    np.testing.assert_array_equal(
        log.trials.metrics["validation_loss"], found.scores["validation_loss"].ravel()
    )
    assert "SRC806" in present([log]), "three seeds are too few, whatever a rule says"
    assert "SRC806" not in present(searches.as_rows(search_of_two(5), "auc").values())


def test_a_random_search_draws_by_its_seed() -> None:
    drawn = next(one for one in SEARCHES if "drawn at random" in one.title).trials
    first, again, other = ([trial.parameters for trial in drawn(seed)] for seed in (1, 1, 2))
    assert first == again != other


def test_trials_that_are_right_on_the_same_rows_share_an_accuracy() -> None:
    def shown(*accuracies: float) -> bool:
        trials = TrialTable({"units": [*range(4)]}, {"validation_accuracy": np.array(accuracies)})
        return "SRC811" in present([Log("a search", "table", trials=trials)])

    assert shown(0.9, 0.9, 0.91, 0.92)
    assert not shown(0.9, 0.91, 0.92, 0.93)
