"""SRC810: failed, dropped and repeated trials."""

import math

from steelyard.diagnosis.rules.search.trials_missing import trials_missing
from steelyard.finding import Confidence, Severity
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
    assert "no score" in not_applicable(trials_missing, trials=table({"u": [1]}, train_loss=[0.1]))


def test_a_search_in_which_all_failed() -> None:
    found = fired(trials_missing, trials=table({"lr": [1, 2]}, validation_loss=[math.nan, math.inf]))
    assert "2 of 2 have no validation loss" in found.message


def test_trials_that_are_not_in_the_table_may_be_left_out_of_it() -> None:
    head = fired(trials_missing, trials=table({"u": [1, 2]}, validation_auc=[0.7, 0.71], asked=96))
    assert head.confidence is Confidence.POSSIBLE and "part of its table" in head.settle


def test_trials_of_which_nothing_is_known_are_no_twins() -> None:
    assert passed(trials_missing, trials=table({}, validation_accuracy=[0.9, 0.9]))


def test_twins_did_not_fail() -> None:
    found = fired(trials_missing, trials=table({"u": [1, 1, 2]}, validation_auc=[0.7, 0.7, 0.71]))
    assert "failed" not in found.message + found.advice
