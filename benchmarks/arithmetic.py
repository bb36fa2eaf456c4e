"""How much of the core's peak the products of the first layer reach."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from benchmarks.samples import Sample, table
from benchmarks.workloads import NOTEBOOK
from steelyard.engine import instruction_set

NOTE = """\
The peak is measured, not looked up: independent fused multiply-adds on registers, on one core, in the
same rounds. The products are those of the notebook's first layer.
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
    isa = instruction_set()
    native = importlib.import_module(f"steelyard.engine._engine_{isa}")
    peak: list[float] = []
    products: dict[str, list[float]] = {title: [] for title in PRODUCTS}
    for _ in range(repeats):
        peak.append(native.fma_peak(SECONDS))
        for title, (rows, columns, depth) in PRODUCTS.items():
            products[title].append(native.gemm_benchmark(rows, columns, depth, SECONDS))
    return Arithmetic(isa, Sample(tuple(peak)), {title: Sample(tuple(v)) for title, v in products.items()})


def report(arithmetic: Arithmetic) -> str:
    """A table: the peak, then each product with its share of it."""
    rows = [
        (f"fused multiply-adds on registers ({arithmetic.instruction_set})", arithmetic.peak.text(1), "100 %")
    ]
    for title, sample in arithmetic.products.items():
        rows.append((title, sample.text(1), f"{sample.over(arithmetic.peak).median:.0%}".replace("%", " %")))
    return table(("", "GFLOP/s", "share of the peak"), rows)
