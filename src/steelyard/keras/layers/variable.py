"""A tensor of a layer, as Keras' users look at it (``keras/src/backend/common/variables.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, eq=False)
class Variable:
    """One tensor of a layer: ``name`` as in "kernel", ``path`` as in "dense/kernel"."""

    name: str
    path: str
    value: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor."""
        return self.value.shape

    @property
    def dtype(self) -> str:
        """Always "float32"."""
        return "float32"

    def numpy(self) -> NDArray[np.float32]:
        """A copy of the values."""
        return self.value.copy()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.value, dtype=dtype)
