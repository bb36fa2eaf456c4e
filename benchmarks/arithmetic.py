"""How much of the core's peak the products of the first layer reach."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.samples import Sample, table
from benchmarks.workloads import NOTEBOOK
from steelyard.engine import instruction_set
from steelyard.engine.extension import engine

NOTE = """\
The peak is measured, not looked up: independent fused multiply-adds on registers, on one core, in the
same rounds. The products are those of the notebook's first layer. The share compares the best of the
rounds: whatever else runs on the machine can only lower them.
"""

SECONDS = 0.2
"""Length of one measurement."""

_BATCH, _INPUTS, _UNITS = NOTEBOOK.batch_size, NOTEBOOK.columns, NOTEBOOK.hidden[0]
PRODUCTS = {
    f"outputs = inputs × kernel ({_BATCH} × {_INPUTS} × {_UNITS})": (_BATCH, _UNITS, _INPUTS),
    f"kernel gradient = inputsᵀ × deltas ({_INPUTS} × {_BATCH} × {_UNITS})": (_INPUTS, _UNITS, _BATCH),
}
"""(rows, columns, depth) of each product."""


@dataclass(frozen=True)
class Arithmetic:
    """GFLOP/s of the peak and of each product on one core."""

    instruction_set: str
    peak: Sample
    products: dict[str, Sample]


def measure(repeats: int) -> Arithmetic:
    peak: list[float] = []
    products: dict[str, list[float]] = {title: [] for title in PRODUCTS}
    for _ in range(repeats):
        peak.append(engine.fma_peak(SECONDS))
        for title, (rows, columns, depth) in PRODUCTS.items():
            products[title].append(engine.gemm_benchmark(rows, columns, depth, SECONDS))
    samples = {title: Sample(tuple(values)) for title, values in products.items()}
    return Arithmetic(instruction_set(), Sample(tuple(peak)), samples)


def report(arithmetic: Arithmetic) -> str:
    """A table: the peak, then each product with its share of it."""
    rows = [
        (f"fused multiply-adds on registers ({arithmetic.instruction_set})", arithmetic.peak.text(1), "100 %")
    ]
    for title, sample in arithmetic.products.items():
        rows.append((title, sample.text(1), f"{100 * sample.highest / arithmetic.peak.highest:.0f} %"))
    return table(("", "GFLOP/s", "share of the peak"), rows)
