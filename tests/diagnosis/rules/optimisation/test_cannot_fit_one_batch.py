"""OPT309."""

from __future__ import annotations

from steelyard.diagnosis.rules.optimisation.cannot_fit_one_batch import cannot_fit_one_batch
from tests.diagnosis.asking import fired, not_applicable, passed


def test_a_batch_that_is_not_learned_by_heart() -> None:
    assert "still has a loss of 0.45" in fired(cannot_fit_one_batch, one_batch_loss=0.45).message


def test_one_that_is() -> None:
    passed(cannot_fit_one_batch, one_batch_loss=1e-4)


def test_without_the_experiment_it_says_how_to_do_it() -> None:
    assert "1000 steps on 16 to 64 rows" in not_applicable(cannot_fit_one_batch)


def test_a_loss_that_is_not_a_number_cannot_tell() -> None:
    assert "not a number" in not_applicable(cannot_fit_one_batch, one_batch_loss=float("nan"))
