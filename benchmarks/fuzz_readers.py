"""``python -m benchmarks.fuzz_readers``: damaged logs by the hundred thousand, for every reader.

Each input is a valid small file with damage that its seed decides (``tests/diagnosis/readers/mutations.py``).
A reader must answer with logs or with a ``DataError``: never with another exception or a warning, never after
more than the time limit, never with more than ten times the file's size in memory (and 8 MiB, which a few
notes and buffers may take). Prints the seeds of what went wrong; ``--seed S --inputs 1`` does that one again.
A run from seed 0 writes its rows into ``benchmarks/fuzz_readers.md``, where they replace those of fewer
inputs; rows of other readers stay there.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from types import FrameType, MappingProxyType

import numpy as np

from benchmarks import machine
from benchmarks.samples import table
from steelyard.diagnosis.readers import READERS, column_map, pickled, read
from steelyard.diagnosis.readers.registry import head_of
from steelyard.errors import DataError
from steelyard.log import Log
from tests.diagnosis.readers.mutations import LARGEST, Sample, damaged
from tests.diagnosis.readers.samples import SAMPLES
from tests.diagnosis.readers.text_samples import COLUMN_MAP

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "fuzz_readers.md"
INPUTS = 100_000
SECONDS = 5.0
"""Of processor time for one file."""
WAITING = 60.0
"""Seconds of any kind for one file, in which a busy machine may do something else."""
FREE = 8 * 2**20
TIMES = 10
MEASURED = 2**16
CHUNK = 250
_SHOWN = 5
_KINDS = ("read", "refused", "traceback", "too slow", "memory")

HEADINGS = (
    *("reader", "inputs", "read", "refused", "tracebacks", "too slow", "too much memory"),
    *("slowest (s)", "highest peak (MiB)", "beyond 8 MiB (× file)"),
)
INTRODUCTION = """\
# Damaged logs

{facts}

Written by `python -m benchmarks.fuzz_readers`. Each input is a valid small file with damage that its seed
decides: bits, bytes, numbers and slices changed, cut out, moved or repeated up to a hundred thousand times,
in the file or in one of its parts before lengths and checksums are put around them, and in JSON other values
and keys. Files are up to {largest} MiB. A reader may give logs (`read`) or a plain message (`refused`).
Counted as wrong is any other exception or a warning, more than {seconds:.0f} s of processor time, and more
memory than ten times the file and 8 MiB on top, which is measured for every file of more than 64 KiB and for
one in 64 of the others. An eighth of the inputs goes through the search for the right reader, as a user's
file does.

"""

_READS: Mapping[str, Callable[[Path], tuple[Log, ...]]] = MappingProxyType(
    {"pickle": pickled.read, "column map": partial(column_map.read, columns=COLUMN_MAP)}
)
"""What reads the samples that no reader of the registry is for."""


class TooSlow(BaseException):
    """The time limit has passed; no reader may catch it."""


@dataclass
class Tally:
    """What became of the inputs of one reader. ``failures`` are by kind the seeds with what was seen."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    inputs: int = 0
    slowest: float = 0.0
    peak: int = 0
    """Most bytes of memory."""
    hungriest: float = 0.0
    """Most memory beyond the free bytes, in file sizes."""

    def fail(self, kind: str, seed: int, seen: str) -> None:
        self.counts[kind] += 1
        self.failures.setdefault(kind, []).append((seed, seen))

    def add(self, other: Tally) -> None:
        self.counts += other.counts
        for kind, seen in other.failures.items():
            self.failures.setdefault(kind, []).extend(seen)
        self.inputs += other.inputs
        self.slowest = max(self.slowest, other.slowest)
        self.peak = max(self.peak, other.peak)
        self.hungriest = max(self.hungriest, other.hungriest)

    def cells(self) -> tuple[str, ...]:
        """What stands in the table behind the reader's name."""
        return (
            f"{self.inputs:,}",
            *(f"{self.counts[kind]:,}" for kind in _KINDS),
            f"{self.slowest:.2f}",
            f"{self.peak / 2**20:.1f}",
            f"{self.hungriest:.1f}",
        )


def one(sample: Sample, seed: int, folder: Path, tally: Tally) -> None:
    """Reads one damaged file, by its own reader or as any file is read; large ones, and some of the others,
    once more while memory is counted, which takes too long to be timed."""
    data = damaged(sample, seed)
    path = folder / sample.file_name
    path.write_bytes(data)
    tally.inputs += 1
    started = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_REAL, WAITING)
        try:
            check(_read(sample, path, any_reader=seed % 8 == 0))
            tally.counts["read"] += 1
        except DataError as error:
            str(error).encode()
            tally.counts["refused"] += 1
        except Exception:  # whatever a reader lets out is what is looked for here
            tally.fail("traceback", seed, traceback.format_exc(limit=-3))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    except TooSlow:
        tally.fail("too slow", seed, f"{len(data):,} bytes")
        return
    tally.slowest = max(tally.slowest, time.process_time() - started)
    if len(data) > MEASURED or seed % 64 == 0:
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
    tally.peak = max(tally.peak, peak)
    tally.hungriest = max(tally.hungriest, (peak - FREE) / max(1, size))
    if peak - FREE > TIMES * size:
        tally.fail("memory", seed, f"{peak:,} bytes for a file of {size:,}")


def _read(sample: Sample, path: Path, any_reader: bool) -> tuple[Log, ...]:
    if any_reader:
        return read(path, trust=sample.reader == "pickle")
    if sample.reader in _READS:
        return _READS[sample.reader](path)
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


def chunk(task: tuple[int, int, int]) -> Tally:
    """Some inputs of one sample, in a process of their own."""
    number, first, count = task
    sample = SAMPLES[number]
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            one(sample, seed, Path(folder), tally)
    return tally


def _begin() -> None:
    signal.signal(signal.SIGPROF, _stop)
    signal.signal(signal.SIGALRM, _stop)
    warnings.simplefilter("error")


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def tasks(chosen: Sequence[int], inputs: int, seed: int) -> Iterator[tuple[int, int, int]]:
    """Chunks of inputs, reader by reader; the samples of one reader share its inputs."""
    of_reader = Counter(SAMPLES[number].reader for number in chosen)
    for number in sorted(chosen, key=lambda number: SAMPLES[number].reader):
        share = -(-inputs // of_reader[SAMPLES[number].reader])
        for first in range(0, share, CHUNK):
            yield number, seed + first, min(CHUNK, share - first)


def written(name: str, tally: Tally) -> None:
    """Puts a reader's row into the table of results, unless one of more inputs is there."""
    rows: dict[str, Sequence[str]] = {}
    if RESULTS.exists():
        for line in RESULTS.read_text(encoding="utf-8").splitlines():
            known, *cells = line.strip("| ").split(" | ")
            if len(cells) == len(HEADINGS) - 1 and cells[0].replace(",", "").isdigit():
                rows[known] = cells
    if name in rows and int(rows[name][0].replace(",", "")) > tally.inputs:
        return
    rows[name] = tally.cells()
    facts = "\n".join(f"- {fact}" for fact in machine.describe())
    text = INTRODUCTION.format(facts=facts, largest=LARGEST // 2**20, seconds=SECONDS)
    lines = table(HEADINGS, [(known, *rows[known]) for known in sorted(rows)])
    RESULTS.write_text(f"{text}{lines}\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=INPUTS, help="damaged files per reader")
    parser.add_argument("--seed", type=int, default=0, help="of the first input; each has the next")
    parser.add_argument("--reader", action="append", help="only this one; may be given again")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    arguments = parser.parse_args()
    chosen = [
        number
        for number, sample in enumerate(SAMPLES)
        if not arguments.reader or sample.reader in arguments.reader
    ]
    print(f"seeds from {arguments.seed}, {arguments.inputs:,} inputs for each reader", flush=True)
    spawn = multiprocessing.get_context("spawn")
    todo = list(tasks(chosen, arguments.inputs, arguments.seed))
    failed = False
    with ProcessPoolExecutor(arguments.processes, mp_context=spawn, initializer=_begin) as pool:
        done = zip(todo, pool.map(chunk, todo), strict=True)
        for name, found in groupby(done, key=lambda pair: SAMPLES[pair[0][0]].reader):
            tally = Tally()
            for _, part in found:
                tally.add(part)
            print(name, *tally.cells(), sep=" | ", flush=True)
            failed |= bool(tally.failures)
            for kind, seen in tally.failures.items():
                for seed, what in seen[:_SHOWN]:
                    print(f"{name}, {kind}, seed {seed}: {what}", flush=True)
            if arguments.seed == 0:
                written(name, tally)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
