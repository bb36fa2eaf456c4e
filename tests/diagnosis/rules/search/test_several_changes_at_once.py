"""SRC807: two runs, and what differs."""

from steelyard.diagnosis.rules.search.several_changes_at_once import several_changes_at_once
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.tables import NOTEBOOK, table


def test_two_changes_are_named() -> None:
    two = table({"learning_rate": [1e-3, 1e-4], "layers": [2, 3], "seed": [1, 2]}, validation_auc=[0.7, 0.72])
    found = fired(several_changes_at_once, trials=two)
    assert "Run 2 and the run most like it, run 1, differ in 2 things" in found.message
    assert "learning_rate" in found.message and "layers" in found.message


def test_one_change_passes_whatever_follows_from_it() -> None:
    smote = table(
        {"resampling": ["none", "smote"], "rows_train": [900, 1700], "positives_train": [50, 850]},
        validation_auc=[0.7, 0.72],
    )
    assert "resampling alone" in passed(several_changes_at_once, trials=smote)
    assert passed(several_changes_at_once, trials=table({"seed": [1, 2]}, validation_auc=[0.7, 0.71]))


def test_a_factorial_design_passes() -> None:
    four = table({"a": [1, 1, 2, 2], "b": [1, 2, 1, 2]}, validation_auc=[0.7, 0.71, 0.72, 0.73])
    assert passed(several_changes_at_once, trials=four)


def test_a_search_varies_on_purpose() -> None:
    assert "search" in passed(several_changes_at_once, trials=NOTEBOOK)


def test_one_run_compares_nothing() -> None:
    assert "nothing to compare" in not_applicable(
        several_changes_at_once, trials=table({"a": [1]}, validation_auc=[0.7])
    )
