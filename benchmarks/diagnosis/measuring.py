"""Trains faults, twins, healthy runs and healthy searches, lets all rules judge, and keeps what each said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Literal

from benchmarks.diagnosis.faults import FAULTS
from benchmarks.diagnosis.healthy import KINDS
from benchmarks.diagnosis.healthy_searches import SEARCHES
from benchmarks.diagnosis.truth import present
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.finding import Severity, Status

Role = Literal["fault", "twin", "healthy", "search"]
"""``healthy`` is a single run, ``search`` a healthy search."""


@dataclass(frozen=True)
class Said:
    """What the rules said of one log. ``number`` is that of the fault, or of the kind of healthy run or
    search.

    ``fired`` are codes with the severity of their finding; ``explained`` are codes that fired and were
    masked by another finding; ``judged`` all that gave a verdict; ``present`` symptoms that are there by
    themselves, found without any rule.
    """

    role: Role
    number: int
    seed: int
    door: str
    fired: tuple[tuple[str, Severity], ...]
    explained: tuple[str, ...]
    judged: tuple[str, ...]
    present: tuple[str, ...]


Task = tuple[Role, int, int]


def tasks(seeds: Sequence[int], codes: Sequence[str] = ()) -> list[Task]:
    """Every role, number and seed; with ``codes`` only the faults of these, and healthy runs
    and searches only if ``healthy`` and ``search`` are among them."""
    faults = [number for number, one in enumerate(FAULTS) if not codes or one.code in codes]
    kinds: list[tuple[Role, int]] = [("healthy", number) for number in range(len(KINDS))]
    kinds += [("search", number) for number in range(len(SEARCHES))]
    return [
        *((role, number, seed) for number in faults for role in _ROLES for seed in seeds),
        *((role, number, seed) for role, number in kinds if not codes or role in codes for seed in seeds),
    ]


_ROLES: tuple[Role, ...] = ("fault", "twin")


def measure(tasks: Sequence[Task], processes: int) -> Iterator[list[Said]]:
    """For each task, in their order, one record for each log."""
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(judge, tasks, chunksize=4)


def judge(task: Task) -> list[Said]:
    """Trains what a task asks for, and judges it through each of its doors."""
    role, number, seed = task
    match role:
        case "fault":
            logs = FAULTS[number].fault(seed)
        case "twin":
            logs = FAULTS[number].twin(seed)
        case "healthy":
            logs = KINDS[number](seed)
        case "search":
            logs = SEARCHES[number](seed)
    by_themselves = present(logs.values())
    found = []
    for door, log in logs.items():
        diagnosis = diagnosis_of(log)
        results = diagnosis.results
        found.append(
            Said(
                role,
                number,
                seed,
                door,
                fired=tuple((one.code, one.severity) for one in diagnosis.findings),
                explained=tuple(one.code for one in results if one.status is Status.MASKED),
                judged=tuple(one.code for one in results if one.status is not Status.NOT_APPLICABLE),
                present=by_themselves,
            )
        )
    return found
