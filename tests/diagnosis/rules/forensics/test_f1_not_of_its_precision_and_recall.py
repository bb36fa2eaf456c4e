"""LOG907: F1 against the harmonic mean of what is logged beside it."""

import numpy as np

from steelyard.diagnosis.rules.forensics.f1_not_of_its_precision_and_recall import (
    f1_not_of_its_precision_and_recall,
)
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve


def means_over_batches(batch: int, seed: int = 907) -> tuple[float, float, float]:
    """Precision, recall and F1 of one epoch, as means over batches of rows with 5% positives."""
    random = np.random.default_rng(seed)
    target = random.random((200, batch)) < 0.05
    called = random.random((200, batch)) < np.where(target, 0.4, 0.05)
    hits = (target & called).sum(1)
    precision = hits / np.maximum(called.sum(1), 1)
    recall = hits / np.maximum(target.sum(1), 1)
    f1 = 2 * hits / np.maximum(called.sum(1) + target.sum(1), 1)
    return float(precision.mean()), float(recall.mean()), float(f1.mean())


def test_means_over_batches() -> None:
    epochs = np.array([means_over_batches(32, seed) for seed in range(5)])
    found = fired(
        f1_not_of_its_precision_and_recall,
        validation_precision=curve(epochs[:, 0]),
        validation_recall=curve(epochs[:, 1]),
        validation_f1=curve(epochs[:, 2]),
    )
    assert "5 of 5 epochs" in found.message and "averages over batches" in found.message
    assert found.evidence["split"] == "validation"
    assert "own" in found.settle


def test_the_question() -> None:
    found = fired(
        f1_not_of_its_precision_and_recall,
        train_precision=curve([0.04318607766310522, 0.12049203373247321]),
        train_recall=curve([0.014118418249225056, 0.040589943225833217]),
        train_f1=curve([0.019788689361876124, 0.056669717329863929]),
    )
    assert "0.1205 and the recall 0.04059, which makes an F1 of 0.06072; logged is 0.05667" in found.message


def test_one_set_of_decisions_passes_also_when_rounded() -> None:
    p, r = np.array([0.3, 0.41, 0.5]), np.array([0.2, 0.33, 0.1])
    f = 2 * p * r / (p + r)
    for digits in (17, 4, 2):
        passed(
            f1_not_of_its_precision_and_recall,
            train_precision=curve(np.round(p, digits)),
            train_recall=curve(np.round(r, digits)),
            train_f1=curve(np.round(f, digits)),
        )


def test_one_odd_epoch_passes() -> None:
    passed(
        f1_not_of_its_precision_and_recall,
        train_precision=curve([0.3, 0.3, 0.3]),
        train_recall=curve([0.3, 0.3, 0.3]),
        train_f1=curve([0.3, 0.3, 0.2]),
    )


def test_zeros_and_missing_metrics() -> None:
    zeros = {f"validation_{name}": curve([0.0]) for name in ("precision", "recall", "f1")}
    assert "above 0" in not_applicable(f1_not_of_its_precision_and_recall, **zeros)
    assert "above 0" in not_applicable(f1_not_of_its_precision_and_recall, train_f1=curve([0.3]))
