"""What all layers have in common (``keras/src/layers/layer.py``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NoReturn, Protocol, Self, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.errors import did_you_mean
from steelyard.keras.checks import default_only
from steelyard.keras.codes import refuse
from steelyard.keras.layers.shapes import width_in
from steelyard.keras.layers.variable import Variable
from steelyard.keras.serialized import Config, arguments, parameters_of, serialized, snake_case
from steelyard.recipe import network

Tensors = dict[str, NDArray[np.float32]]

FLOAT32 = serialized("keras", "DTypePolicy", {"name": "float32"})
"""The data type of every layer, as Keras writes it."""


class LayerOptions(TypedDict, total=False):
    """Arguments that every layer takes."""

    name: str | None
    """Unique within a model; by default Keras' own: dense, dense_1, ..."""
    trainable: bool
    """Only True."""
    dtype: object
    """Only float32, which is what the engine computes in."""
    autocast: bool
    """Without meaning where all is float32."""
    input_dim: int | None
    """The number of columns of the table, for the first layer (Keras 2)."""
    input_shape: Sequence[int | None] | None
    """The same as ``(columns,)``."""
    batch_input_shape: Sequence[int | None] | None
    """The same as ``(None, columns)``."""


OPTIONS = tuple(LayerOptions.__annotations__)

_KERAS_1 = {
    "output_dim": "units",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "p": "rate",
}
"""What Keras 1 called some arguments."""


class Owner(Protocol):
    """The model that holds the tensors of its layers."""

    name: str

    def tensors_of(self, layer: Layer, /) -> Tensors:
        """The tensors of one of its layers as they are now."""
        ...

    def set_tensors_of(self, layer: Layer, tensors: Tensors, /) -> None:
        """Replaces them; the shapes have been checked."""
        ...


class Layer:
    """Common ground of the layers of this package; not for subclassing.

    A layer describes a part of a network. Its tensors are made by the model it is added to, since they
    depend on the width of the layers before it and on the model's seed; before that, ``tensors`` is empty.

    Attributes:
        name: Unique within a model; None until given by the user or by the model.
        input_width: The width of the input if the user wrote one at this layer, else None.
        input_shape: ``(None, inputs)`` once the layer is part of a model that knows its width, else None.
        output_shape: Likewise.
        tensors: The layer's weights by name, in Keras' order.
    """

    _ignored_keys: ClassVar[tuple[str, ...]] = ()
    _renamed_keys: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        if not cls.__module__.startswith(f"{__package__}."):
            raise refuse(
                "K202",
                f"class {cls.__name__}(Layer): layers of one's own are not supported, "
                "because the engine cannot run Python code",
            )

    def __init__(self, options: LayerOptions) -> None:
        kind = type(self).__name__
        for key in options:
            if key not in OPTIONS:
                meant = _KERAS_1.get(key)
                known = parameters_of(type(self).__init__, OPTIONS)
                hint = f" (Keras 2 and 3 call it {meant!r})" if meant else did_you_mean(key, known)
                raise refuse("K201", f"{kind}: {key!r} is not an argument{hint}")
        name = options.get("name")
        if name is not None and (not isinstance(name, str) or not name or "/" in name):
            raise refuse(
                "K210", f"{kind}: name is {name!r}; it must be text without '/'", "Choose another name."
            )
        self.name: str | None = name
        self.trainable = options.get("trainable", True)
        default_only(
            "K208",
            f"{kind}: dtype",
            _dtype_name(options.get("dtype")),
            None,
            "float32",
            why="the engine computes in float32",
        )
        self.input_width = width_in(kind, options)
        self.input_shape: tuple[None, int] | None = None
        self.output_shape: tuple[None, int] | None = None
        self._owner: Owner | None = None

    @property
    def trainable(self) -> bool:
        """Always True: single layers cannot be frozen."""
        return True

    @trainable.setter
    def trainable(self, value: bool) -> None:
        default_only(
            "K208",
            f"{type(self).__name__}: trainable",
            bool(value),
            True,
            why="all layers of a network are trained together",
        )

    @property
    def tensors(self) -> Tensors:
        """The tensors as they are now; empty before the model knows the width of its input."""
        return {} if self._owner is None else self._owner.tensors_of(self)

    def join(self, owner: Owner) -> None:
        """Makes ``owner`` the model that holds the tensors. A layer belongs to one model."""
        if self._owner is not None:
            raise refuse(
                "K256",
                f"layer {self.name!r} is part of {self._owner.name!r} already: weights cannot be shared",
                "Make a layer of its own for every place.",
            )
        self._owner = owner

    def leave(self) -> None:
        """The reverse of :meth:`join`."""
        self._owner = None
        self.input_shape = self.output_shape = None

    @property
    def default_name(self) -> str:
        """What Keras calls the first layer of this class in a model: "dense", "leaky_re_lu"."""
        return snake_case(type(self).__name__)

    @property
    def built(self) -> bool:
        """Whether the layer has its tensors."""
        return self._owner is not None and self.input_shape is not None

    @property
    def weights(self) -> list[Variable]:
        """The tensors as Keras' variables: each has ``name``, ``path``, ``shape`` and ``numpy()``."""
        prefix = f"{self.name}/" if self.name else ""
        return [Variable(name, prefix + name, tensor) for name, tensor in self.tensors.items()]

    def connect(self, inputs: int) -> int:
        """Notes that the layer gets ``inputs`` columns, and returns how many it gives."""
        outputs = self.output_width(inputs)
        self.input_shape, self.output_shape = (None, inputs), (None, outputs)
        return outputs

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe; nothing for a layer that computes nothing."""
        return ()

    def output_width(self, inputs: int) -> int:
        """The number of outputs given the number of inputs."""
        return inputs

    def tensor_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the tensors, in Keras' order."""
        return {}

    def seeds(self) -> dict[str, int]:
        """The seeds that the user gave to initializers, by tensor."""
        return {}

    def count_params(self) -> int:
        """The number of weights. The layer must be part of a model that knows its width."""
        if self.input_shape is None:
            raise self._not_built("count_params")
        return sum(int(np.prod(shape)) for shape in self.tensor_shapes(self.input_shape[1]).values())

    def get_weights(self) -> list[NDArray[np.float32]]:
        """Copies of the tensors, in Keras' order; empty before the model is built."""
        return [tensor.copy() for tensor in self.tensors.values()]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Replaces the tensors: as many, in the same order and shapes, as :meth:`get_weights` returns."""
        if not self.built:
            raise self._not_built("set_weights")
        try:
            found = [np.array(tensor, dtype=np.float32) for tensor in weights]
        except (TypeError, ValueError) as error:
            raise refuse("K213", f"layer {self.name!r}: no arrays of numbers: {error}") from None
        wanted = [tensor.shape for tensor in self.tensors.values()]
        if [tensor.shape for tensor in found] != wanted:
            raise refuse(
                "K213",
                f"layer {self.name!r} takes tensors of the shapes {wanted}; "
                f"found {[tensor.shape for tensor in found]}",
            )
        assert self._owner is not None
        self._owner.set_tensors_of(self, dict(zip(self.tensors, found, strict=True)))

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {"name": self.name or self.default_name, "trainable": True, "dtype": FLOAT32}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`; reads Keras 2's configurations too."""
        name = config.get("name") if isinstance(config, Mapping) else None
        where = f"layer {name!r} ({cls.__name__})" if name else f"a layer ({cls.__name__})"
        return cls(
            **arguments(
                where,
                cls.__init__,
                config,
                further=OPTIONS,
                ignored=cls._ignored_keys,
                renamed=cls._renamed_keys,
            )
        )

    def __call__(self, *inputs: object) -> NoReturn:
        """Refused: networks are stacks."""
        raise refuse(
            "K202",
            f"{type(self).__name__} was called like a function: networks of branches "
            "(the functional interface) are not supported",
            "Write Sequential([...]), or model.add(...) for each layer.",
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def _not_built(self, what: str) -> Exception:
        return refuse(
            "K256",
            f"{what}: layer {self.name or self.default_name!r} has no tensors yet",
            "Add it to a model that knows its width, for example by Input(shape=(columns,)).",
        )


def _dtype_name(dtype: object) -> object:
    """The name in what Keras writes for a data type; other things as they are."""
    if isinstance(dtype, Mapping):
        config = dtype.get("config")
        return config.get("name", dtype) if isinstance(config, Mapping) else dtype
    return dtype
