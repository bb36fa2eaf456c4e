"""Generated rows: of any base rate, from hopeless to separable, with a straight or a bent border."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from steelyard.data import Split


@dataclass(frozen=True, eq=False)
class Rows:
    """float32 (rows, columns) and uint8 (rows,), in the order of the file; ``split`` says which do what."""

    inputs: NDArray[np.float32]
    target: NDArray[np.uint8]
    split: Split
    way: str
    """How validation rows were chosen: ``stratified``, ``tail``, ..."""

    def scaled(self, factor: float) -> Rows:
        """With every input multiplied."""
        return replace(self, inputs=(self.inputs * np.float32(factor)).astype(np.float32))


def generate(
    seed: int,
    *,
    count: int = 6000,
    rate: float = 0.1,
    strength: float = 2.0,
    columns: int = 8,
    bent: bool = True,
    validation: float = 1 / 3,
) -> Rows:
    """Rows whose log-odds are ``strength`` times a score of mean 0 and deviation 1; a stratified split.

    Half the columns matter. The score is their weighted sum; if ``bent``, products of neighbours as well, so
    that no straight line does as well as a network. A strength of 1, 2 and 4 comes to a ROC AUC of the true
    probabilities of about 0.76, 0.9 and 0.97 at a tenth of positives.
    """
    random = np.random.default_rng([seed, 1])
    x = random.standard_normal((count, columns)).astype(np.float32)
    logit = log_odds(x, seed, strength=strength, rate=rate, bent=bent)
    y = (random.random(count) < expit(logit)).astype(np.uint8)
    return Rows(x, y, stratified(y, validation, seed), "stratified")


def log_odds(
    x: NDArray[np.float32], seed: int, *, strength: float, rate: float, bent: bool
) -> NDArray[np.float64]:
    """Of the true probabilities, float64 (rows,)."""
    random = np.random.default_rng([seed, 2])
    used = max(2, x.shape[1] // 2)
    part = x[:, :used].astype(np.float64)
    score = part @ random.choice([-1.0, 1.0], used) * random.uniform(0.7, 1.3)
    if bent:
        score = score / np.sqrt(used) + 0.8 * (part[:, :-1] * part[:, 1:]).sum(axis=1) / np.sqrt(used - 1)
    score = strength * (score - score.mean()) / score.std()
    return np.asarray(score + brentq(lambda shift: float(expit(score + shift).mean()) - rate, -60.0, 60.0))


def stratified(y: NDArray[np.uint8], share: float, seed: int) -> Split:
    """A share of each class validates."""
    random = np.random.default_rng([seed, 3])
    taken = [
        random.permutation(np.flatnonzero(y == label))[: max(1, round(share * int((y == label).sum())))]
        for label in (0, 1)
    ]
    validation = np.sort(np.concatenate(taken)).astype(np.int64)
    return Split(rest(y, validation), validation, validation[:0], "stratified at random")


def folds(y: NDArray[np.uint8], count: int, seed: int) -> tuple[Split, ...]:
    """Every row validates once; a share of each class in each fold."""
    random = np.random.default_rng([seed, 4])
    place = np.empty(len(y), np.int64)
    for label in (0, 1):
        members = random.permutation(np.flatnonzero(y == label))
        place[members] = np.arange(len(members)) % count
    parts = [np.flatnonzero(place == fold).astype(np.int64) for fold in range(count)]
    return tuple(Split(rest(y, part), part, part[:0], "stratified at random") for part in parts)


def with_test(rows: Rows) -> Rows:
    """Every second validation row is set aside for the test."""
    split = rows.split
    validation, test = split.validation[::2], split.validation[1::2]
    return replace(rows, split=Split(split.train, validation, test, split.method))


def tail(y: NDArray[np.uint8], share: float) -> Split:
    """The last rows validate."""
    count = round(share * len(y))
    everything = np.arange(len(y), dtype=np.int64)
    return Split(everything[:-count], everything[-count:], everything[:0], "file order")


def rest(y: NDArray[np.uint8], taken: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that were not taken."""
    return np.setdiff1d(np.arange(len(y), dtype=np.int64), taken, assume_unique=True)
