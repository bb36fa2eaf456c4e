"""Random stacks of layers, for ours and for Keras alike: a description that either can build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

ACTIVATIONS = [
    "linear",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "tanh",
    "sigmoid",
    "softplus",
]  # all that the engine has


INITIALIZERS = (
    *("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"),
    *("RandomNormal", "RandomUniform", "Zeros", "Ones", "Constant"),
)


@dataclass(frozen=True)
class Spec:
    """One layer: the class and its arguments; ``nested`` are arguments that are objects of Keras."""

    kind: str
    arguments: dict[str, Any]
    nested: dict[str, tuple[str, str, dict[str, Any]]]

    def build(self, library: Any) -> Any:
        objects = {
            key: getattr(getattr(library, module), kind)(**arguments)
            for key, (module, kind, arguments) in self.nested.items()
        }
        return getattr(library.layers, self.kind)(**self.arguments, **objects)


@dataclass(frozen=True)
class Stack:
    width: int
    specs: tuple[Spec, ...]
    seed: int
    name: str

    def build(self, library: Any) -> Any:
        """A model with weights that follow from the seed; variances are positive."""
        layers = [
            library.layers.InputLayer(shape=(self.width,)),
            *(spec.build(library) for spec in self.specs),
        ]
        model = library.Sequential(layers, name=self.name)
        model.set_weights(self.weights(model))
        return model

    def weights(self, model: Any) -> list[NDArray[np.float32]]:
        random = np.random.default_rng(self.seed)
        weights = []
        for layer in model.layers:
            for weight in layer.weights:
                values = random.normal(size=tuple(weight.shape)) / np.sqrt(max(weight.shape))
                if weight.name == "moving_variance":
                    values = np.exp(values)
                weights.append(values.astype(np.float32))
        return weights

    @property
    def x(self) -> NDArray[np.float32]:
        return np.random.default_rng(self.seed + 1).normal(size=(16, self.width)).astype(np.float32)


small = st.floats(0.0, 0.5, width=32)
seeds = st.none() | st.integers(0, 2**31 - 1)


@st.composite
def initializers(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    kind = draw(st.sampled_from(INITIALIZERS))
    if kind in ("Zeros", "Ones"):
        return "initializers", kind, {}
    if kind == "Constant":
        return "initializers", kind, {"value": draw(small)}
    extra = {"stddev": draw(small)} if kind == "RandomNormal" else {}
    return "initializers", kind, {"seed": draw(seeds), **extra}


@st.composite
def regularizers(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    kind = draw(st.sampled_from(["L1", "L2", "L1L2"]))
    return "regularizers", kind, {key: draw(small) for key in ("l1", "l2") if key.upper() in kind}


@st.composite
def dense(draw: st.DrawFn, units: int | None = None, activation: str | None = None) -> Spec:
    arguments: dict[str, Any] = {
        "units": units or draw(st.integers(1, 7)),
        "use_bias": draw(st.booleans()),
    }
    nested = {
        argument: draw(of())
        for argument, of in {
            "kernel_initializer": initializers,
            "bias_initializer": initializers,
            "kernel_regularizer": regularizers,
            "bias_regularizer": regularizers,
        }.items()
        if draw(st.booleans())
    }
    if activation is None and draw(st.booleans()):
        nested["activation"] = ("layers", "LeakyReLU", {"negative_slope": draw(small)})
    else:
        arguments["activation"] = activation or draw(st.sampled_from(ACTIVATIONS))
    return Spec("Dense", arguments, nested)


others = st.one_of(
    st.builds(
        lambda momentum, epsilon, center, scale: Spec(
            "BatchNormalization",
            {"momentum": momentum, "epsilon": epsilon, "center": center, "scale": scale},
            {},
        ),
        st.floats(0.0, 1.0),
        st.floats(1e-6, 0.1),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda rate, seed: Spec("Dropout", {"rate": rate, "seed": seed}, {}), st.floats(0.0, 0.9), seeds
    ),
    st.builds(lambda slope: Spec("LeakyReLU", {"negative_slope": slope}, {}), small),
    st.builds(lambda slope: Spec("ReLU", {"negative_slope": slope}, {}), small),
    st.builds(lambda name: Spec("Activation", {"activation": name}, {}), st.sampled_from(ACTIVATIONS)),
    st.sampled_from([Spec("ELU", {}, {}), Spec("Flatten", {}, {})]),
)


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    hidden = draw(st.lists(dense() | others, max_size=5))
    last = draw(dense(units=1, activation="sigmoid"))
    return Stack(
        width=draw(st.integers(1, 6)),
        specs=(*hidden, last),
        seed=draw(st.integers(0, 1000)),
        name=draw(st.sampled_from(["sequential", "credit_risk", "model 2"])),
    )
