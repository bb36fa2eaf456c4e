"""What all optimizers have in common (``keras/src/optimizers/base_optimizer.py``)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypedDict

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import default_only, listed, real
from steelyard.keras.codes import refuse
from steelyard.keras.optimizers.learning_rate import LearningRate
from steelyard.keras.serialized import Config, arguments, parameters_of, snake_case
from steelyard.recipe import optimizer as recipe


class OptimizerOptions(TypedDict, total=False):
    """Arguments that every optimizer takes besides those of its update rule."""

    clipnorm: float | None
    """Every tensor's gradient is scaled down to this norm. At most one way of clipping can be chosen."""
    clipvalue: float | None
    """Every element of a gradient is clipped to [-clipvalue, clipvalue]."""
    global_clipnorm: float | None
    """All gradients together are scaled down to this norm."""
    use_ema: bool
    """Only False: no moving average of the weights is kept."""
    ema_momentum: float
    """Without meaning without ``use_ema``, as the next."""
    ema_overwrite_frequency: int | None
    """See ``ema_momentum``."""
    loss_scale_factor: float | None
    """Only None: training is in float32, where no scaling is needed."""
    gradient_accumulation_steps: int | None
    """Only None: write a larger batch_size instead."""
    name: str | None
    """By default Keras' own: "adam", "rm_sprop"."""
    lr: float | None
    """What Keras 2 called ``learning_rate``."""
    decay: float | None
    """Keras 2's decay of the learning rate; only 0."""


OPTIONS = tuple(OptimizerOptions.__annotations__)
_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(ABC):
    """Common ground of the optimizers of this package; not for subclassing.

    Attributes:
        name: By default Keras' own: "adam", "rm_sprop".
        weight_decay: Each step first takes ``learning_rate * weight_decay * w`` from every weight w, biases
            among them, as in Keras; None for off.
        clipnorm: As given; None or 0 for off. Likewise clipvalue and global_clipnorm.
    """

    _default_rate: ClassVar[float] = 0.001
    _part: ClassVar[Callable[..., recipe.Optimizer]]

    def __init_subclass__(cls) -> None:
        if not cls.__module__.startswith(f"{__package__}."):
            raise refuse(
                "K206", f"class {cls.__name__}(Optimizer): the engine cannot run update rules in Python"
            )

    def __init__(self, learning_rate: float, weight_decay: float | None, options: OptimizerOptions) -> None:
        kind = type(self).__name__
        for key in options:
            if key not in OPTIONS:
                raise _unknown_argument(type(self), key)
        self._set_rate(kind, learning_rate, options.get("lr"))
        self.name: str = options.get("name") or snake_case(kind)
        self.weight_decay = _optional(kind, "weight_decay", weight_decay)
        self.clipnorm = _optional(kind, "clipnorm", options.get("clipnorm"))
        self.clipvalue = _optional(kind, "clipvalue", options.get("clipvalue"))
        self.global_clipnorm = _optional(kind, "global_clipnorm", options.get("global_clipnorm"))
        clipping = [name for name in _CLIPPING if getattr(self, name) is not None]
        if len(clipping) > 1:
            raise refuse(
                "K210",
                f"{kind}: {listed(clipping)} are given; only one can be chosen",
                f"Keep {clipping[0]}.",
            )
        _refuse_unsupported(kind, options)

    def _set_rate(self, kind: str, learning_rate: float, lr: float | None) -> None:
        if lr is not None and learning_rate != self._default_rate:
            raise refuse(
                "K210",
                f"{kind}: learning_rate={learning_rate!r} and lr={lr!r} are the same argument",
                "Write learning_rate only.",
            )
        self._learning_rate = _rate(
            kind, "learning_rate" if lr is None else "lr", learning_rate if lr is None else lr
        )

    @property
    def learning_rate(self) -> float:
        """The learning rate; may be set between epochs. At least 0; in a new optimizer above 0.

        As in Keras it can be assigned to as well: ``optimizer.learning_rate.assign(1e-4)``.
        """
        return LearningRate(self._learning_rate, self._assign)

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._assign(value)

    @property
    def lr(self) -> float:
        """What Keras 2 called :attr:`learning_rate`."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: float) -> None:
        self._assign(value)

    def _assign(self, value: float) -> None:
        self._learning_rate = _rate(type(self).__name__, "learning_rate", value, allow_zero=True)

    @abstractmethod
    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""

    def recipe(self) -> recipe.Optimizer:
        """The same as part of a recipe. The learning rate must be above 0."""
        return self._part(
            learning_rate=self._learning_rate,
            weight_decay=self.weight_decay or 0.0,
            # Keras takes 0 for off.
            clip_norm=self.clipnorm or None,
            clip_value=self.clipvalue or None,
            global_clip_norm=self.global_clipnorm or None,
            **self.rule(),
        )

    def get_config(self) -> Config:
        """The arguments of the optimizer, as Keras 3 writes them."""
        return {
            "name": self.name,
            "learning_rate": self._learning_rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": False,
            "ema_momentum": 0.99,
            "ema_overwrite_frequency": None,
            "loss_scale_factor": None,
            "gradient_accumulation_steps": None,
            **self.rule(),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`; reads Keras 2's configurations too."""
        return cls(
            **arguments(
                f"optimizer {cls.__name__}",
                cls.__init__,
                config,
                further=OPTIONS,
                # How Keras 2 ran it, not what it computed.
                ignored=("jit_compile", "is_legacy_optimizer"),
            )
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} learning_rate={self._learning_rate:g}>"


def _rate(kind: str, argument: str, value: object, allow_zero: bool = False) -> float:
    where = f"{kind}: {argument}"
    if isinstance(value, Mapping) or callable(value):
        found = value.get("class_name") if isinstance(value, Mapping) else None
        found = found or getattr(value, "__name__", type(value).__name__)
        raise refuse(
            "K209",
            f"{where} is a schedule ({found}), which is not supported",
            "Write the rate at the start, and fit(callbacks=[LearningRateScheduler(...)]) for the rest.",
        )
    return real(where, value, low=0) if allow_zero else real(where, value, above=0)


def _optional(kind: str, argument: str, value: object) -> float | None:
    return None if value is None else real(f"{kind}: {argument}", value, low=0)


def share(where: str, value: object) -> float:
    """At least 0 and below 1, like a decay rate of a moving average."""
    return real(where, value, low=0, below=1)


def epsilon_of(kind: str, value: object) -> float:
    """Above 0; None means Keras' 1e-7."""
    return 1e-7 if value is None else real(f"{kind}: epsilon", value, above=0)


def _refuse_unsupported(kind: str, options: OptimizerOptions) -> None:
    default_only(
        "K209",
        f"{kind}: use_ema",
        options.get("use_ema", False),
        False,
        why="no moving average of the weights is kept",
        help="Use EarlyStopping(restore_best_weights=True) to keep the best weights.",
    )
    default_only(
        "K209",
        f"{kind}: loss_scale_factor",
        options.get("loss_scale_factor"),
        None,
        why="training is in float32, where the loss needs no scaling",
    )
    default_only(
        "K209",
        f"{kind}: gradient_accumulation_steps",
        options.get("gradient_accumulation_steps"),
        None,
        why="a step is made after every batch",
        help="Write a larger batch_size instead.",
    )
    decay = options.get("decay")
    if decay is not None and real(f"{kind}: decay", decay, low=0) != 0.0:
        raise refuse(
            "K209",
            f"{kind}: decay={decay!r} is not supported (Keras 3 ignores it with a warning)",
            "Use fit(callbacks=[LearningRateScheduler(...)]); Keras 2 had lr / (1 + decay * steps).",
        )


def _unknown_argument(kind: type[Optimizer], key: str) -> SteelyardError:
    known = parameters_of(kind.__init__, OPTIONS)
    return refuse("K201", f"{kind.__name__}: {key!r} is not an argument{did_you_mean(key, known)}")
