"""A plan, and trials of it with made-up results: the same number, the same trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.recipe import Recipe
from steelyard.run import RunStatus
from steelyard.study import Choice, NetworkOutcome, Plan, Point, Range, Space, Trial, TrialState
from steelyard.tuning.storage import Claim, StudyStore, Worker

LEARNING_RATE, UNITS, ACTIVATION = "optimizer.learning_rate", "network.hidden_units", "network.activation"
SPACE = Space(
    parameters=(
        Range(path=LEARNING_RATE, low=1e-4, high=1e-1, log=True),
        Choice(path=UNITS, values=([8], [16, 8])),
        Choice(path=ACTIVATION, values=("relu", "tanh")),
    )
)
CURVES = ("train_loss", "validation_loss", "validation_average_precision", "validation_log_loss")


def plan(**changes: Any) -> Plan:
    """Batches of 4, 2 folds, 1 seed, two metrics; random."""
    given: dict[str, Any] = {
        "recipe": Recipe(),
        "space": SPACE,
        "sampler": "random",
        "metrics": ("average_precision", "log_loss"),
        "folds": 2,
        "batch": 4,
        "fingerprint": "0123456789abcdef",
    }
    return Plan(**{**given, **changes})


def point(number: int) -> Point:
    """Of the trial with this number."""
    rng = np.random.default_rng(number)
    return {
        LEARNING_RATE: float(np.exp(rng.uniform(np.log(1e-4), np.log(1e-1)))),
        UNITS: [8] if number % 2 else [16, 8],
        ACTIVATION: "tanh" if number % 3 else "relu",
    }


def trial(number: int, at: Point | None = None, *, seeds: int = 1) -> Trial:
    """Number 3 was pruned; of number 5 one network diverged, so that its log loss is infinite."""
    rng = np.random.default_rng([number, 1])
    networks = []
    for fold in range(2):
        for seed in range(seeds):
            epochs = int(rng.integers(1, 8))
            diverged = number == 5 and fold == 1
            networks.append(
                NetworkOutcome(
                    fold=fold,
                    seed=2**64 - 1 - seed,
                    status=RunStatus.DIVERGED if diverged else RunStatus.COMPLETED,
                    reason="all epochs were trained",
                    best_epoch=epochs,
                    epochs=epochs,
                    steps=epochs * 2**33,
                    best={
                        "average_precision": rng.random(),
                        "log_loss": np.inf if diverged else rng.random(),
                    },
                    last={
                        "average_precision": rng.random(),
                        "log_loss": np.nan if diverged else rng.random(),
                    },
                    curves={name: rng.random(epochs, np.float32) for name in CURVES},
                    seconds=rng.random(),
                )
            )
    networks.sort(key=lambda network: (network.fold, network.seed))
    names = ("average_precision", "log_loss")
    means = tuple(float(np.mean([network.best[name] for network in networks])) for name in names)
    state = TrialState.PRUNED if number == 3 else TrialState.COMPLETE
    return Trial(number, point(number) if at is None else at, state, means, tuple(networks), rng.random())


def trials(numbers: Sequence[int]) -> list[Trial]:
    """Those with these numbers."""
    return [trial(number) for number in numbers]


def do(store: StudyStore, worker: Worker, batches: int | None = None) -> list[Claim]:
    """Claims and commits what is left, or that many batches."""
    done: list[Claim] = []
    while (batches is None or len(done) < batches) and (claim := store.claim(worker)) is not None:
        if claim.points is None:
            assert store.put_points(claim, [point(number) for number in claim.numbers])
        assert store.commit(claim, trials(claim.numbers))
        done.append(claim)
    return done


def assert_same(found: Trial, expected: Trial, *, curves: bool = True) -> None:
    """Every bit of two trials."""
    assert (found.number, dict(found.point), found.state, found.values, found.seconds) == (
        expected.number,
        dict(expected.point),
        expected.state,
        expected.values,
        expected.seconds,
    )
    assert len(found.networks) == len(expected.networks)
    for one, other in zip(found.networks, expected.networks, strict=True):
        for name in ("fold", "seed", "status", "reason", "best_epoch", "epochs", "steps", "seconds"):
            assert getattr(one, name) == getattr(other, name), name
        np.testing.assert_equal(dict(one.best), dict(other.best))
        np.testing.assert_equal(dict(one.last), dict(other.last))
        if curves:
            assert list(one.curves) == list(other.curves)
            for name in one.curves:
                np.testing.assert_array_equal(one.curves[name], other.curves[name])
                assert one.curves[name].dtype == np.float32
        else:
            assert not one.curves
