"""What lies in a run folder, and what its files are called."""

from __future__ import annotations

from pathlib import Path

FORMAT = 2
"""Version of the layout. Raised when an older Steelyard would misread a newer folder: one that knows only
format 1 would leave out how the logits are read, and predict other probabilities."""

RECIPE = "recipe.toml"
HISTORY = "history.csv"
TELEMETRY = "telemetry.csv"
METRICS = "metrics.json"
PREDICTIONS = "predictions.parquet"
WEIGHTS = "model.safetensors"
MODEL = "model.json"
ENVIRONMENT = "environment.json"
CURVES = "learning-curves.svg"
DIAGNOSIS = "diagnosis.json"
"""What the rules say of the networks. Older folders have none."""
MANIFEST = "manifest.json"
"""Written last: format version, size and SHA-256 of every other file, meaning of the curves."""

FILES = (RECIPE, HISTORY, TELEMETRY, METRICS, PREDICTIONS, WEIGHTS, MODEL, ENVIRONMENT, CURVES)
"""All files that every run has, but for the manifest."""

UNFINISHED = ".unfinished"
"""Ending of a folder's name until everything in it is written. A kill leaves it so."""


def unfinished(folder: Path) -> Path:
    """Where a run is written before it is moved to ``folder`` in one step.

    >>> unfinished(Path("runs/bank-1")).name
    'bank-1.unfinished'
    """
    return folder.with_name(folder.name + UNFINISHED)
