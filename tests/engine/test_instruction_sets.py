"""The kernels are built once per instruction set: all that this machine has must say the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard import engine

ROOT = Path(__file__).parents[2]
VARIABLE = "STEELYARD_INSTRUCTION_SET"
ALL = ("baseline", "avx2", "avx512")

PROGRAM = """
    import json
    import numpy as np
    from steelyard import engine
    from tests.engine import reference
    from tests.engine.problems import (
        LOGIT, NORMALIZATION, activation, dropout, hidden, mixed_problem, numeric_problem, recipe, stack,
    )

    answer = {"instruction_set": engine.instruction_set()}

    # The gradient, against finite differences, for every activation.
    problem = mixed_problem()
    names = ["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "tanh", "sigmoid", "softplus"]
    worst = 0.0
    for name in names:
        layers = [dropout(0.2), hidden(7, name, l2=0.01), hidden(5, "tanh"), dropout(0.4), LOGIT]
        made = recipe(network=stack(*layers))
        weights = reference.random_weights(made.network, problem.encoding)
        rows = problem.split.train[:37]
        masks = {
            0: engine.dropout_mask(3, 0, 4, 37, problem.encoding.inputs, 0.2),
            3: engine.dropout_mask(3, 3, 4, 37, 5, 0.4),
        }
        objective = reference.Objective(
            made, problem.features, problem.encoding, problem.target, problem.split.train, rows, masks=masks
        )
        expected = reference.finite_differences(objective, reference.double(weights))
        loss, gradient = engine.loss_and_gradient(
            problem.features, problem.target, problem.job(made, 3), rows, weights=weights, step=4
        )
        scale = max(abs(slope).max() for slope in expected.values())
        worst = max(worst, max(abs(gradient[key] - expected[key]).max() / scale for key in expected))
    answer["worst_gradient_error"] = float(worst)

    # A training with everything in it.
    network = stack(
        dropout(0.1), hidden(19, "gelu"), NORMALIZATION, activation("relu"), dropout(0.3), hidden(40, "silu"),
        LOGIT,
    )
    adam = {"name": "adam", "learning_rate": 0.01}
    job = problem.job(recipe(network=network, optimizer=adam))
    (run,) = engine.fit_population(problem.features, problem.target, [job])
    answer["history"] = {name: list(run.history[name]) for name in run.history if name != "train_seconds"}
    answer["order"] = engine.epoch_order(3, 2, 50).tolist()
    answer["mask"] = engine.dropout_mask(3, 1, 2, 9, 21, 0.3).astype(int).ravel().tolist()
    answer["kernel"] = engine.initial_weights(problem.job(recipe(), 5), problem.target)[
        "dense/kernel"
    ].ravel().tolist()
    large = numeric_problem(70, train=600)
    wide = recipe(network=stack(hidden(130, "relu"), hidden(70, "tanh"), LOGIT), optimizer=adam)
    (run,) = engine.fit_population(large.features, large.target, [large.job(wide)])
    answer["wide"] = list(run.history["validation_loss"])
    print(json.dumps(answer))
"""


def run_with(instruction_set: str, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ
        | {VARIABLE: instruction_set, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
        timeout=120,
        check=False,
    )


@cache
def answer_of(instruction_set: str) -> dict[str, Any]:
    done = run_with(instruction_set)
    if done.returncode != 0 and "not" in done.stderr and instruction_set not in available():
        pytest.skip(f"this machine has no {instruction_set}")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@cache
def available() -> tuple[str, ...]:
    """All up to the one the engine chose for itself: each includes the ones before it."""
    return ALL[: ALL.index(engine.instruction_set()) + 1]


@pytest.mark.parametrize("instruction_set", ALL)
def test_gradient_against_finite_differences(instruction_set: str) -> None:
    answer = answer_of(instruction_set)
    assert answer["instruction_set"] == instruction_set
    assert answer["worst_gradient_error"] < 5e-6


@pytest.mark.parametrize("instruction_set", ["avx2", "avx512"])
def test_agreement_with_the_baseline(instruction_set: str) -> None:
    baseline, answer = answer_of("baseline"), answer_of(instruction_set)
    for name in ("order", "mask"):
        assert answer[name] == baseline[name], "random decisions are integers: no tolerance"
    np.testing.assert_allclose(answer["kernel"], baseline["kernel"], rtol=1e-6)
    for name in ("train_objective", "train_loss", "validation_loss", "train_learning_rate"):
        np.testing.assert_allclose(
            answer["history"][name], baseline["history"][name], rtol=2e-4, err_msg=name
        )
    np.testing.assert_allclose(answer["wide"], baseline["wide"], rtol=2e-4)


def test_an_unknown_instruction_set_is_refused_with_the_choices() -> None:
    done = run_with("sse9", "import steelyard.engine as e; e.instruction_set()")
    assert done.returncode != 0
    last = done.stderr.strip()
    assert "sse9" in last
    assert "baseline" in last
    assert VARIABLE in last
