"""What a search will cost, before it begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.data import Table
from steelyard.engine import usable_threads
from steelyard.memory import MOST_BYTES
from steelyard.study import DropFolds, Plan
from steelyard.tuning.cost.sample import Measured, learned_shares, measure
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
    # Epochs of a batch by trial, those of all folds in the measure of the one that was trained on.
    epochs = plan.seeds * (first * shares[0] + others * shares[1:].sum())
    batches = trials / batch
    steps = batches * float(epochs @ measured.steps[member])
    busy = batches * float(epochs @ measured.seconds[member])
    prepared = batches if measured.alike else trials / len(measured.epochs)
    networks = trials * plan.folds * plan.seeds
    at_once = plan.seeds * (1 if one_fold_first else plan.folds)
    return Cost(
        trials=trials,
        networks=networks,
        steps=round(steps),
        microseconds_per_step=1e6 * busy / steps,
        seconds=busy / min(threads, networks)
        + measured.preparing * prepared * float(shares.sum())
        + _SECONDS_PER_TRIAL * trials,
        bytes=int(
            at_once * measured.resting[member].sum()
            if rules
            else min(MOST_BYTES, at_once * measured.bytes[member].sum())
        ),
        threads=threads,
    )
