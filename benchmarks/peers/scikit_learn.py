"""scikit-learn's MLPClassifier: one ``partial_fit`` is one pass over the rows in batches.

It has no dropout, one penalty for all kernels, and its hidden layers are initialised uniformly: less
work per step than the others do for the question's network, about the same for the notebook's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from benchmarks.workloads import Workload


def describe() -> str:
    return f"scikit-learn {sklearn.__version__}, MLPClassifier.partial_fit, no dropout"


def prepare(workload: Workload) -> Callable[[], int]:
    steps = workload.peer_steps
    x, y = workload.rows(min(steps * workload.batch_size, workload.train_rows))
    model = MLPClassifier(
        workload.hidden,
        activation="identity" if workload.activation == "linear" else workload.activation,
        alpha=2 * workload.l2 * workload.batch_size,  # its penalty is alpha / (2 * rows of the batch)
        batch_size=workload.batch_size,
        learning_rate_init=workload.learning_rate,
        random_state=0,
    )

    def train() -> int:
        model.partial_fit(x, y, classes=np.array([0, 1]))
        return steps

    return train
