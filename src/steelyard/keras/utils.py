"""What Keras users import from ``keras.utils``."""

from __future__ import annotations

import random

import numpy as np

from steelyard.keras.checks import whole
from steelyard.keras.seeding import restart


def set_random_seed(seed: int) -> None:
    """Makes what follows repeatable: the generators of Python and of numpy, and the seeds of models.

    ``seed`` is from 0 to 2**32 - 1, the range of numpy's generator. Models built afterwards are the same
    each time; training is repeatable by itself, on any number of threads.
    """
    number = whole("set_random_seed: seed", seed, low=0, high=2**32 - 1)
    random.seed(number)
    np.random.seed(number)
    restart(number)
