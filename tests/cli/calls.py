"""What the tests of the commands share: a file to train on and options that make training short."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import numpy as np
from click.testing import Result

Steelyard = Callable[..., Result]
"""Calls a command in this process: ``steelyard("train", path, "--target", "y")``."""

Spawn = Callable[..., subprocess.Popen[str]]
"""Starts a command as a process of its own."""

QUICK = ("--set", "training.epochs=4", "--set", "network.hidden_units=[8]")
"""Options that make training a matter of milliseconds."""


def visits_csv(rows: int = 600, seed: int = 0) -> str:
    """A CSV document: a number and a category that tell something, one that does not, gaps, an identifier."""
    random = np.random.default_rng(seed)
    pages = random.integers(1, 30, rows)
    source = random.choice(["ad", "mail", "search"], rows)
    noise = random.normal(size=rows).round(3)
    logit = 0.15 * pages + 1.5 * (source == "mail") - 4.5
    bought = random.random(rows) < 1 / (1 + np.exp(-logit))
    lines = ["visit,pages,source,noise,bought"]
    for row in range(rows):
        gap = "" if row % 10 == 3 else noise[row]
        lines.append(f"v{row:05d},{pages[row]},{source[row]},{gap},{'yes' if bought[row] else 'no'}")
    return "\n".join(lines) + "\n"
