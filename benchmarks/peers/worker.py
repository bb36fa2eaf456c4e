"""Runs one peer in a process of its own: ``python -m benchmarks.peers.worker keras_tensorflow``.

Reads a workload's name per line; prepares and warms it up the first time; times it; answers with one
line of JSON. Between requests it waits, so that contenders can take turns on one machine.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable

from benchmarks.workloads import WORKLOADS


def main(name: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr, not between the answers
    peer = importlib.import_module(f"benchmarks.peers.{name}")
    print(json.dumps({"description": peer.describe()}), file=answers, flush=True)
    prepared: dict[str, Callable[[], int]] = {}
    for line in sys.stdin:
        workload = line.strip()
        if workload not in prepared:
            prepared[workload] = peer.prepare(WORKLOADS[workload])
            prepared[workload]()
        start = time.perf_counter()
        steps = prepared[workload]()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "steps": steps}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
