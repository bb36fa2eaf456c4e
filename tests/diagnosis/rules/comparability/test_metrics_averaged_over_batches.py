"""CMP108: plain functions of a batch, and how many batches have no positive."""

from steelyard.diagnosis.rules.comparability.metrics_averaged_over_batches import (
    metrics_averaged_over_batches,
)
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly


def test_one_in_21_and_batches_of_32() -> None:
    found = fired(
        metrics_averaged_over_batches,
        metric_functions=("precision", "recall", "f1"),
        batch_size=32,
        base_rate_validation=exactly(1 / 21),
    )
    assert "precision, recall and f1 are plain functions" in found.message
    assert "20.99% of validation batches hold no positive" in found.message


def test_rare_positives_known_within_bounds() -> None:
    found = fired(
        metrics_averaged_over_batches,
        metric_functions=("my_f1_score",),
        batch_size=32,
        base_rate_train=about(0.0018, 0.001, 0.003),
    )
    assert "my_f1_score is a plain function" in found.message
    assert "90.83% to 96.85% of training batches" in found.message


def test_without_a_batch_size_the_fact_alone() -> None:
    found = fired(metrics_averaged_over_batches, metric_functions=("recall_m",))
    assert "batches, which is not the value for all rows." in found.message
    assert "no positive" not in found.message


def test_functions_that_are_means_over_rows_pass() -> None:
    passed(metrics_averaged_over_batches, metric_functions=("accuracy_m", "brier"))
    passed(metrics_averaged_over_batches, metric_functions=())
    assert "the code" in not_applicable(metrics_averaged_over_batches)
