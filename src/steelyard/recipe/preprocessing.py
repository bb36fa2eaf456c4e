"""How columns become inputs of the network. Everything is fitted on training rows only."""

from __future__ import annotations

from typing import Literal

from steelyard.recipe.base import NonNegativeInt, Part, PositiveFloat, PositiveInt


class Preprocessing(Part):
    """Scaling of numbers, encoding of categories."""

    scaling: Literal["robust", "standard", "none"] = "robust"
    """``robust``: median and interquartile range (if that is zero, half the range, as for a 0/1
    column); ``standard``: mean and standard deviation. A constant column becomes zero."""
    smooth_clip: PositiveFloat | Literal["off"] = 3.0
    """A scaled value x becomes ``x / sqrt(1 + (x / c)^2)``, which tends to ±c (Holzmüller et al. 2024)."""
    missing_indicator: bool = True
    """A missing number becomes the median; a 0/1 input beside it says that it was missing."""
    min_level_rows: PositiveInt = 5
    """Levels with fewer training rows are merged into one, which also serves unseen levels."""
    one_hot_levels: NonNegativeInt = 2000
    """A column with at most this many levels is one-hot; one with more gets an embedding."""
    embedding_dim: PositiveInt = 8
