"""scikit-learn's own checks of what an estimator must do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from steelyard import SteelyardClassifier

# The checks train on 10 to 30 rows; that these are too few for validation is told, as it should be.
pytestmark = pytest.mark.filterwarnings("ignore:validation_fraction:steelyard.errors.SteelyardWarning")


@parametrize_with_checks(
    [
        SteelyardClassifier(),
        SteelyardClassifier(class_weight="balanced", n_seeds=2),
        SteelyardClassifier(validation_fraction=0),
    ]
)
def test_scikit_learn(estimator: SteelyardClassifier, check: Callable[[SteelyardClassifier], object]) -> None:
    check(estimator)


def test_array_api_dispatch() -> None:
    """scikit-learn skips this one of its checks unless scipy was loaded with this variable set."""
    script = """
from sklearn.utils.estimator_checks import check_array_api_input
from steelyard import SteelyardClassifier

check_array_api_input(
    "SteelyardClassifier", SteelyardClassifier(), array_namespace="numpy", expect_only_array_outputs=False
)
print("passed")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("passed\n", "")
