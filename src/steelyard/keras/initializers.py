"""How weights start, by Keras' names (``keras/src/initializers``).

An initializer here is a description; the engine draws the numbers. They come from Keras' distributions but
are not Keras' own numbers: the generators differ. A layer with ``seed=`` draws the same numbers in every
model, and two layers of one shape with the same initializer and seed start alike, as in Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import default_only, import_hint, listed, real, whole
from steelyard.keras.codes import refuse
from steelyard.keras.serialized import Config, arguments, read_form, serialized, snake_case
from steelyard.recipe import initializer as recipe

LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class _Configured:
    """Configurations, the same for all: the arguments of the constructor."""

    _ignored: ClassVar[tuple[str, ...]] = ("dtype",)  # Keras 2 wrote one; weights are float32

    def get_config(self) -> Config:
        """The arguments of the constructor, as Keras writes them."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`; reads Keras 2's configurations too."""
        return cls(**arguments(cls.__name__, cls.__init__, config, ignored=cls._ignored))


@dataclass(frozen=True)
class Zeros(_Configured):
    """All zeros."""

    @property
    def seed(self) -> None:
        """Nothing is drawn."""

    def recipe(self) -> recipe.Zeros:
        """The same as part of a recipe."""
        return recipe.Zeros()


@dataclass(frozen=True)
class Ones(_Configured):
    """All ones."""

    @property
    def seed(self) -> None:
        """Nothing is drawn."""

    def recipe(self) -> recipe.Ones:
        """The same as part of a recipe."""
        return recipe.Ones()


@dataclass(frozen=True)
class Constant(_Configured):
    """One ``value`` everywhere."""

    value: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", real("Constant: value", self.value))

    @property
    def seed(self) -> None:
        """Nothing is drawn."""

    def recipe(self) -> recipe.Constant:
        """The same as part of a recipe."""
        return recipe.Constant(value=self.value)


@dataclass(frozen=True)
class RandomNormal(_Configured):
    """Normal with the given mean and standard deviation, not truncated."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", real("RandomNormal: mean", self.mean))
        object.__setattr__(self, "stddev", real("RandomNormal: stddev", self.stddev, low=0))
        object.__setattr__(self, "seed", _seed("RandomNormal", self.seed))

    def recipe(self) -> recipe.RandomNormal:
        """The same as part of a recipe."""
        return recipe.RandomNormal(mean=self.mean, stddev=self.stddev)


@dataclass(frozen=True)
class RandomUniform(_Configured):
    """Uniform on [minval, maxval)."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "minval", real("RandomUniform: minval", self.minval))
        object.__setattr__(self, "maxval", real("RandomUniform: maxval", self.maxval, low=self.minval))
        object.__setattr__(self, "seed", _seed("RandomUniform", self.seed))

    def recipe(self) -> recipe.RandomUniform:
        """The same as part of a recipe."""
        return recipe.RandomUniform(minval=self.minval, maxval=self.maxval)


@dataclass(frozen=True)
class _Scaled(_Configured):
    """Spread chosen from the number of inputs and outputs of the layer.

    ``input_axes`` and ``output_axes`` are for kernels of more than two dimensions, which there are none of.
    """

    seed: int | None = None
    input_axes: None = None
    output_axes: None = None

    _name: ClassVar[_ScaledName]

    def __post_init__(self) -> None:
        where = type(self).__name__
        object.__setattr__(self, "seed", _seed(where, self.seed))
        for axes in ("input_axes", "output_axes"):
            default_only(
                "K208", f"{where}: {axes}", getattr(self, axes), None, why="kernels have two dimensions"
            )

    def recipe(self) -> recipe.VarianceScaling:
        """The same as part of a recipe."""
        return recipe.VarianceScaling(name=self._name)


_ScaledName = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"
]


class GlorotUniform(_Scaled):
    """Uniform with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010); Keras' default for kernels."""

    _name = "glorot_uniform"


class GlorotNormal(_Scaled):
    """Truncated normal with variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010)."""

    _name = "glorot_normal"


class HeUniform(_Scaled):
    """Uniform with variance 2 / fan_in (He et al. 2015)."""

    _name = "he_uniform"


class HeNormal(_Scaled):
    """Truncated normal with variance 2 / fan_in (He et al. 2015)."""

    _name = "he_normal"


class LecunUniform(_Scaled):
    """Uniform with variance 1 / fan_in (LeCun et al. 1998)."""

    _name = "lecun_uniform"


class LecunNormal(_Scaled):
    """Truncated normal with variance 1 / fan_in (LeCun et al. 1998)."""

    _name = "lecun_normal"


Initializer = Zeros | Ones | Constant | RandomNormal | RandomUniform | _Scaled
"""Each has ``seed``, the one written by the user or None: then the numbers follow from that of the model."""

zeros = Zeros
ones = Ones
constant = Constant
random_normal = RandomNormal
random_uniform = RandomUniform
glorot_uniform = GlorotUniform
glorot_normal = GlorotNormal
he_uniform = HeUniform
he_normal = HeNormal
lecun_uniform = LecunUniform
lecun_normal = LecunNormal


def VarianceScaling(
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "truncated_normal",
    seed: int | None = None,
    input_axes: None = None,
    output_axes: None = None,
) -> _Scaled:
    """The Glorot, He or LeCun initializer with these arguments; Keras 2 wrote those under this name.

    Other arguments are refused with K204: the engine draws from these six distributions.
    """
    number = real("VarianceScaling: scale", scale, above=0)
    kind = "truncated_normal" if distribution == "normal" else distribution
    for (its_scale, its_mode, its_kind), its_class in _SCALINGS.items():
        if (number, mode, kind) == (its_scale, its_mode, its_kind):
            return its_class(seed, input_axes, output_axes)
    raise refuse(
        "K204",
        f"VarianceScaling(scale={number}, mode={mode!r}, distribution={distribution!r}) is not supported; "
        "there are the initializers of Glorot (scale 1, fan_avg), He (scale 2, fan_in) and LeCun (scale 1, "
        "fan_in), each uniform or truncated_normal",
        "Write one of those, for example HeNormal().",
    )


variance_scaling = VarianceScaling

_SCALINGS: Mapping[tuple[float, str, str], type[_Scaled]] = {
    (1.0, "fan_avg", "uniform"): GlorotUniform,
    (1.0, "fan_avg", "truncated_normal"): GlorotNormal,
    (2.0, "fan_in", "uniform"): HeUniform,
    (2.0, "fan_in", "truncated_normal"): HeNormal,
    (1.0, "fan_in", "uniform"): LecunUniform,
    (1.0, "fan_in", "truncated_normal"): LecunNormal,
}

_CLASSES: Mapping[
    str, type[Zeros] | type[Ones] | type[Constant] | type[RandomNormal] | type[RandomUniform] | type[_Scaled]
] = {
    each.__name__: each
    for each in (
        Zeros,
        Ones,
        Constant,
        RandomNormal,
        RandomUniform,
        GlorotUniform,
        GlorotNormal,
        HeUniform,
        HeNormal,
        LecunUniform,
        LecunNormal,
    )
}
_NAMES: Mapping[str, str] = {
    **{name: name for name in _CLASSES},
    **{snake_case(name): name for name in _CLASSES},
    "zero": "Zeros",
    "one": "Ones",
    "normal": "RandomNormal",
    "uniform": "RandomUniform",
}
"""What people write, and the class they mean."""

_INSTEAD = {
    "TruncatedNormal": "the nearest is RandomNormal, which does not cut the tails",
    "Orthogonal": "the nearest is GlorotUniform",
    "OrthogonalInitializer": "the nearest is GlorotUniform",
    "Identity": "",
    "IdentityInitializer": "",
    "STFT": "",
    "STFTInitializer": "",
}
"""Initializers that Keras has and the engine does not, and what to write instead."""
_INSTEAD_NAMES = {
    **{name: name for name in _INSTEAD},
    "truncated_normal": "TruncatedNormal",
    "orthogonal": "Orthogonal",
    "identity": "Identity",
    "stft": "STFT",
}


def get(identifier: object, where: str = "initializer") -> Initializer:
    """The initializer meant by a name, a class, an instance or a configuration of Keras 2 or 3.

    ``where`` names the argument in messages. Anything else is refused with K204.
    """
    if isinstance(identifier, Initializer):
        return identifier
    if isinstance(identifier, Mapping):
        name, config = read_form(where, identifier)
        if name in ("VarianceScaling", "variance_scaling"):
            return VarianceScaling(**arguments(where, VarianceScaling, config, ignored=_Configured._ignored))
        if name not in _NAMES:
            raise _unknown(where, name)
        return _CLASSES[_NAMES[name]].from_config(config)
    if isinstance(identifier, str):
        if identifier not in _NAMES:
            raise _unknown(where, identifier)
        return _CLASSES[_NAMES[identifier]]()
    for each in _CLASSES.values():
        if identifier is each:
            return each()
    raise _unknown(where, identifier)


def serialize(initializer: Initializer) -> Config:
    """Keras 3's serialized form."""
    return serialized("keras.initializers", type(initializer).__name__, initializer.get_config())


def deserialize(config: Mapping[str, Any]) -> Initializer:
    """The inverse of :func:`serialize`; reads Keras 2's form too."""
    return get(config)


def _seed(where: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, Mapping) or type(value).__name__ == "SeedGenerator":
        raise refuse(
            "K208",
            f"{where}: seed is a SeedGenerator, which is not supported",
            "Write a whole number, or no seed.",
        )
    return whole(f"{where}: seed", value, low=0, high=LARGEST_SEED)


def _unknown(where: str, found: object) -> SteelyardError:
    name = found if isinstance(found, str) else getattr(found, "__name__", type(found).__name__)
    known = _INSTEAD_NAMES.get(name)
    if known:
        help = _INSTEAD[known]
    else:
        help = "" if isinstance(found, str) else import_hint(found, _NAMES, "steelyard.keras.initializers")
    hint = "" if known or help else did_you_mean(name, _NAMES)
    names = listed(sorted(_CLASSES))
    return refuse("K204", f"{where}: {name!r} is not supported{hint}; there are {names}", help)


# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name in _INSTEAD_NAMES:
            raise _unknown("keras.initializers", name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
