"""SRC810: failed, dropped and repeated trials."""

import math

from steelyard.diagnosis.rules.search.trials_missing import trials_missing
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.tables import NOTEBOOK, table


def test_fewer_than_asked_for() -> None:
    found = fired(trials_missing, trials=table({"u": [1, 2]}, validation_auc=[0.7, 0.71], asked=6))
    assert "6 trials were asked for and 2 are in the table" in found.message and found.settle


def test_failures_and_what_they_share() -> None:
    failed = table({"lr": [0.1, 1.0, 1.0], "u": [1, 1, 2]}, validation_loss=[0.3, math.nan, math.inf])
    found = fired(trials_missing, trials=failed)
    assert "2 of 3 have no validation loss (all with lr = 1.0)" in found.message


def test_the_same_trial_twice_is_a_smell() -> None:
    found = fired(trials_missing, trials=table({"u": [1, 1, 2]}, validation_auc=[0.7, 0.7, 0.71]))
    assert found.severity is Severity.SMELL and "1 trial agree" in found.message


def test_repetitions_with_other_results_are_no_twins() -> None:
    assert passed(trials_missing, trials=table({"u": [1, 1, 2]}, validation_auc=[0.7, 0.72, 0.71]))


def test_a_full_table_passes() -> None:
    assert "all 10" in passed(trials_missing, trials=NOTEBOOK)
    assert "no trial" in not_applicable(trials_missing, trials=table({"u": [1]}, train_loss=[0.1]))
