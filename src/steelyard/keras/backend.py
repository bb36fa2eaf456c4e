"""What metric functions and callbacks use of ``keras.backend``, in numpy.

``from steelyard.keras import backend as K``. Names and arguments are those of Keras 2's backend, which such
functions were written for. Arrays stay float32; sums and means are over all axes unless some are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from steelyard.keras.codes import refuse

Array = NDArray[Any]
Axis = int | Sequence[int] | None

_EPSILON = 1e-7
_FLOATX = "float32"


def epsilon() -> float:
    """1e-7, which keeps denominators from being zero."""
    return _EPSILON


def floatx() -> str:
    """``"float32"``: what the engine computes in."""
    return _FLOATX


def clear_session() -> None:
    """Does nothing: there is no graph and no session that could grow."""


def sum(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Sum of the elements."""
    return np.sum(x, axis=_axis(axis), keepdims=keepdims)


def mean(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Mean of the elements; of booleans the share that is true, as float32."""
    return np.mean(_floats(x), axis=_axis(axis), keepdims=keepdims)


def prod(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Product of the elements."""
    return np.prod(np.asarray(x), axis=_axis(axis), keepdims=keepdims)


def std(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Standard deviation, divided by n."""
    return np.std(_floats(x), axis=_axis(axis), keepdims=keepdims)


def var(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Variance, divided by n."""
    return np.var(_floats(x), axis=_axis(axis), keepdims=keepdims)


def max(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Largest element."""
    return np.max(x, axis=_axis(axis), keepdims=keepdims)


def min(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Smallest element."""
    return np.min(x, axis=_axis(axis), keepdims=keepdims)


def all(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether every element is true."""
    return np.all(x, axis=_axis(axis), keepdims=keepdims)


def any(x: ArrayLike, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether some element is true."""
    return np.any(x, axis=_axis(axis), keepdims=keepdims)


def argmax(x: ArrayLike, axis: int = -1) -> Array:
    """Position of the largest element."""
    return np.asarray(np.argmax(x, axis=axis))


def argmin(x: ArrayLike, axis: int = -1) -> Array:
    """Position of the smallest element."""
    return np.asarray(np.argmin(x, axis=axis))


def cumsum(x: ArrayLike, axis: int = 0) -> Array:
    """Running sum."""
    return np.cumsum(x, axis=axis)


def abs(x: ArrayLike) -> Array:
    """Magnitude of each element."""
    return np.asarray(np.abs(x))


def square(x: ArrayLike) -> Array:
    """Square of each element."""
    return np.asarray(np.square(x))


def sqrt(x: ArrayLike) -> Array:
    """Square root; negative elements count as 0, as in Keras."""
    return np.asarray(np.sqrt(np.maximum(_floats(x), 0)))


def exp(x: ArrayLike) -> Array:
    """e to the power of each element."""
    return np.asarray(np.exp(_floats(x)))


def log(x: ArrayLike) -> Array:
    """Natural logarithm."""
    return np.asarray(np.log(_floats(x)))


def pow(x: ArrayLike, a: float) -> Array:
    """Each element to the power of ``a``."""
    return np.asarray(np.power(np.asarray(x), a))


def sign(x: ArrayLike) -> Array:
    """-1, 0 or 1."""
    return np.asarray(np.sign(x))


def round(x: ArrayLike) -> Array:
    """Nearest whole number; halves to the even one, so that 0.5 is 0."""
    return np.asarray(np.round(np.asarray(x)))


def clip(x: ArrayLike, min_value: ArrayLike, max_value: ArrayLike) -> Array:
    """Elements below ``min_value`` become that, those above ``max_value`` that."""
    return np.asarray(np.clip(np.asarray(x), min_value, max_value))


def sigmoid(x: ArrayLike) -> Array:
    """Logit to probability."""
    z = np.asarray(_floats(x))
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1 / (1 + small), small / (1 + small)))


def binary_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False) -> Array:
    """Log loss of each element, in nats. ``output`` are probabilities, or logits."""
    y, p = _floats(target), _floats(output)
    if from_logits:
        return np.asarray(np.maximum(p, 0) - p * y + np.log1p(np.exp(-np.abs(p))))
    p = np.clip(p, _EPSILON, 1 - _EPSILON)
    return np.asarray(-y * np.log(p) - (1 - y) * np.log(1 - p))


def equal(x: ArrayLike, y: ArrayLike) -> Array:
    """x == y, element by element."""
    return np.asarray(np.equal(x, y))


def not_equal(x: ArrayLike, y: ArrayLike) -> Array:
    """x != y, element by element."""
    return np.asarray(np.not_equal(x, y))


def greater(x: ArrayLike, y: ArrayLike) -> Array:
    """x > y, element by element."""
    return np.asarray(np.greater(x, y))


def greater_equal(x: ArrayLike, y: ArrayLike) -> Array:
    """x >= y, element by element."""
    return np.asarray(np.greater_equal(x, y))


def less(x: ArrayLike, y: ArrayLike) -> Array:
    """x < y, element by element."""
    return np.asarray(np.less(x, y))


def less_equal(x: ArrayLike, y: ArrayLike) -> Array:
    """x <= y, element by element."""
    return np.asarray(np.less_equal(x, y))


def maximum(x: ArrayLike, y: ArrayLike) -> Array:
    """The larger of two, element by element."""
    return np.asarray(np.maximum(x, y))


def minimum(x: ArrayLike, y: ArrayLike) -> Array:
    """The smaller of two, element by element."""
    return np.asarray(np.minimum(x, y))


def switch(condition: ArrayLike, then_expression: ArrayLike, else_expression: ArrayLike) -> Array:
    """One or the other, element by element."""
    return np.asarray(np.where(np.asarray(condition), then_expression, else_expression))


def cast(x: ArrayLike, dtype: DTypeLike) -> Array:
    """The same numbers in another type: ``K.cast(y_true, 'float32')``."""
    return np.asarray(x).astype(dtype)


def cast_to_floatx(x: ArrayLike) -> Array:
    """The same numbers as float32."""
    return cast(x, _FLOATX)


def constant(value: ArrayLike, dtype: DTypeLike | None = None, shape: Sequence[int] | None = None) -> Array:
    """An array; of ``shape`` filled with ``value`` if that is given."""
    made = np.asarray(value, dtype=dtype or _FLOATX)
    return made if shape is None else np.broadcast_to(made, tuple(shape)).copy()


def zeros(shape: int | Sequence[int], dtype: DTypeLike | None = None) -> Array:
    """Zeros, float32 by default."""
    return np.zeros(shape, dtype=dtype or _FLOATX)


def ones(shape: int | Sequence[int], dtype: DTypeLike | None = None) -> Array:
    """Ones, float32 by default."""
    return np.ones(shape, dtype=dtype or _FLOATX)


def zeros_like(x: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """Zeros in the shape and type of ``x``."""
    return np.asarray(np.zeros_like(x, dtype=dtype))


def ones_like(x: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """Ones in the shape and type of ``x``."""
    return np.ones_like(x, dtype=dtype)


def flatten(x: ArrayLike) -> Array:
    """All elements in one dimension."""
    return np.asarray(x).reshape(-1)


def reshape(x: ArrayLike, shape: Sequence[int]) -> Array:
    """The same elements in another shape."""
    return np.asarray(x).reshape(tuple(shape))


def expand_dims(x: ArrayLike, axis: int = -1) -> Array:
    """One more dimension, of size 1."""
    return np.expand_dims(x, axis)


def squeeze(x: ArrayLike, axis: int) -> Array:
    """One dimension less, which must be of size 1."""
    return np.squeeze(x, axis)


def transpose(x: ArrayLike) -> Array:
    """Dimensions in reverse order."""
    return np.transpose(x)


def concatenate(tensors: Sequence[ArrayLike], axis: int = -1) -> Array:
    """Arrays one after the other along a dimension they have."""
    return np.concatenate(list(tensors), axis=axis)


def stack(x: Sequence[ArrayLike], axis: int = 0) -> Array:
    """Arrays one after the other along a new dimension."""
    return np.stack(list(x), axis=axis)


def dot(x: ArrayLike, y: ArrayLike) -> Any:
    """Product of matrices."""
    return np.dot(x, y)


def shape(x: ArrayLike) -> tuple[int, ...]:
    """Sizes of the dimensions."""
    return np.shape(x)


def int_shape(x: ArrayLike) -> tuple[int, ...]:
    """Sizes of the dimensions."""
    return np.shape(x)


def ndim(x: ArrayLike) -> int:
    """Number of dimensions."""
    return np.ndim(x)


def dtype(x: ArrayLike) -> str:
    """Name of the type of the elements."""
    return np.asarray(x).dtype.name


def get_value(x: Any) -> Any:
    """The value itself: ``K.get_value(model.optimizer.lr)`` is a float."""
    return float(x) if isinstance(x, float) else x


def set_value(x: Any, value: Any) -> None:
    """``K.set_value(model.optimizer.lr, 1e-4)``: sets the learning rate from the next epoch on.

    Nothing else can be set this way (K229): there are no variables.
    """
    assign = getattr(x, "assign", None)
    if assign is None:
        raise refuse(
            "K229",
            f"set_value: {type(x).__name__} is a value and not a variable",
            help="Write model.optimizer.learning_rate = ..., or model.set_weights(...).",
        )
    assign(value)


def _axis(axis: Axis) -> int | tuple[int, ...] | None:
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


def _floats(x: ArrayLike) -> Array:
    array = np.asarray(x)
    return array if array.dtype.kind == "f" else array.astype(_FLOATX)


_NOT_HERE = frozenset(
    {
        "conv1d",
        "conv2d",
        "eval",
        "function",
        "gather",
        "get_session",
        "gradients",
        "image_data_format",
        "in_top_k",
        "learning_phase",
        "map_fn",
        "one_hot",
        "placeholder",
        "random_normal",
        "random_uniform",
        "set_epsilon",
        "set_floatx",
        "set_image_data_format",
        "set_learning_phase",
        "set_session",
        "softmax",
        "tf",
        "tile",
        "update",
        "variable",
    }
)
"""What keras.backend has or had, and this module has not."""

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name in _NOT_HERE:
            raise refuse("K229", f"backend.{name} is not supported: this backend is numpy, without tensors")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
