"""What a second core brings: to two models, and inside the batches of one large model."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import ours
from benchmarks.samples import Sample, table
from benchmarks.workloads import NOTEBOOK, Workload

LARGE = Workload(
    name="large",
    title="9-512-512-1, relu, Adam, batch 1,024",
    columns=9,
    hidden=(512, 512),
    activation="relu",
    dropout=(0.0, 0.0),
    l2=0.0,
    kernel_initializer="glorot_uniform",
    learning_rate=1e-3,
    batch_size=1024,
    train_rows=65_536,
    validation_rows=0,
    peer_steps=0,
)
NOTEBOOK_EPOCHS = 10


@dataclass(frozen=True)
class Speedups:
    """Throughput with two threads over throughput with one."""

    two_models: Sample
    large_model: Sample


def measure(repeats: int) -> Speedups:
    notebook_x, notebook_y = NOTEBOOK.rows(NOTEBOOK.train_rows)
    notebook = ours.features(notebook_x)
    large_x, large_y = LARGE.rows(LARGE.train_rows)
    large = ours.features(large_x)
    two = [
        ours.job(NOTEBOOK, epochs=NOTEBOOK_EPOCHS, metric_rows=100, validate=False, seed=seed)
        for seed in (0, 1)
    ]
    one_large = [ours.job(LARGE, epochs=1, metric_rows=100, validate=False)]
    models: list[float] = []
    batches: list[float] = []
    for _ in range(repeats):
        alone = ours.seconds(notebook, notebook_y, two[:1], 1)
        models.append(2 * alone / ours.seconds(notebook, notebook_y, two, 2))
        alone = ours.seconds(large, large_y, one_large, 1)
        batches.append(alone / ours.seconds(large, large_y, one_large, 2))
    return Speedups(Sample(tuple(models)), Sample(tuple(batches)))


def report(speedups: Speedups) -> str:
    """A table of the two speed-ups."""
    return table(
        ("", "throughput on two cores / on one"),
        [
            ("two models of the notebook, one per core", speedups.two_models.text(2)),
            (f"one large model, both cores inside a batch ({LARGE.title})", speedups.large_model.text(2)),
        ],
    )
