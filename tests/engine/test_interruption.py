"""Ctrl-C, sent to a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

INTERRUPTED = """
    import numpy as np
    from steelyard import engine
    from tests.engine.problems import numeric_problem, recipe, PLAIN_TRAINING

    problem = numeric_problem(train=500)
    short = problem.job(recipe())
    endless = problem.job(recipe(training=PLAIN_TRAINING | {"epochs": 100_000_000}))
    told = []

    def watch(end):
        if end.job > 0 and end.epoch == 20 and not told:
            told.append(True)
            print("ready", flush=True)

    jobs = [short, endless, endless, endless]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2, on_epoch=watch)
    for run in runs:
        logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)
        assert np.isfinite(logits).all()
        print(run.status.value, len(run.history), flush=True)
    print(runs[1].reason)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent to a child elsewhere")
def test_ctrl_c_ends_with_usable_runs() -> None:
    program = textwrap.dedent(INTERRUPTED)
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", child.communicate()[1]
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        output, errors = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 0, errors
    assert "KeyboardInterrupt" not in errors
    assert time.monotonic() - began < 10
    lines = output.splitlines()
    assert lines[0] == "completed 5"
    # The third endless job had no thread yet: it is interrupted before its first epoch.
    assert [line.split()[0] for line in lines[1:4]] == ["interrupted"] * 3
    assert int(lines[1].split()[1]) >= 20 or int(lines[2].split()[1]) >= 20
    assert "interrupted" in lines[4]
