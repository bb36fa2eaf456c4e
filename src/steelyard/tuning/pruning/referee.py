"""Who goes on: all rules of a plan together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from steelyard.study import DropFolds, Halving, Hyperband, MedianPruning, PatiencePruning, Pruning
from steelyard.tuning.pruning.halving import halving
from steelyard.tuning.pruning.hyperband import hyperband
from steelyard.tuning.pruning.median import median
from steelyard.tuning.pruning.standing import Rule, Standing


def rules_of(
    pruning: Sequence[Pruning], epochs: Sequence[int], seed: int | Sequence[int]
) -> tuple[Rule, ...]:
    """The rules that compare the trials of a batch between epochs; ``epochs`` are those their recipes plan.

    Patience, which compares nobody, and the dropping of folds are not among them.
    """
    rules: list[Rule] = []
    for spec in pruning:
        match spec:
            case Halving():
                rules += halving(spec, epochs)
            case Hyperband():
                rules += hyperband(spec, epochs, seed)
            case MedianPruning():
                rules += median(spec, epochs)
            case PatiencePruning() | DropFolds():
                pass
            case _:
                assert_never(spec)
    return tuple(rules)


class Referee:
    """Says when the networks of a batch rest and which trials go on.

    A trial goes on if no rule puts it out; all rules see the same standing. Once a single trial is left,
    nobody rests any more.
    """

    def __init__(self, rules: Sequence[Rule], trials: int) -> None:
        self._rules = tuple(rules)
        self._rungs = frozenset(rung for rule in rules for rung in rule.rungs)
        self.racing: NDArray[np.bool_] = np.ones(trials, np.bool_)
        """(trials,) Those that no rule has put out."""

    def rests(self, epoch: int) -> bool:
        """Whether networks wait for each other after this epoch."""
        return epoch in self._rungs and int(np.count_nonzero(self.racing)) > 1

    def judge(
        self, epoch: int, score: NDArray[np.float64], average: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """(trials,) Who is put out after this epoch; arrays as :class:`Standing` has them."""
        standing = Standing(epoch, self.racing, score, average)
        out = np.zeros(len(self.racing), np.bool_)
        for rule in self._rules:
            if epoch in rule.rungs:
                out |= rule.losers(standing)
        self.racing = self.racing & ~out
        return out


def most_epochs(rules: Sequence[Rule], epochs: Sequence[int]) -> NDArray[np.int64]:
    """(trials,) The epochs that trials of such recipes train at most: those with the most epochs win.

    >>> rules = rules_of([Halving(min_epochs=1)], [9] * 9, seed=0)
    >>> most_epochs(rules, [9] * 9)
    array([9, 3, 3, 1, 1, 1, 1, 1, 1])
    """
    planned = np.asarray(epochs, np.int64)
    referee = Referee(rules, len(planned))
    trained = planned.copy()
    for epoch in range(1, int(planned.max())):
        if referee.rests(epoch):
            out = referee.judge(epoch, -planned.astype(np.float64), -planned.astype(np.float64))
            trained[out] = np.minimum(trained[out], epoch)
    return trained
