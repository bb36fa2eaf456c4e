"""OPT311."""

from __future__ import annotations

import pytest

from steelyard.diagnosis.rules.optimisation.batch_size_unsuited import batch_size_unsuited
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly


def test_most_batches_without_a_positive() -> None:
    finding = fired(batch_size_unsuited, batch_size=32, base_rate_train=exactly(0.0018))
    assert finding.evidence["share_without_positives"] == pytest.approx((1 - 0.0018) ** 32)
    assert "94% of batches of 32 rows" in finding.message
    assert finding.evidence["enough"] == 1663
    assert finding.severity is Severity.SMELL


def test_it_is_a_warning_where_nothing_was_learned() -> None:
    finding = fired(
        batch_size_unsuited,
        batch_size=32,
        base_rate_train=exactly(0.0018),
        validation_skill=curve([-0.1, 0.0]),
    )
    assert finding.severity is Severity.WARNING


def test_a_few_empty_batches_are_no_fault() -> None:
    assert "13.5%" in passed(batch_size_unsuited, batch_size=24, base_rate_train=exactly(0.08))


def test_a_base_rate_that_is_hardly_known_does_not_fire() -> None:
    assert "no fault" in passed(batch_size_unsuited, batch_size=32, base_rate_train=about(0.01, 0.005, 0.05))


def test_five_updates_in_all() -> None:
    finding = fired(batch_size_unsuited, batch_size=2000, rows_train=90, planned_epochs=5)
    assert "5 epochs make 5 steps in all, 1 per epoch" in finding.message


def test_resampling_passes_and_nothing_cannot_tell() -> None:
    passed(batch_size_unsuited, batch_size=32, base_rate_train=exactly(0.001), resampling="smote")
    assert "base rate" in not_applicable(batch_size_unsuited, batch_size=32)
    assert "rows per step" in not_applicable(batch_size_unsuited)


def test_without_any_positive_no_batch_is_to_blame() -> None:
    assert "no training row is positive" in not_applicable(
        batch_size_unsuited, batch_size=32, base_rate_train=exactly(0.0)
    )


def test_batches_that_are_small_already_call_for_epochs() -> None:
    known = {"rows_train": 60, "planned_epochs": 10}
    finding = fired(batch_size_unsuited, batch_size=8, **known)
    assert [str(change) for change in finding.changes] == ["training.epochs=13"]
    large = fired(batch_size_unsuited, batch_size=60, **known)
    assert [str(change) for change in large.changes] == ["training.batch_size=16"]


def test_batches_as_large_as_the_table_are_no_remedy() -> None:
    rare = {"batch_size": 32, "base_rate_train": exactly(1e-4)}
    finding = fired(batch_size_unsuited, rows_train=100_000, **rare)
    assert finding.changes == ()
    assert "too few steps per epoch" in finding.advice
    fits = fired(batch_size_unsuited, rows_train=1_000_000, **rare)
    assert [str(change) for change in fits.changes] == ["training.batch_size=29956"]


def test_epochs_are_those_of_the_log_not_its_lines() -> None:
    every_tenth = curve([0.5, 0.4, 0.3], epochs=(10, 20, 30))
    fields = {"batch_size": 128, "rows_train": 1000, "train_loss_logged": every_tenth}
    assert "base rate" in not_applicable(batch_size_unsuited, **fields)
    assert (
        "1 epoch makes 1 step in all"
        in fired(batch_size_unsuited, batch_size=2000, rows_train=90, planned_epochs=1).message
    )
