"""The eight optimizers, with Keras 3's arguments and defaults (``keras/src/optimizers``)."""

from __future__ import annotations

from typing import Any, Unpack

from steelyard.keras.checks import default_only, flag, real
from steelyard.keras.codes import refuse
from steelyard.keras.optimizers.optimizer import Optimizer, OptimizerOptions, epsilon_of, share
from steelyard.recipe import optimizer as recipe


class SGD(Optimizer):
    """Gradient descent with optional (Nesterov) momentum."""

    _part = recipe.SGD
    _default_rate = 0.01

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.momentum = real("SGD: momentum", momentum, low=0, high=1)
        self.nesterov = flag("SGD: nesterov", nesterov)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {"momentum": self.momentum, "nesterov": self.nesterov}


class Adam(Optimizer):
    """Kingma & Ba 2015; with ``amsgrad``, Reddi et al. 2018. ``epsilon=None`` means the default."""

    _part = recipe.Adam

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.beta_1 = share("Adam: beta_1", beta_1)
        self.beta_2 = share("Adam: beta_2", beta_2)
        self.epsilon = epsilon_of("Adam", epsilon)
        self.amsgrad = flag("Adam: amsgrad", amsgrad)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019). ``epsilon=None`` means the default."""

    _part = recipe.AdamW

    def __init__(
        self,
        learning_rate: float = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        if weight_decay is None:
            raise refuse(
                "K210",
                "AdamW: weight_decay is None; it must be a number",
                "Use Adam, which has no weight decay.",
            )
        self.beta_1 = share("AdamW: beta_1", beta_1)
        self.beta_2 = share("AdamW: beta_2", beta_2)
        self.epsilon = epsilon_of("AdamW", epsilon)
        self.amsgrad = flag("AdamW: amsgrad", amsgrad)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


class Adadelta(Optimizer):
    """Zeiler 2012. ``epsilon=None`` means the default. Early Keras 2 began at the rate 1.0."""

    _part = recipe.Adadelta

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.95,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = None,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.rho = share("Adadelta: rho", rho)
        self.epsilon = epsilon_of("Adadelta", epsilon)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {"rho": self.rho, "epsilon": self.epsilon}


class Adagrad(Optimizer):
    """Duchi et al. 2011. ``epsilon=None`` means the default."""

    _part = recipe.Adagrad

    def __init__(
        self,
        learning_rate: float = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = None,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.initial_accumulator_value = real(
            "Adagrad: initial_accumulator_value", initial_accumulator_value, low=0
        )
        self.epsilon = epsilon_of("Adagrad", epsilon)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}


class RMSprop(Optimizer):
    """Tieleman & Hinton 2012. ``epsilon=None`` means the default."""

    _part = recipe.RMSprop

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float | None = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.rho = share("RMSprop: rho", rho)
        self.momentum = share("RMSprop: momentum", momentum)
        self.epsilon = epsilon_of("RMSprop", epsilon)
        self.centered = flag("RMSprop: centered", centered)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }


class Adamax(Optimizer):
    """Adam with the infinity norm (Kingma & Ba 2015, section 7.1). ``epsilon=None`` means the default."""

    _part = recipe.Adamax

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = None,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.beta_1 = share("Adamax: beta_1", beta_1)
        self.beta_2 = share("Adamax: beta_2", beta_2)
        self.epsilon = epsilon_of("Adamax", epsilon)

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}


class Nadam(Optimizer):
    """Adam with Nesterov momentum (Dozat 2016). ``epsilon=None`` means the default.

    Keras 2's ``schedule_decay`` is refused unless it is 0.004, which Keras 3 has built in.
    """

    _part = recipe.Nadam

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = None,
        *,
        schedule_decay: float = 0.004,
        **common: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, common)
        self.beta_1 = share("Nadam: beta_1", beta_1)
        self.beta_2 = share("Nadam: beta_2", beta_2)
        self.epsilon = epsilon_of("Nadam", epsilon)
        default_only(
            "K209",
            "Nadam: schedule_decay",
            schedule_decay,
            0.004,
            why="Keras 3 has 0.004 built in, and so have we",
        )

    def rule(self) -> dict[str, Any]:
        """The arguments of the update rule, which have the same names in Keras and in a recipe."""
        return {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
