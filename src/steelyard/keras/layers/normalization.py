"""Batch normalisation (``keras/src/layers/normalization/batch_normalization.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

from steelyard.keras import initializers
from steelyard.keras.checks import default_only, flag, real, whole
from steelyard.keras.codes import refuse
from steelyard.keras.layers.layer import Layer, LayerOptions
from steelyard.keras.serialized import Config
from steelyard.recipe import network

_STARTS = {"beta": 0.0, "gamma": 1.0, "moving_mean": 0.0, "moving_variance": 1.0}
"""Where the tensors start."""


class BatchNormalization(Layer):
    """Normalises each column over the batch while training, by moving averages otherwise.

    The tensors are ``gamma``, ``beta``, ``moving_mean`` and ``moving_variance``, each of the shape (inputs,).

    Args:
        axis: The columns of the table: -1 or 1.
        momentum: Share of the moving averages that is kept at each step.
        epsilon: Added to the variance.
        center: Whether ``beta`` is added.
        scale: Whether it is multiplied by ``gamma``.
        beta_initializer: Only zeros; the others likewise only as they are in Keras by default, and no
            regularizers or constraints.
        gamma_initializer: Only ones.
        moving_mean_initializer: Only zeros.
        moving_variance_initializer: Only ones.
        beta_regularizer: Only None.
        gamma_regularizer: Only None.
        beta_constraint: Only None.
        gamma_constraint: Only None.
        renorm: Only False: batch renormalisation is not supported.
        renorm_clipping: Without meaning without ``renorm``, as ``renorm_momentum``.
        renorm_momentum: See ``renorm_clipping``.
        synchronized: Without meaning on one machine.
        virtual_batch_size: Keras 2's; only None.
        **common: See :class:`~steelyard.keras.layers.layer.LayerOptions`.
    """

    _ignored_keys: ClassVar[tuple[str, ...]] = ("fused",)  # how Keras 2 computed it, not what

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: object = "zeros",
        gamma_initializer: object = "ones",
        moving_mean_initializer: object = "zeros",
        moving_variance_initializer: object = "ones",
        beta_regularizer: None = None,
        gamma_regularizer: None = None,
        beta_constraint: None = None,
        gamma_constraint: None = None,
        renorm: bool = False,
        renorm_clipping: object = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        *,
        virtual_batch_size: None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        super().__init__(common)
        self.axis = _columns(axis)
        self.momentum = real("BatchNormalization: momentum", momentum, low=0, high=1)
        self.epsilon = real("BatchNormalization: epsilon", epsilon, above=0)
        self.center = flag("BatchNormalization: center", center)
        self.scale = flag("BatchNormalization: scale", scale)
        self.renorm_momentum = real("BatchNormalization: renorm_momentum", renorm_momentum)
        for tensor, given in {
            "beta": beta_initializer,
            "gamma": gamma_initializer,
            "moving_mean": moving_mean_initializer,
            "moving_variance": moving_variance_initializer,
        }.items():
            _check_start(tensor, given)
        for argument, value in {
            "beta_regularizer": beta_regularizer,
            "gamma_regularizer": gamma_regularizer,
            "beta_constraint": beta_constraint,
            "gamma_constraint": gamma_constraint,
            "virtual_batch_size": virtual_batch_size,
        }.items():
            default_only(
                "K208",
                f"BatchNormalization: {argument}",
                value,
                None,
                why="whole batches are normalised, and beta and gamma are free",
            )
        default_only("K208", "BatchNormalization: renorm", renorm, False, why="batches are not renormalised")

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe."""
        return (
            network.BatchNormalization(
                momentum=self.momentum, epsilon=self.epsilon, center=self.center, scale=self.scale
            ),
        )

    def tensor_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the tensors, in Keras' order."""
        names = [
            *(["gamma"] if self.scale else []),
            *(["beta"] if self.center else []),
            "moving_mean",
            "moving_variance",
        ]
        return dict.fromkeys(names, (inputs,))

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(initializers.Zeros()),
            "gamma_initializer": initializers.serialize(initializers.Ones()),
            "moving_mean_initializer": initializers.serialize(initializers.Zeros()),
            "moving_variance_initializer": initializers.serialize(initializers.Ones()),
            "beta_regularizer": None,
            "gamma_regularizer": None,
            "beta_constraint": None,
            "gamma_constraint": None,
            "synchronized": False,
            "renorm": False,
            "renorm_clipping": None,
            "renorm_momentum": self.renorm_momentum,
        }


def _columns(axis: int | Sequence[int]) -> int:
    only = axis[0] if isinstance(axis, Sequence) and len(axis) == 1 else axis
    if isinstance(only, Sequence) or whole("BatchNormalization: axis", only, low=-9) not in (-1, 1):
        raise refuse(
            "K208",
            f"BatchNormalization: axis={axis!r} is not supported: it is columns that are normalised",
            "Write axis=-1, or leave it out.",
        )
    return whole("BatchNormalization: axis", only, low=-9)


def _check_start(tensor: str, given: object) -> None:
    where = f"BatchNormalization: {tensor}_initializer"
    start = initializers.get(given, where)
    value: float | None
    match start:
        case initializers.Zeros():
            value = 0.0
        case initializers.Ones():
            value = 1.0
        case initializers.Constant():
            value = start.value
        case _:
            value = None
    if value != _STARTS[tensor]:
        raise refuse("K208", f"{where}: {tensor} starts as {_STARTS[tensor]:g} here, not as {start}")
