"""The base rate behind metrics that were averaged over batches, from batches that were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.arithmetic import rate_from_batch_means


def batch_means(
    rate: float, recall: float, alarms: float, batch: int, batches: int = 20_000
) -> tuple[float, float, float]:
    """Accuracy, precision and recall as Keras 2 logs plain functions of a batch."""
    random = np.random.default_rng(5)
    positives = random.binomial(batch, rate, batches)
    found = random.binomial(positives, recall)
    false = random.binomial(batch - positives, alarms)
    accuracy = (batch - positives + found - false).mean() / batch
    with np.errstate(invalid="ignore"):
        precision = np.nan_to_num(found / (found + false)).mean()
        of_positives = np.nan_to_num(found / positives).mean()
    return float(accuracy), float(precision), float(of_positives)


@pytest.mark.parametrize(
    ("rate", "recall", "alarms", "batch"),
    [(0.0277, 0.042, 0.0011, 128), (0.05, 0.3, 0.01, 32), (0.3, 0.6, 0.1, 64), (0.01, 0.5, 0.003, 256)],
)
def test_the_base_rate_is_found(rate: float, recall: float, alarms: float, batch: int) -> None:
    found = rate_from_batch_means(*batch_means(rate, recall, alarms, batch), batch)
    assert found == pytest.approx(rate, rel=0.03)


def test_what_says_nothing() -> None:
    assert rate_from_batch_means(0.95, 0.0, 0.0, 32) is None
    assert rate_from_batch_means(0.95, 1.0, 0.5, 32) is None
    assert rate_from_batch_means(1.0, 0.5, 0.5, 32) is None
