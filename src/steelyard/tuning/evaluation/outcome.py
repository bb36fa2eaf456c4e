"""Networks and trials as records, once they are trained."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics import Metric
from steelyard.run import Run, RunStatus
from steelyard.study import NetworkOutcome, Point, Trial, TrialState
from steelyard.tuning.evaluation.gauge import Gauge


def outcome_of(
    run: Run,
    fold: int,
    gauge: Gauge,
    metrics: Mapping[str, Metric],
    computed: Mapping[str, Sequence[float]],
    *,
    stopped: RunStatus | None,
    reason: str,
) -> NetworkOutcome:
    """What became of a network; ``computed`` are the metrics that the engine did not record, by epoch.

    ``stopped`` and ``reason`` replace what the run says of its end, if it was stopped from outside.
    """
    assert run.progress is not None, "the engine tells the progress of every run"
    recorded = {series.name: series.values for series in run.history.series}
    values: dict[str, NDArray[np.float64]] = {
        name: recorded[gauge.recorded[name]]
        if name in gauge.recorded
        else np.array(computed[name], np.float64)
        for name in metrics
    }
    curves = {name: recorded[name] for name in ("train_loss", "validation_loss")}
    curves |= {f"validation_{name}": series for name, series in values.items()}
    sound = run.status is not RunStatus.DIVERGED
    return NetworkOutcome(
        fold=fold,
        seed=run.seed,
        status=run.status if stopped is None else stopped,
        reason=reason or run.reason,
        best_epoch=run.best_epoch,
        epochs=len(run.history),
        steps=run.progress.steps,
        best={
            name: _value(metrics[name], series, run.best_epoch if sound else 0)
            for name, series in values.items()
        },
        last={
            name: _value(metrics[name], series, len(series) if sound else 0)
            for name, series in values.items()
        },
        curves={name: series.astype(np.float32) for name, series in curves.items()},
        seconds=float(recorded["train_seconds"].sum()),
    )


def untrained(fold: int, seed: int, metrics: Mapping[str, Metric], reason: str) -> NetworkOutcome:
    """What stands for a network that could not be trained at all: one that diverged before it began."""
    worst = {name: metric.worst for name, metric in metrics.items()}
    names = ("train_loss", "validation_loss", *(f"validation_{name}" for name in metrics))
    return NetworkOutcome(
        fold=fold,
        seed=seed,
        status=RunStatus.DIVERGED,
        reason=f"it could not be trained: {reason}",
        best_epoch=0,
        epochs=0,
        steps=0,
        best=worst,
        last=worst,
        curves={name: np.zeros(0, np.float32) for name in names},
        seconds=0.0,
    )


def trial_of(
    number: int, point: Point, networks: Sequence[NetworkOutcome], metrics: Sequence[str], wanted: int
) -> Trial:
    """The trial that these networks are, of ``wanted`` ones."""
    pruned = len(networks) < wanted or any(network.status is RunStatus.PRUNED for network in networks)
    return Trial(
        number=number,
        point=point,
        state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
        values=tuple(float(np.mean([network.best[name] for network in networks])) for name in metrics),
        networks=tuple(networks),
        seconds=sum(network.seconds for network in networks),
    )


def _value(metric: Metric, series: NDArray[np.float64], epoch: int) -> float:
    """Of that epoch, from 1; the worst there is if there was none or it could not be measured."""
    value = float(series[epoch - 1]) if epoch else math.nan
    return metric.worst if math.isnan(value) else value
