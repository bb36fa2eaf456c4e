"""Class weights as they were asked for: pairs, words, and those that nothing can be made of."""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np
import pytest

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.deriving.floors import is_balanced
from steelyard.history import History, Series
from steelyard.log import Facts, Log

ROWS = {"rows_train": 2000, "positives_train": 100}
FORMULA = MappingProxyType({"class_weight_type": "class_weight=compute_class_weight('balanced', ...)"})


def test_balanced_weights_come_from_the_training_rows() -> None:
    signals = signals_from(Log("a test", "csv", facts=Facts(class_weight_type="balanced", **ROWS)))
    assert signals.class_weight == pytest.approx((0.5 / 0.95, 10.0))


def test_an_array_from_the_formula_is_balanced_though_its_values_are_not_known() -> None:
    facts = Facts(class_weight_type="array", origins=FORMULA, **ROWS)
    assert signals_from(Log("a test", "csv", facts=facts)).class_weight == pytest.approx((0.5 / 0.95, 10.0))
    assert not is_balanced(Facts(class_weight_type="array", **ROWS))


def test_a_pair_that_was_said_counts_more_than_the_formula_that_was_read() -> None:
    origins = {**FORMULA, "class_weight": "--class-weight"}
    facts = Facts(class_weight=(1.0, 7.0), class_weight_type="array", origins=origins, **ROWS)
    assert signals_from(Log("a test", "csv", facts=facts)).class_weight == (1.0, 7.0)


@pytest.mark.parametrize("pair", [(0.0, 1.0), (1.0, 0.0), (1.0, math.inf), (-1.0, 1.0), (math.nan, 1.0)])
def test_under_a_weight_of_nothing_no_arithmetic_holds(pair: tuple[float, float]) -> None:
    signals = signals_from(Log("a test", "csv", facts=Facts(class_weight=pair, **ROWS)))
    assert signals.class_weight is None and signals.weighted_train_floor is None


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [("binary_crossentropy", False), (None, False), ("mse", None), ("binary_focal_crossentropy", None)],
)
def test_only_of_cross_entropy_is_it_known_what_a_missed_positive_costs(
    loss: str | None, verdict: bool | None
) -> None:
    """No positive is found: with a weight of 10 that costs 0.35 a row at least."""
    curves = {"loss": [0.2, 0.19, 0.18], "accuracy": [0.95] * 3, "recall": [0.0] * 3, "precision": [0.0] * 3}
    history = History(
        np.arange(1, 4), tuple(Series("train", name, np.array(values)) for name, values in curves.items())
    )
    facts = Facts(loss=loss, class_weight=(0.5, 10.0), framework="keras 2", **ROWS)
    assert signals_from(Log("a test", "csv", history, facts)).weights_in_force is verdict
