"""Rows of data that stand in the text: what they show of the inputs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.post.histories import numbers
from steelyard.diagnosis.readers.post.values import Call
from steelyard.log import FeatureFact

_LABEL = re.compile(
    r"\b(?P<a>last|first|final) column (?:\w{1,12} ){0,2}(?:is|as|contains|being) (?:the )?"
    r"(?:label|target|class|output)|"
    r"\b(?:label|target|class|output)s? (?:\w{1,12} )?(?:is|are|in) (?:in )?(?:the )?"
    r"(?P<b>last|first|final) column",
    re.I,
)
_FEWEST_ROWS = 3


@dataclass(frozen=True, eq=False)
class Sample:
    """``features`` are the columns without the label; ``labels`` float64 (rows,), None if none is among them;
    ``how`` says how the label was told."""

    features: tuple[FeatureFact, ...]
    labels: NDArray[np.float64] | None
    how: str


def sample_of(value: Any, text: str, inputs: int | None) -> Sample | None:
    """A two-dimensional array of numbers as a sample of the inputs; None if it is none.

    The label is the column that the text says it is; else the last one, if there is one more than
    ``inputs``.
    """
    rows = _matrix(value)
    if rows is None:
        return None
    said = _LABEL.search(text)
    column: int | None = None
    how = ""
    if said is not None:
        column = 0 if (said["a"] or said["b"]).lower() == "first" else rows.shape[1] - 1
        how = f"sample rows without the label ({' '.join(said[0].split())})"
    elif inputs is not None and rows.shape[1] == inputs + 1:
        column, how = rows.shape[1] - 1, f"sample rows without the last column, as there are {inputs} inputs"
    elif inputs is None or rows.shape[1] == inputs:
        how = "sample rows"
    else:
        return None
    labels = None if column is None else rows[:, column]
    inner = rows if column is None else np.delete(rows, column, axis=1)
    names = [f"column {j + 1}" for j in range(rows.shape[1]) if j != column]
    features = tuple(_feature(name, inner[:, j]) for j, name in enumerate(names))
    return Sample(features, labels, how) if features else None


def _matrix(value: Any) -> NDArray[np.float64] | None:
    if not (isinstance(value, Call) and value.name == "array" and value.arguments):
        return None
    given = value.arguments[0]
    if not isinstance(given, list | tuple) or len(given) < _FEWEST_ROWS:
        return None
    rows = [numbers(row) for row in given if isinstance(row, list | tuple)]
    found = [row for row in rows if row is not None]
    if len(found) < _FEWEST_ROWS or len(found) < len(given) - 1 or len({len(row) for row in found}) != 1:
        return None
    matrix = np.stack(found)
    return matrix if matrix.shape[1] >= 2 else None


def _feature(name: str, values: NDArray[np.float64]) -> FeatureFact:
    there = values[np.isfinite(values)]
    missing = len(values) - len(there)
    if not len(there):
        return FeatureFact(name, len(values), np.nan, np.nan, np.nan, np.nan, 0, missing)
    scale = float(np.abs(there).max())
    return FeatureFact(
        name,
        rows=len(values),
        minimum=float(there.min()),
        maximum=float(there.max()),
        mean=float(there.mean()),
        deviation=float((there / scale).std()) * scale if scale else 0.0,
        distinct=len(np.unique(there)),
        missing=missing,
        median=float(np.median(there)),
    )
