"""SRC808: epochs and steps of runs that are compared."""

import math

from steelyard.diagnosis.rules.search.unequal_budgets import unequal_budgets
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.tables import NOTEBOOK, table


def test_epochs_of_the_runs() -> None:
    runs = table({"a": [1, 2]}, validation_auc=[0.7, 0.72], epochs=[20, 100])
    found = fired(unequal_budgets, trials=runs)
    assert "20 to 100 epochs" in found.message and "had 100" in found.message
    assert found.severity is Severity.WARNING


def test_epochs_as_a_parameter() -> None:
    runs = table({"epochs": [10, 20]}, validation_auc=[0.7, 0.72])
    assert "10 to 20 epochs" in fired(unequal_budgets, trials=runs).message


def test_the_notebook_s_batches_differ_in_steps() -> None:
    found = fired(unequal_budgets, trials=NOTEBOOK, rows_train=35_944)
    assert found.severity is Severity.SMELL
    assert "749 steps per epoch against 1,498" in found.message


def test_early_stopping_is_part_of_what_is_compared() -> None:
    runs = table({"a": [1, 2]}, validation_auc=[0.7, 0.72], epochs=[20, 100])
    assert "early stopping" in passed(unequal_budgets, trials=runs, stopping=Stopping("val_loss", 10))
    assert passed(unequal_budgets, trials=NOTEBOOK, stopping=Stopping("val_loss", 10))


def test_a_tenth_less_passes() -> None:
    assert passed(unequal_budgets, trials=table({"a": [1, 2]}, validation_auc=[0.7, 0.72], epochs=[90, 100]))


def test_nothing_known_of_their_length() -> None:
    runs = table({"a": [1, 2]}, validation_auc=[0.7, 0.72])
    assert "neither" in not_applicable(unequal_budgets, trials=runs)


def test_lengths_that_nobody_set_may_be_early_stopping_s() -> None:
    runs = table({"a": [1, 2]}, validation_auc=[0.7, 0.72], epochs=[20, 100])
    found = fired(unequal_budgets, trials=runs)
    assert found.confidence is Confidence.POSSIBLE and "early stopping" in found.settle
    as_set = fired(unequal_budgets, trials=table({"epochs": [10, 20]}, validation_auc=[0.7, 0.72]))
    assert as_set.confidence is Confidence.CERTAIN and not as_set.settle


def test_a_checkpoint_ends_no_run() -> None:
    runs = table({"a": [1, 2]}, validation_auc=[0.7, 0.72], epochs=[20, 100])
    assert fired(unequal_budgets, trials=runs, stopping=Stopping("val_loss"))


def test_a_best_run_of_unknown_length() -> None:
    runs = table({"a": [1, 2, 3]}, validation_loss=[0.1, 0.2, 0.3], epochs=[math.nan, 10, 50])
    assert "nan" not in fired(unequal_budgets, trials=runs).message


def test_a_batch_larger_than_the_rows_is_one_step() -> None:
    runs = table({"batch_size": [8, 64]}, validation_loss=[0.1, 0.2])
    assert "1 steps per epoch against 2" in fired(unequal_budgets, trials=runs, rows_train=10).message
