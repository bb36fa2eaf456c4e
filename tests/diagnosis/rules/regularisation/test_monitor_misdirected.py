"""REG407."""

from __future__ import annotations

from typing import Any

import pytest

from steelyard.diagnosis.rules.regularisation.monitor_misdirected import monitor_misdirected
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import BestEpoch, curve


@pytest.mark.parametrize(
    ("monitor", "mode", "said"),
    [("val_loss", "max", "lowest"), ("val_auc", "min", "highest"), ("validation_f1", "min", "highest")],
)
def test_the_wrong_direction_is_certain(monitor: str, mode: str, said: str) -> None:
    finding = fired(monitor_misdirected, stopping=Stopping(monitor, 5, mode))
    assert f"best where it is {said}" in finding.message
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)


def test_keras_2_takes_f1_for_a_loss() -> None:
    finding = fired(monitor_misdirected, stopping=Stopping("val_f1", 5), framework="keras 2")
    assert "takes it for a loss" in finding.message
    passed(monitor_misdirected, stopping=Stopping("val_auc", 5), framework="keras 2")


def test_keras_3_refuses_a_function_without_a_direction() -> None:
    fields: dict[str, Any] = {"framework": "keras 3", "metric_functions": ("f1",)}
    assert "refuses" in fired(monitor_misdirected, stopping=Stopping("val_f1", 5), **fields).message
    passed(monitor_misdirected, stopping=Stopping("val_f1", 5, "max"), **fields)


def test_nothing_to_watch() -> None:
    finding = fired(
        monitor_misdirected, stopping=Stopping("val_loss", 5), train_loss_logged=curve([0.3, 0.2])
    )
    assert "never stops" in finding.message


def test_recall_alone() -> None:
    finding = fired(monitor_misdirected, stopping=Stopping("val_recall", 5, "max"))
    assert "calls every row positive" in finding.message
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [
        ("val_loss", None),
        ("val_loss", "min"),
        ("validation_average_precision", "max"),
        ("val_accuracy", "max"),
    ],
)
def test_sound_ones_pass(monitor: str, mode: str | None) -> None:
    passed(monitor_misdirected, stopping=Stopping(monitor, 5, mode))


def test_unknown() -> None:
    assert "early stopping" in not_applicable(monitor_misdirected)


def test_keras_2_reads_how_a_name_ends() -> None:
    """The second model of a program has val_auc_1."""
    finding = fired(monitor_misdirected, stopping=Stopping("val_auc_1", 5), framework="keras 2")
    assert "takes it for a loss" in finding.message
    for name in ("val_binary_accuracy", "val_acc", "val_pr_auc"):
        passed(monitor_misdirected, stopping=Stopping(name, 5), framework="keras 2")
    passed(monitor_misdirected, stopping=Stopping("val_auc_1", 5, "max"), framework="keras 2")
    passed(monitor_misdirected, stopping=Stopping("val_auc_1", 5), framework="keras 3")


@pytest.mark.parametrize("monitor", ["val_recall_1", "recall", "val_precision"])
def test_numbered_recall_is_alone_too(monitor: str) -> None:
    fired(monitor_misdirected, stopping=Stopping(monitor, 5, "max"))


@pytest.mark.parametrize("monitor", ["val_precision_at_recall", "val_recall_at_precision", "val_auc"])
def test_precision_at_some_recall_is_not_alone(monitor: str) -> None:
    passed(monitor_misdirected, stopping=Stopping(monitor, 5, "max"))


def test_other_metrics_of_validation_rows_or_epochs_to_come_are_something_to_watch() -> None:
    known: dict[str, Any] = {"stopping": Stopping("val_auc", 5), "train_loss_logged": curve([0.3, 0.2])}
    passed(monitor_misdirected, validation_accuracy=curve([0.9, 0.9]), **known)
    passed(monitor_misdirected, validation_recall=curve([0.5, 0.6]), **known)
    passed(monitor_misdirected, best_epoch=BestEpoch(2, 2, 2, "ROC AUC"), **known)
    passed(monitor_misdirected, planned_epochs=50, **known)
    fired(monitor_misdirected, planned_epochs=2, **known)


def test_a_checkpoint_is_not_called_early_stopping() -> None:
    finding = fired(monitor_misdirected, stopping=Stopping("val_recall"))
    assert finding.message.startswith("What keeps the best epoch watches val_recall alone")


def test_of_names_of_ones_own_the_direction_is_likely() -> None:
    finding = fired(monitor_misdirected, stopping=Stopping("val_sensitivity", 5, "min"))
    assert finding.confidence is Confidence.LIKELY
    assert (
        fired(monitor_misdirected, stopping=Stopping("val_auc_1", 5, "min")).confidence is Confidence.CERTAIN
    )
    passed(monitor_misdirected, stopping=Stopping("val_something", 5, "min"))
