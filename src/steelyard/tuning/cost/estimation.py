"""What a search will cost, before it begins."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from steelyard.data import Table
from steelyard.engine import usable_threads
from steelyard.memory import MOST_BYTES
from steelyard.study import DropFolds, Plan
from steelyard.tuning.cost.sample import Measured, Numbers, learned_shares, measure
from steelyard.tuning.pruning import most_epochs, rules_of

_SECONDS_PER_TRIAL = 0.003
"""All that is neither training nor preprocessing: asking, storing, scoring."""


@dataclass(frozen=True)
class Cost:
    """What a search takes at most: no network stops early, but those that halving and Hyperband stop."""

    trials: int
    networks: int
    """Trials times folds times seeds."""
    steps: int
    """Batches that are learned from, of all networks together."""
    microseconds_per_step: float
    """Of one network on one thread while the others are as busy; its share of what is done at the end of an
    epoch is in it."""
    seconds: float
    """Until the end, on ``threads``."""
    bytes: int
    """What the networks of a batch take, besides the table."""
    threads: int


def estimate(table: Table, plan: Plan, trials: int, *, threads: int | None = None) -> Cost:
    """What ``trials`` trials of a plan take, from training some of its points for a moment.

    Raises what :func:`~steelyard.tuning.evaluation.evaluate` raises for a plan that makes no sense.
    """
    used = usable_threads(threads)
    return cost_of(measure(table, plan, trials, used), plan, trials, used)


def cost_of(measured: Measured, plan: Plan, trials: int, threads: int) -> Cost:
    """From the sample to the whole: a batch is like the sample, repeated."""
    batch = min(plan.batch, trials)
    member = np.arange(batch) % len(measured.epochs)
    planned = measured.epochs[member]
    rules = rules_of(plan.pruning, [int(epochs) for epochs in planned], plan.seed)
    first = most_epochs(rules, [int(epochs) for epochs in planned]).astype(np.float64)
    one_fold_first = any(isinstance(rule, DropFolds) for rule in plan.pruning)
    others = np.where(first == planned, planned, 0.0) if one_fold_first else first
    shares = np.array(learned_shares(plan)) / measured.share
    # By trial and fold, in the measure of the fold that was trained on.
    epochs = np.column_stack([first, *[others] * (plan.folds - 1)]) * shares
    taken = epochs * measured.seconds[member, None]
    # Trained one after the other, each with what of it is trained together.
    phases = list(taken.T) if one_fold_first else [taken.ravel()]
    batches = trials / batch
    steps = batches * plan.seeds * float((epochs * measured.steps[member, None]).sum())
    busy = batches * plan.seeds * float(taken.sum())
    prepared = batches if measured.alike else trials / len(measured.epochs)
    networks = trials * plan.folds * plan.seeds
    at_once = plan.seeds * (1 if one_fold_first else plan.folds)
    return Cost(
        trials=trials,
        networks=networks,
        steps=round(steps),
        microseconds_per_step=1e6 * busy / steps,
        seconds=batches * sum(_seconds_of(np.repeat(phase, plan.seeds), threads) for phase in phases)
        + measured.preparing * prepared * float(shares.sum())
        + _SECONDS_PER_TRIAL * trials,
        bytes=int(
            at_once * measured.resting[member].sum()
            if rules
            else min(MOST_BYTES, at_once * measured.bytes[member].sum())
        ),
        threads=threads,
    )


def _seconds_of(networks: Numbers, threads: int) -> float:
    """Until all are trained: whichever thread is free takes the next one. With more threads than networks,
    or a few large ones at the end, threads have nothing to do."""
    free = [0.0] * min(threads, len(networks))
    for seconds in networks.tolist():
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)
