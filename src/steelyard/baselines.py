"""Yardsticks: what is reached without a network, on the same rows and the same inputs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from steelyard.data import Encoding, Split, Table
from steelyard.preprocessing import encode

MOST_TRAINING_ROWS = 200_000
"""Logistic regression has converged on far fewer rows than a big table has; more would only cost time."""

_BATCH = 100_000


@dataclass(frozen=True, eq=False)
class Baseline:
    """Probabilities of a yardstick.

    ``probabilities`` has the keys "validation" and "test", as far as the split has such rows, with
    float64 arrays in the order of the split. ``note`` is a sentence that readers of its scores should
    know, or an empty string.
    """

    name: str
    probabilities: Mapping[str, NDArray[np.float64]]
    note: str


def prevalence(table: Table, split: Split) -> Baseline:
    """The (weighted) share of positives among the training rows, for every row."""
    weights = None if table.weights is None else table.weights[split.train]
    rate = float(np.average(table.target[split.train], weights=weights))
    probabilities = {part: np.full(len(rows), rate) for part, rows in _judged(split)}
    return Baseline("prevalence", probabilities, "")


def logistic_regression(
    table: Table, split: Split, encoding: Encoding, *, most_rows: int = MOST_TRAINING_ROWS
) -> Baseline:
    """Scikit-learn's logistic regression (L2, C = 1) on what the network sees, every category one-hot.

    Fitted on the training rows, or on ``most_rows`` of them drawn from each class in proportion
    (the same ones every time) if there are more.
    """
    rows = _in_proportion(split.train, table.target, most_rows)
    weights = None if table.weights is None else table.weights[rows]
    # In float32 the line search of lbfgs can stall before the gradient is small.
    inputs = encode(table.features, encoding, rows).astype(np.float64)
    model = LogisticRegression(C=1.0, solver="lbfgs", max_iter=2_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the note says it instead
        model.fit(inputs, table.target[rows], sample_weight=weights)
    probabilities = {part: _predict(model, table, encoding, part_rows) for part, part_rows in _judged(split)}
    return Baseline("logistic_regression", probabilities, _note(model, len(rows), len(split.train)))


def _judged(split: Split) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """The parts of a split on which something is judged, if they have rows."""
    for part, rows in (("validation", split.validation), ("test", split.test)):
        if len(rows):
            yield part, rows


def _in_proportion(rows: NDArray[np.int64], target: NDArray[np.uint8], most: int) -> NDArray[np.int64]:
    """At most about ``most`` rows, from each class its share, at least one."""
    if len(rows) <= most:
        return rows
    random = np.random.default_rng(0)
    chosen = []
    for label in (0, 1):
        of_label = rows[target[rows] == label]
        count = min(len(of_label), max(1, round(most * len(of_label) / len(rows))))
        chosen.append(random.choice(of_label, count, replace=False))
    return np.sort(np.concatenate(chosen))


def _note(model: LogisticRegression, fitted: int, rows: int) -> str:
    """What of the fit is not as a reader would expect."""
    unexpected = []
    if fitted < rows:
        unexpected.append(f"was fitted on {fitted:,} of {rows:,} training rows")
    if model.n_iter_.max() >= model.max_iter:
        unexpected.append(f"had not converged after {model.max_iter:,} iterations")
    return "logistic regression " + " and ".join(unexpected) if unexpected else ""


def _predict(
    model: LogisticRegression, table: Table, encoding: Encoding, rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    batches = (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
    return np.concatenate(
        [model.predict_proba(encode(table.features, encoding, batch))[:, 1] for batch in batches]
    )
