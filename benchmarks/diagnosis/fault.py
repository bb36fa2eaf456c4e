"""What a fault is: a way for a run to go wrong, and the same run without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.diagnosis.doors import Logs

Made = Callable[[int], Logs]
"""From a seed, which decides on rows and network, to logs by door."""


@dataclass(frozen=True)
class Fault:
    """``code`` is the rule that should find it, ``title`` a clause; ``twin`` differs from ``fault`` in
    nothing else."""

    code: str
    title: str
    fault: Made
    twin: Made
