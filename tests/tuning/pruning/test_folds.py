"""Folds that are spared: by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steelyard.tuning.pruning import hopeless, incumbent


def test_by_hand() -> None:
    assert incumbent(np.array([np.nan, 0.4, 0.2, np.inf])) == 2
    # The incumbent's worst fold has 0.5: a mean of 0.5 is not worse.
    losses = np.array([[0.6, 0.4], [0.6, 0.5], [np.inf, 0.1]])
    assert hopeless(losses, np.array([0.2, 0.5, 0.3])).tolist() == [False, True, True]


def test_nobody_is_given_up_for_an_incumbent_that_diverged() -> None:
    assert hopeless(np.array([[np.inf], [0.3]]), np.array([0.2, np.inf])).tolist() == [False, False]


@given(arrays(np.float64, (7, 4), elements=st.floats(0, 1)))
def test_the_incumbent_itself_is_never_given_up(losses: np.ndarray) -> None:
    best = incumbent(losses[:, 0])
    for folds in range(1, 4):
        assert not hopeless(losses[[best], :folds], losses[best])[0]
