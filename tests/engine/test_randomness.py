"""The order of rows and the masks of dropout: fair, independent, reproducible."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard import engine


@pytest.mark.parametrize("n", [1, 2, 3, 100, 4097])
def test_an_epochs_order_is_a_permutation(n: int) -> None:
    order = engine.epoch_order(5, 1, n)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(n))


def test_orders_differ_between_epochs_and_seeds_and_are_fair() -> None:
    assert not np.array_equal(engine.epoch_order(1, 1, 50), engine.epoch_order(1, 2, 50))
    assert not np.array_equal(engine.epoch_order(1, 1, 50), engine.epoch_order(2, 1, 50))
    np.testing.assert_array_equal(engine.epoch_order(1, 3, 50), engine.epoch_order(1, 3, 50))
    counts = np.zeros((6, 6))
    for epoch in range(1, 3001):
        counts[np.arange(6), engine.epoch_order(0, epoch, 6)] += 1
    expected = 3000 / 6
    assert (
        (counts - expected) ** 2 / expected
    ).sum() < 60  # chi-square with 25 degrees of freedom: p = 0.0001


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.5, 0.9])
@pytest.mark.parametrize("units", [1, 7, 16, 33])
def test_dropout_masks_drop_their_share_of_every_unit_and_row(rate: float, units: int) -> None:
    masks = np.stack([engine.dropout_mask(3, 2, step, 40, units, rate) for step in range(200)])
    assert masks.shape == (200, 40, units)
    assert masks.dtype == np.bool_
    spread = np.sqrt(rate * (1 - rate))
    assert abs((~masks).mean() - rate) <= 5 * spread / np.sqrt(masks.size)
    assert np.abs((~masks).mean(axis=(0, 1)) - rate).max() <= 5 * spread / np.sqrt(200 * 40)
    assert np.abs((~masks).mean(axis=(0, 2)) - rate).max() <= 5 * spread / np.sqrt(200 * units)


def test_dropout_masks_are_independent_of_each_other() -> None:
    """Between steps, layers, seeds, neighbouring rows and neighbouring units."""
    base = engine.dropout_mask(1, 0, 0, 128, 64, 0.5)
    np.testing.assert_array_equal(base, engine.dropout_mask(1, 0, 0, 128, 64, 0.5))
    others = {
        "step": engine.dropout_mask(1, 0, 1, 128, 64, 0.5),
        "layer": engine.dropout_mask(1, 1, 0, 128, 64, 0.5),
        "seed": engine.dropout_mask(2, 0, 0, 128, 64, 0.5),
        **{f"{shift} rows on": np.roll(base, shift, axis=0) for shift in (1, 2, 4, 8)},
        **{f"{shift} units on": np.roll(base, shift, axis=1) for shift in (1, 4, 8, 16, 32)},
    }
    for name, other in others.items():
        correlation = np.corrcoef(base.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 5 / np.sqrt(base.size), name


def test_a_smaller_batch_has_the_same_masks_in_its_rows() -> None:
    np.testing.assert_array_equal(
        engine.dropout_mask(1, 0, 0, 128, 20, 0.3)[:37], engine.dropout_mask(1, 0, 0, 37, 20, 0.3)
    )
