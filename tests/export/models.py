"""A table with columns of every kind, and models with random weights: what is exported need not be good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import numpy as np
from hypothesis import strategies as st

from steelyard.data import ColumnKind, Table
from steelyard.data.calibrator import Beta, Isotonic, Logistic, Temperature
from steelyard.engine import predict_logits
from steelyard.preprocessing import fit_encoding
from steelyard.recipe.network import (
    Activation,
    ActivationLayer,
    BatchNormalization,
    Dense,
    Dropout,
    Layer,
    MultilayerPerceptron,
    Network,
    Stack,
)
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.run import Model, Readout, weight_shapes
from steelyard.tables import read_table

READOUTS: Mapping[str, Readout] = {
    "prior": Readout(offset=1.5, threshold=0.3, objective="f1", base_rate=0.2),
    "logistic": Readout(
        offset=-0.7, calibrator=Logistic(slope=1.4, intercept=-0.2), threshold=0.6, objective="mcc"
    ),
    "temperature": Readout(offset=0.4, calibrator=Temperature(temperature=2.5), threshold=0.45),
    "beta": Readout(calibrator=Beta(a=0.6, b=1.7, c=0.3), threshold=0.7, objective="rate=0.1"),
    "isotonic": Readout(
        offset=0.5,
        calibrator=Isotonic(
            logits=(-3.0, -2.0, -1.5, 0.0, 0.5, 2.0), probabilities=(0.02, 0.1, 0.1, 0.4, 0.75, 0.9)
        ),
        threshold=0.4,
    ),
    "constant": Readout(calibrator=Isotonic(logits=(0.0,), probabilities=(0.25,)), threshold=-0.5),
}
"""Every way in which logits are read."""

SMALL = MultilayerPerceptron(hidden_units=(6, 4), activation="selu")
KINDS: Mapping[str, ColumnKind] = {"shop": ColumnKind.CATEGORY, "paid": ColumnKind.BOOLEAN}


def mixed_csv(rows: int = 300, seed: int = 0) -> str:
    """A number, one with gaps, one that float32 cannot tell apart, dates, yes and no, 0 and 1, categories
    as text, with rare levels and gaps, and as numbers; fields with commas, quotes and other scripts."""
    random = np.random.default_rng(seed)
    start = datetime(2021, 3, 1, tzinfo=UTC)
    jobs = ["clerk", "nurse, night", 'the "boss"', "Bäcker", "医者"]
    lines = ["age,income,account,since,member,paid,job,shop,bought"]
    for row in range(rows):
        fields = [
            str(random.integers(18, 80)),
            "" if random.random() < 0.1 else f"{random.lognormal(8, 1):.2f}",
            str(5_000_000_000 + int(random.integers(0, 900))),
            (start + timedelta(days=int(random.integers(0, 900)))).strftime("%Y-%m-%d"),
            "?" if random.random() < 0.05 else str(random.choice(["Yes", "No"])),
            str(random.integers(0, 2)),
            "" if random.random() < 0.1 else "rare" if row % 150 == 7 else str(random.choice(jobs)),
            str(random.integers(100, 106)),
            str(random.choice(["yes", "no"], p=[0.2, 0.8])),
        ]
        lines.append(",".join('"' + field.replace('"', '""') + '"' for field in fields))
    return "\n".join(lines) + "\n"


def mixed_table(folder: Path) -> Table:
    """The table of :func:`mixed_csv`, which it leaves as ``mixed.csv``."""
    path = folder / "mixed.csv"
    path.write_text(mixed_csv())
    return read_table(path, target="bought", kinds=KINDS)


def random_model(
    table: Table,
    network: Network = SMALL,
    preprocessing: Preprocessing = Preprocessing(),  # noqa: B008 - frozen
    networks: int = 1,
    seed: int = 0,
    readout: Readout = Readout(),  # noqa: B008 - frozen
) -> Model:
    """A model whose encoding is fitted and whose weights are random, its logits around 0."""
    rows = np.arange(len(table), dtype=np.int64)
    encoding = fit_encoding(table.features, table.schema, rows, preprocessing)
    random = np.random.default_rng(seed)
    weights = []
    for _ in range(networks):
        tensors = {}
        for name, shape in weight_shapes(network, encoding).items():
            values = random.normal(0.0, 0.7, shape)
            if name.endswith("kernel"):
                values /= np.sqrt(min(shape[0], 20))
            if name.endswith("moving_variance"):
                values = 0.5 + np.square(values)
            tensors[name] = values.astype(np.float32)
        kernel = [name for name in tensors if name.endswith("kernel")][-1]
        bias = kernel.replace("kernel", "bias")
        logits = predict_logits(network, tensors, encoding, table.features).astype(np.float64)
        # A larger factor would show nothing but how float32 rounds.
        factor = min(2.0 / max(logits.std(), 1e-3), 10.0)
        tensors[kernel] = (tensors[kernel] * factor).astype(np.float32)
        tensors[bias] = ((tensors[bias] - logits.mean()) * factor).astype(np.float32)
        weights.append(tensors)
    return Model(table.schema, encoding, network, tuple(weights), readout)


def stacks() -> st.SearchStrategy[Stack]:
    """Any network: up to four layers of all kinds, then the logit."""
    activations: st.SearchStrategy[Activation] = st.sampled_from(get_args(Activation))
    slopes = st.sampled_from([0.0, 0.1, 0.2, 0.5])
    layers: st.SearchStrategy[Layer] = st.one_of(
        st.builds(
            Dense,
            units=st.integers(1, 9),
            activation=activations,
            negative_slope=slopes,
            use_bias=st.booleans(),
        ),
        st.builds(
            BatchNormalization,
            center=st.booleans(),
            scale=st.booleans(),
            epsilon=st.sampled_from([1e-5, 1e-3, 0.1]),
        ),
        st.builds(ActivationLayer, activation=activations, negative_slope=slopes),
        st.builds(Dropout, rate=st.sampled_from([0.0, 0.3])),
    )
    return st.lists(layers, max_size=4).map(lambda found: Stack(layers=(*found, Dense(units=1))))
