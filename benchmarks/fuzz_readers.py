"""``python -m benchmarks.fuzz_readers``: damaged logs by the hundred thousand, for every reader.

Each input is a valid small file with damage that its seed decides (``tests/diagnosis/readers/mutations.py``).
A reader must answer with logs or with a ``DataError``: never with another exception or a warning, never after
more than the time limit, never with more than ten times the file's size in memory (and 8 MiB, which a few
notes and buffers may take). Prints the seeds of what went wrong; ``--seed S --inputs 1`` does that one again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
import tempfile
import time
import traceback
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import numpy as np

from benchmarks.samples import table
from steelyard.diagnosis.readers import READERS, pickled, read
from steelyard.diagnosis.readers.registry import head_of
from steelyard.errors import DataError
from steelyard.log import Log
from tests.diagnosis.readers.mutations import Sample, damaged
from tests.diagnosis.readers.samples import SAMPLES

SECONDS = 5.0
FREE = 8 * 2**20
TIMES = 10
MEASURED = 2**15
CHUNK = 250
_SHOWN = 5


class TooSlow(BaseException):
    """The time limit has passed; no reader may catch it."""


@dataclass
class Tally:
    """What became of the inputs of one reader. ``failures`` are by kind the seeds with what was seen."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    slowest: float = 0.0
    hungriest: float = 0.0
    """Most memory beyond the free bytes, in file sizes."""

    def fail(self, kind: str, seed: int, seen: str) -> None:
        self.counts[kind] += 1
        self.failures.setdefault(kind, []).append((seed, seen))

    def add(self, other: Tally) -> None:
        self.counts += other.counts
        for kind, seen in other.failures.items():
            self.failures.setdefault(kind, []).extend(seen)
        self.slowest = max(self.slowest, other.slowest)
        self.hungriest = max(self.hungriest, other.hungriest)


def one(sample: Sample, seed: int, folder: Path, tally: Tally) -> None:
    """Reads one damaged file, by its own reader or as any file is read; large ones, and some of the others,
    once more while memory is counted, which takes too long to be timed."""
    data = damaged(sample, seed)
    path = folder / sample.file_name
    path.write_bytes(data)
    started = time.perf_counter()
    try:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            check(_read(sample, path, any_reader=seed % 4 == 0))
            tally.counts["read"] += 1
        except DataError as error:
            str(error).encode()
            tally.counts["refused"] += 1
        except Exception:  # whatever a reader lets out is what is looked for here
            tally.fail("traceback", seed, traceback.format_exc(limit=-3))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except TooSlow:
        tally.fail("too slow", seed, f"{len(data):,} bytes")
        return
    tally.slowest = max(tally.slowest, time.perf_counter() - started)
    if len(data) > MEASURED or seed % 16 == 0:
        _measure(sample, seed, path, len(data), tally)


def _measure(sample: Sample, seed: int, path: Path, size: int, tally: Tally) -> None:
    tracemalloc.start()
    try:
        _read(sample, path, any_reader=False)
    except Exception:  # told of by one()
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    tally.hungriest = max(tally.hungriest, (peak - FREE) / max(1, size))
    if peak - FREE > TIMES * size:
        tally.fail("memory", seed, f"{peak:,} bytes for a file of {size:,}")


def _read(sample: Sample, path: Path, any_reader: bool) -> tuple[Log, ...]:
    if any_reader:
        return read(path, trust=sample.reader == "pickle")
    if sample.reader == "pickle":
        return pickled.read(path)
    reader = next(reader for reader in READERS if reader.name == sample.reader)
    reader.sniff(head_of(path), path)
    return reader.read(path)


def check(logs: Sequence[Log]) -> None:
    """Logs are what their records say: arrays of one length, names that differ, texts that can be printed."""
    for log in logs:
        "".join((log.source, log.format, *log.notes, *log.facts.origins.values())).encode()
        if log.history is None:
            continue
        names = list(log.history)
        "".join(names).encode()
        assert len(set(names)) == len(names), f"names come twice: {names}"
        assert log.history.epochs.dtype == np.int64
        for series in log.history.series:
            assert series.values.dtype == np.float64
            assert series.values.shape == log.history.epochs.shape
            assert series.measured is None or series.measured.shape == log.history.epochs.shape


def chunk(task: tuple[int, int, int]) -> tuple[int, Tally]:
    """Some inputs of one sample, in a process of their own."""
    number, first, count = task
    sample = SAMPLES[number]
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            one(sample, seed, Path(folder), tally)
    return number, tally


def _begin() -> None:
    signal.signal(signal.SIGALRM, _stop)
    warnings.simplefilter("error")


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def tasks(chosen: Sequence[int], inputs: int, seed: int) -> Iterator[tuple[int, int, int]]:
    """Chunks of inputs; the samples of one reader share its inputs."""
    of_reader = Counter(SAMPLES[number].reader for number in chosen)
    for number in chosen:
        share = -(-inputs // of_reader[SAMPLES[number].reader])
        for first in range(0, share, CHUNK):
            yield number, seed + first, min(CHUNK, share - first)


def report(tallies: dict[str, Tally]) -> str:
    """A line for each reader, and the seeds of what went wrong."""
    rows = [
        (
            name,
            *(f"{tally.counts[kind]:,}" for kind in ("read", "refused", "traceback", "too slow", "memory")),
            f"{tally.slowest:.2f}",
            f"{max(0.0, tally.hungriest):.1f}",
        )
        for name, tally in tallies.items()
    ]
    head = (
        "reader",
        "read",
        "refused",
        "tracebacks",
        "too slow",
        "too much memory",
        "slowest (s)",
        "memory (× file)",
    )
    lines = [table(head, rows)]
    for name, tally in tallies.items():
        for kind, seen in tally.failures.items():
            lines += [f"{name}, {kind}, seed {seed}: {what}" for seed, what in seen[:_SHOWN]]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=100_000, help="damaged files per reader")
    parser.add_argument("--seed", type=int, default=0, help="of the first input; each has the next")
    parser.add_argument("--reader", action="append", help="only this one; may be given again")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    arguments = parser.parse_args()
    chosen = [
        number
        for number, sample in enumerate(SAMPLES)
        if not arguments.reader or sample.reader in arguments.reader
    ]
    tallies = {SAMPLES[number].reader: Tally() for number in chosen}
    print(f"seeds from {arguments.seed}, {arguments.inputs:,} inputs for each reader", flush=True)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, mp_context=spawn, initializer=_begin) as pool:
        for number, tally in pool.map(chunk, list(tasks(chosen, arguments.inputs, arguments.seed))):
            tallies[SAMPLES[number].reader].add(tally)
    print(report(tallies))
    return 1 if any(tally.failures for tally in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
