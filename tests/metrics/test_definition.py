"""What all metrics have in common."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.metrics import METRICS, as_loss, metric
from steelyard.metrics.definition import lacking, values_of
from steelyard.metrics.naming import PARAMETRIC
from steelyard.metrics.rows import checked

ALL = [*METRICS.values(), *map(metric, PARAMETRIC), metric("cost fp=1 fn=10 tp=-5")]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(2, 60), st.booleans())
def test_our_functions_and_the_worst_values(seed: int, rows: int, weighted: bool) -> None:
    """Ours agree with scikit-learn's, and nothing is worse than the worst."""
    random = np.random.default_rng(seed)
    target = random.integers(0, 2, rows)
    probability = random.choice([0.0, 0.2, 0.5, 0.7, 1.0], rows) if seed % 2 else random.random(rows)
    drawn = random.uniform(0.1, 3.0, rows) if weighted else None
    these = checked(target, probability, drawn)
    defined = [one for one in ALL if not lacking(one, these)]
    exact, ours = (values_of(defined, these, 0.4, exact=exact) for exact in (True, False))
    assert ours == pytest.approx(exact, nan_ok=True, rel=1e-9, abs=1e-12)
    for one, value in zip(defined, exact, strict=True):
        if not math.isnan(value):
            assert as_loss(one, value) <= as_loss(one, one.worst) + 1e-9, one.name
