"""Whatever is given as a history is judged, or refused in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import steelyard
from steelyard.diagnosis.diagnoses import Diagnoses
from steelyard.errors import SteelyardError
from steelyard.finding import Result

NUMBERS = st.one_of(
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.booleans(),
    st.none(),
    st.floats(width=32).map(np.float32),
    st.integers(-5, 5).map(np.int64),
)
NAMES = st.one_of(
    st.sampled_from(
        ["loss", "val_loss", "accuracy", "val_accuracy", "val_recall", "auc", "lr", "epoch", "history"]
    ),
    st.text(max_size=5),
)
CURVES = st.one_of(
    st.lists(NUMBERS, max_size=8),
    st.lists(st.floats(), max_size=8).map(np.array),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
)
ODDITIES = st.one_of(
    NUMBERS,
    st.text(max_size=20),
    st.binary(max_size=5),
    st.just(datetime(2026, 1, 1)),
    st.just(object()),
    st.complex_numbers(),
    st.sets(st.integers(), max_size=2),
)
ANYTHING = st.recursive(
    st.one_of(CURVES, ODDITIES),
    lambda inner: st.one_of(st.dictionaries(NAMES, inner, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=8,
)


def judged(history: Any, **arguments: Any) -> Diagnoses | None:
    try:
        found = steelyard.diagnose(history, **arguments)
    except SteelyardError as error:
        assert str(error), "refused without a word"
        return None
    assert len(found) > 0
    assert all(isinstance(result, Result) for one in found for result in one.results)
    assert str(found) and found._repr_html_()
    return found


@settings(max_examples=150, deadline=None)
@given(ANYTHING)
def test_any_object(history: Any) -> None:
    judged(history)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, CURVES, min_size=1, max_size=5))
def test_any_dict_of_curves(history: dict[str, Any]) -> None:
    judged(history)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, st.lists(NUMBERS, min_size=4, max_size=4), min_size=1, max_size=4))
def test_any_frame(history: dict[str, Any]) -> None:
    judged(pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in history.items()}))


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["rows_train", "rows_validation", "positives_train", "base_rate", "batch_size", "x"]),
        NUMBERS,
    ),
    ODDITIES,
)
def test_any_facts(facts: dict[str, Any], weights: Any) -> None:
    judged({"loss": [0.5, 0.4, 0.3], "val_loss": [0.5, 0.6, 0.7]}, facts=facts, class_weight=weights)
