"""SRC811: ties, and whether they are at the score of the commoner class."""

import pytest

from steelyard.diagnosis.rules.search.metric_cannot_rank import metric_cannot_rank
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly
from tests.diagnosis.tables import NOTEBOOK, table


@pytest.mark.parametrize(
    "rate", [exactly(1257 / 15_405), about(0.0801, 0.0790, 0.0812)], ids=["counted", "of all rows"]
)
def test_six_of_ten_configurations_of_the_notebook(rate: object) -> None:
    found = fired(metric_cannot_rank, trials=NOTEBOOK, rows_validation=15_405, base_rate_validation=rate)
    assert "6 of 10 trials" in found.message and "14,148 of 15,405" in found.message
    assert "every row negative" in found.message and "8.16%" in found.message
    assert found.severity is Severity.ERROR


def test_ties_elsewhere_are_not_called_majority() -> None:
    found = fired(
        metric_cannot_rank, trials=NOTEBOOK, rows_validation=15_405, base_rate_validation=exactly(0.3)
    )
    assert "every row" not in found.message


def test_another_metric_that_chose_makes_it_a_smell() -> None:
    by_auc = table(
        {"u": [1, 2, 3, 4]},
        ranked_by="validation_auc",
        validation_accuracy=[0.95] * 4,
        validation_auc=[0.7, 0.71, 0.72, 0.73],
    )
    assert fired(metric_cannot_rank, trials=by_auc).severity is Severity.SMELL


def test_different_accuracies_rank() -> None:
    apart = table({"u": [1, 2, 3, 4]}, validation_accuracy=[0.91, 0.92, 0.93, 0.94])
    assert "share" in passed(metric_cannot_rank, trials=apart)


def test_nothing_to_rank_by() -> None:
    losses = table({"u": [1, 2, 3, 4]}, validation_loss=[0.3] * 4)
    assert "accuracy" in not_applicable(metric_cannot_rank, trials=losses)


def test_rows_are_counted_of_plain_accuracy_alone() -> None:
    balanced = table(
        {"u": [1, 2, 3, 4]},
        ranked_by="validation_balanced_accuracy",
        validation_balanced_accuracy=[0.5] * 4,
    )
    found = fired(
        metric_cannot_rank, trials=balanced, rows_validation=1000, base_rate_validation=exactly(0.5)
    )
    assert "rows right" not in found.message and "every row" not in found.message


def test_a_base_rate_without_rows_is_no_excuse_for_any_accuracy() -> None:
    tied = table({"u": [1, 2, 3, 4]}, ranked_by="validation_accuracy", validation_accuracy=[0.7] * 4)
    found = fired(metric_cannot_rank, trials=tied, base_rate_validation=about(0.05, 0.04, 0.06))
    assert "every row" not in found.message


def test_trials_that_get_every_row_right_are_a_smell() -> None:
    perfect = table({"u": [1, 2, 3, 4]}, validation_accuracy=[1.0] * 4)
    found = fired(
        metric_cannot_rank,
        trials=perfect,
        rows_validation=100,
        base_rate_validation=about(0.05, 0.04, 0.06),
    )
    assert found.severity is Severity.SMELL and "every row" not in found.message
