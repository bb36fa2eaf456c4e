"""Class weights from the weighted accuracy of training rows, which Keras logs beside the plain one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.deriving.curves import curves_of
from steelyard.diagnosis.deriving.seen_weights import Seen, seen_weights
from steelyard.history import History, Series
from steelyard.log import Facts, Log
from tests.diagnosis.signals import exactly

ROWS, POSITIVES = 450, 52
EPOCHS = ((31, 183), (27, 179), (32, 195))
"""Positives found, negatives right."""


def history(ratio: Fraction, recall: bool = True) -> History:
    """Three epochs of counted decisions, in float32 as Keras computes them."""

    def series(name: str, values: list[Fraction]) -> Series:
        return Series("train", name, np.array([float(np.float32(float(one))) for one in values]))

    hits, right = zip(*EPOCHS, strict=True)
    weight = ratio * POSITIVES + ROWS - POSITIVES
    found = [
        series("loss", [Fraction(13, 10)] * 3),
        series("accuracy", [Fraction(h + r, ROWS) for h, r in EPOCHS]),
        series("weighted_accuracy", [(ratio * h + r) / weight for h, r in EPOCHS]),
    ]
    if recall:
        found.append(series("recall", [Fraction(one, POSITIVES) for one in hits]))
    assert len(right) == 3
    return History(np.array([1, 2, 3]), tuple(found))


def seen(ratio: Fraction, recall: bool = True) -> Seen | None:
    curves, _ = curves_of(history(ratio, recall))
    return seen_weights(curves, exactly(POSITIVES / ROWS), frozenset())


@given(st.fractions(Fraction(1, 5), 40, max_denominator=20))
def test_the_ratio_that_was_used_is_found(ratio: Fraction) -> None:
    found = seen(ratio)
    assert found is not None
    if ratio == 1:
        assert found == Seen(False, None)
    else:
        assert found.weighted and found.ratio == pytest.approx(float(ratio), rel=0.004)


def test_a_whole_ratio_and_a_balanced_one_are_taken_for_weights() -> None:
    rate = exactly(POSITIVES / ROWS)
    found = seen(Fraction(5))
    assert found is not None and found.weights(rate) == (1.0, 5.0)
    balanced = seen(Fraction(ROWS - POSITIVES, POSITIVES))
    assert balanced is not None
    assert balanced.weights(rate) == pytest.approx((0.5 * ROWS / (ROWS - POSITIVES), 0.5 * ROWS / POSITIVES))
    odd = seen(Fraction(7, 2))
    assert odd is not None and odd.weighted and odd.weights(rate) is None


def test_without_recall_it_is_known_that_but_not_how_much() -> None:
    assert seen(Fraction(5), recall=False) == Seen(True, None)


def test_only_one_of_the_two_says_nothing() -> None:
    whole = history(Fraction(5))
    curves, _ = curves_of(History(whole.epochs, whole.series[:2]))
    assert seen_weights(curves, None, frozenset()) is None
    assert seen_weights(None, None, frozenset()) is None


def test_they_reach_the_signals_unless_the_weights_were_told() -> None:
    facts = Facts(rows_train=ROWS, positives_train=POSITIVES)
    found = signals_from(Log("x", "csv logger", history(Fraction(5)), facts))
    assert found.class_weight == (1.0, 5.0) and found.weights_in_force is True
    told = Facts(
        rows_train=ROWS, positives_train=POSITIVES, class_weight=(1.0, 2.0), class_weight_type="dict"
    )
    assert signals_from(Log("x", "csv logger", history(Fraction(5)), told)).class_weight == (1.0, 2.0)
    odd = signals_from(Log("x", "csv logger", history(Fraction(7, 2)), facts))
    assert odd.class_weight is None and odd.weights_in_force is True and odd.train_loss is None
