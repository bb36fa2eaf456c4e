"""Which way a metric is better, by its name."""

import pytest

from steelyard.diagnosis.arithmetic.directions import lower_is_better


@pytest.mark.parametrize(
    "name",
    ["loss", "focal_loss", "Loss", "rmse", "log_loss", "brier", "false_negatives", "ece", "objective_loss"],
)
def test_losses_and_errors_fall(name: str) -> None:
    assert lower_is_better(name) is True


@pytest.mark.parametrize(
    "name",
    ["accuracy", "roc_auc", "average_precision", "recall_at_precision", "f1", "neg_log_loss", "mcc", "tp"],
)
def test_scores_rise(name: str) -> None:
    assert lower_is_better(name) is False


@pytest.mark.parametrize("name", ["objective", "reported", "", "neg_x", "gamma"])
def test_other_names_do_not_tell(name: str) -> None:
    assert lower_is_better(name) is None
