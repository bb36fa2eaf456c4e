"""COL206: accuracy as the monitor, the ranking of trials, or merely logged."""

import numpy as np
import pytest

from steelyard.diagnosis.rules.collapse.accuracy_says_nothing import accuracy_says_nothing
from steelyard.finding import Severity
from steelyard.log import Stopping, TrialTable
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

RATE = {"base_rate_validation": exactly(0.05)}


def test_early_stopping_on_accuracy() -> None:
    found = fired(accuracy_says_nothing, stopping=Stopping("val_acc"), **RATE)
    assert "right on 95% of the validation rows, and accuracy is what early stopping goes by" in found.message
    assert found.severity is Severity.WARNING and str(found.changes[0]) == "training.monitor=validation_loss"


def test_trials_ranked_by_accuracy() -> None:
    trials = TrialTable({}, {"validation_accuracy": np.array([0.95, 0.951])}, ranked_by="validation_accuracy")
    found = fired(accuracy_says_nothing, trials=trials, **RATE)
    assert "the ranking of the trials" in found.message and not found.changes


def test_an_accuracy_that_says_something_and_chose_is_a_smell() -> None:
    found = fired(
        accuracy_says_nothing,
        base_rate_validation=exactly(0.15),
        validation_accuracy=curve([0.85, 0.93, float("nan")]),
        rows_validation=10_000,
        stopping=Stopping("val_accuracy"),
    )
    assert found.severity is Severity.SMELL and "It reaches 93%" in found.message


def test_merely_logged_it_is_a_smell() -> None:
    found = fired(
        accuracy_says_nothing,
        validation_accuracy=curve([0.947, 0.95, 0.9502]),
        rows_validation=10_000,
        **RATE,
    )
    assert found.severity is Severity.SMELL and "94.7% to 95.02%" in found.message


def test_one_number_where_the_accuracy_stands_still() -> None:
    found = fired(accuracy_says_nothing, validation_accuracy=curve([0.95, 0.95]), rows_validation=100, **RATE)
    assert "the network is right on 95%." in found.message


def test_a_rate_that_may_be_on_either_side_of_one_half() -> None:
    wide = about(0.3, 0.1, 0.9)
    assert "between 50% and 90%" in passed(
        accuracy_says_nothing, base_rate_validation=wide, stopping=Stopping("val_accuracy")
    )


@pytest.mark.parametrize("name", ["acc", "val_acc", "valid_acc", "val/accuracy", "val_binary_accuracy"])
def test_names_of_accuracy(name: str) -> None:
    fired(accuracy_says_nothing, stopping=Stopping(name), **RATE)


@pytest.mark.parametrize("name", ["val_balanced_accuracy", "val_balanced_acc", "val_accuracy_gap", "val_auc"])
def test_names_of_other_metrics(name: str) -> None:
    not_applicable(accuracy_says_nothing, stopping=Stopping(name), **RATE)


def test_where_it_is_logged_unasked_it_must_have_chosen_something() -> None:
    logged = {"validation_accuracy": curve([0.947, 0.95]), "rows_validation": 10_000, **RATE}
    assert "chose nothing" in passed(accuracy_says_nothing, framework="steelyard", **logged)
    fired(accuracy_says_nothing, framework="steelyard", stopping=Stopping("validation_accuracy"), **logged)


def test_an_accuracy_above_the_majority_says_something() -> None:
    said = passed(
        accuracy_says_nothing, validation_accuracy=curve([0.95, 0.97]), rows_validation=10_000, **RATE
    )
    assert "97%" in said


def test_balanced_data_and_other_monitors() -> None:
    assert "60%" in passed(
        accuracy_says_nothing, base_rate_validation=exactly(0.4), stopping=Stopping("val_accuracy")
    )
    wide = {"base_rate_validation": about(0.1, 0.05, 0.25)}
    passed(accuracy_says_nothing, stopping=Stopping("val_accuracy"), **wide)
    for monitor in ("val_loss", "val_balanced_accuracy", "val_auc"):
        not_applicable(accuracy_says_nothing, stopping=Stopping(monitor), **RATE)


def test_unknown() -> None:
    assert "none was logged" in not_applicable(accuracy_says_nothing, **RATE)
    assert "--positives" in not_applicable(accuracy_says_nothing)
