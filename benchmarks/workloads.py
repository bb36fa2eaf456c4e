"""The two networks that Steelyard began with, and tables of their shape.

Only numpy is imported: the peers, in an environment of their own, read this file too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = tuple[NDArray[np.float32], NDArray[np.uint8]]


@dataclass(frozen=True)
class Workload:
    """A network, its optimizer (Adam, Keras' defaults but for the rate) and the size of its table.

    ``dropout[i]`` follows hidden layer i. ``l2`` is on the hidden kernels, as ``l2 * sum(w ** 2)``.
    ``peer_steps`` is the number of training steps a peer is timed for; less than an epoch where that
    would take minutes.
    """

    name: str
    title: str
    columns: int
    hidden: tuple[int, ...]
    activation: str
    dropout: tuple[float, ...]
    l2: float
    kernel_initializer: str
    learning_rate: float
    batch_size: int
    train_rows: int
    validation_rows: int
    peer_steps: int

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.train_rows // self.batch_size)

    def rows(self, count: int) -> Rows:
        """The first ``count`` rows of a generated table: the same in every process."""
        return one_hot_rows(count) if self.name == "notebook" else numeric_rows(count)


NOTEBOOK = Workload(
    name="notebook",
    title="125-80-40-10-1, relu, L2 0.01, Adam, batch 24; 35,944 rows of 125 one-hot inputs",
    columns=125,
    hidden=(80, 40, 10),
    activation="relu",
    dropout=(0.0, 0.0, 0.0),
    l2=0.01,
    kernel_initializer="glorot_normal",
    learning_rate=5e-5,
    batch_size=24,
    train_rows=35_944,
    validation_rows=15_405,
    peer_steps=1_498,
)

QUESTION = Workload(
    name="question",
    title="9-7×11-1, linear, dropout 0.5 then 0.2, Adam, batch 128; 5,595,067 rows of 9 numbers",
    columns=9,
    hidden=(7,) * 11,
    activation="linear",
    dropout=(0.5,) + (0.2,) * 10,
    l2=0.0,
    kernel_initializer="glorot_uniform",
    learning_rate=1e-3,
    batch_size=128,
    train_rows=5_595_067,
    validation_rows=1_398_766,
    peer_steps=2_000,
)

WORKLOADS = {workload.name: workload for workload in (NOTEBOOK, QUESTION)}

LEVELS = (2, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 17, 19)
"""Levels of the 14 category columns behind the 125 one-hot inputs."""


def one_hot_rows(count: int) -> Rows:
    """125 zeros and ones, 14 ones in a row; about 12 % positive."""
    random = np.random.default_rng(1)
    x = np.zeros((count, sum(LEVELS)), np.float32)
    logit = np.full(count, -2.6)
    offset = 0
    for levels in LEVELS:
        level = random.integers(0, levels, count)
        x[np.arange(count), offset + level] = 1.0
        logit += random.normal(0.0, 0.4, levels)[level]
        offset += levels
    return x, (random.random(count) < 1.0 / (1.0 + np.exp(-logit))).astype(np.uint8)


def numeric_rows(count: int, block: int = 200_000) -> Rows:
    """9 standard normal numbers, filled block by block so that making them needs no second copy;
    about 4 % positive."""
    random = np.random.default_rng(2)
    x = np.empty((count, 9), np.float32)
    y = np.empty(count, np.uint8)
    for start in range(0, count, block):
        part = x[start : start + block]
        random.standard_normal(dtype=np.float32, out=part)
        logit = part[:, 0] - 0.7 * part[:, 1] - 3.7
        y[start : start + block] = random.random(len(part), np.float32) < 1.0 / (1.0 + np.exp(-logit))
    return x, y
