"""``python -m benchmarks``: measures everything, prints it and writes ``benchmarks/results.md``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import arithmetic, machine, memory, step_time, threads
from benchmarks.workloads import WORKLOADS

RESULTS = Path(__file__).with_name("results.md")
PARTS = ("steps", "arithmetic", "threads", "memory")

INTRODUCTION = """\
# Results

{facts}

Written by `make bench`. Each number is the median of {repeats} rounds (lowest–highest in brackets), in
which the contenders took turns; a ratio is the median of the ratios within the rounds. The load
average was {before} at the start; the machine is shared, so differences of a tenth mean little.
"""

STEPS_NOTE = """\
A step is one batch, forward, backward and update, with everything the library does around it: shuffling,
gathering, the call from Python. Ours trains {our_steps:,} steps per round, a peer {peer_steps:,}. An epoch
of ours is measured and includes the curves at its end (plain loss, accuracy, precision, recall, F1, ROC AUC
and average precision on {validation_rows:,} validation rows and on up to 50,000 training rows); an epoch of a
peer is its steps alone, {steps_per_epoch:,} times the time of one. All see the same dense float32 matrix.
"""

HEADINGS = {
    "arithmetic": "Share of the core's peak",
    "threads": "Two cores",
    "memory": "Peak memory",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--peers", type=Path, required=True, help="Python of the environment that holds the peers"
    )
    parser.add_argument("--repeats", type=int, default=5, help="rounds per measurement (default 5)")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; then nothing is written")
    arguments = parser.parse_args()
    parts = arguments.only or PARTS

    introduction = INTRODUCTION.format(
        facts="\n".join(f"- {fact}" for fact in machine.describe()),
        repeats=arguments.repeats,
        before=machine.load(),
    )
    sections = [introduction]
    print(introduction, flush=True)

    def add(heading: str, *paragraphs: str) -> None:
        section = "\n".join([f"## {heading}\n", *(paragraph.rstrip() + "\n" for paragraph in paragraphs)])
        print(section, flush=True)
        sections.append(section)

    if "steps" in parts:
        for workload in WORKLOADS.values():
            times = step_time.measure(arguments.peers, workload, arguments.repeats)
            note = STEPS_NOTE.format(
                our_steps=step_time.OUR_EPOCHS[workload.name] * workload.steps_per_epoch,
                peer_steps=workload.peer_steps,
                validation_rows=workload.validation_rows,
                steps_per_epoch=workload.steps_per_epoch,
            )
            add(f"The {workload.name}'s network", workload.title + ".", step_time.report(times), note)
    if "arithmetic" in parts:
        add(HEADINGS["arithmetic"], arithmetic.report(arithmetic.measure(arguments.repeats)), arithmetic.NOTE)
    if "threads" in parts:
        add(HEADINGS["threads"], threads.report(threads.measure(arguments.repeats)))
    if "memory" in parts:
        add(HEADINGS["memory"], memory.report(memory.measure()), memory.NOTE)
    if not arguments.only:
        RESULTS.write_text("\n".join(sections))
        print(f"written to {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
