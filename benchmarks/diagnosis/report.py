"""What was said, counted: by fault and door, on healthy runs and on healthy searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.diagnosis.faults import FAULTS
from benchmarks.diagnosis.healthy import KINDS
from benchmarks.diagnosis.healthy_searches import SEARCHES
from benchmarks.diagnosis.measuring import Role, Said
from benchmarks.samples import table
from steelyard.diagnosis.arithmetic import wilson
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.finding import Severity

V1 = (
    *("CMP101", "CMP102", "CMP104", "CMP105", "COL201", "COL202", "OPT301", "OPT303", "OPT305", "REG401"),
    *("REG403", "REG404", "ARC501", "ARC502", "ARC503", "DAT601", "DAT603", "IMB701", "IMB703", "IMB704"),
    *("SRC801", "SRC803", "SRC804", "SRC805", "SRC806"),
)
"""The rules that the catalogue wants first."""
DETECTED, FALSE_ALARMS, ERRORS = 0.9, 0.05, 1 / 20
"""At least, at most, and at most per healthy run or search."""

_NAMES = {one.code: one.name for one in CATALOGUE}


@dataclass(frozen=True)
class Counts:
    """One fault through one door. ``explained`` of those ``detected`` fired and were masked by a finding that
    explains them."""

    code: str
    title: str
    door: str
    fault_runs: int
    detected: int
    explained: int
    twin_runs: int
    false_alarms: int

    @property
    def hits(self) -> bool:
        """Whether it is within the target."""
        return (
            self.detected >= DETECTED * self.fault_runs and self.false_alarms <= FALSE_ALARMS * self.twin_runs
        )


@dataclass(frozen=True)
class Healthy:
    """Logs with which nothing is wrong: of runs one for each door, of searches one each. ``alarms`` has false
    alarms by code, ``judged`` the logs in which a rule gave a verdict; those in which its symptom was there
    by itself count for neither. ``severity`` is the gravest that an alarm had."""

    runs: int
    errors: int
    alarms: Counter[str]
    judged: Counter[str]
    severity: dict[str, Severity]


def by_fault(said: Sequence[Said]) -> list[Counts]:
    """In the order of the faults, then of the doors."""
    return [
        _counted(number, door, said)
        for number in sorted({one.number for one in said if one.role == "fault"})
        for door in dict.fromkeys(one.door for one in _of(said, "fault", number))
    ]


@dataclass(frozen=True)
class Calibration:
    """All that was counted, the faults in their order and by door."""

    counts: tuple[Counts, ...]
    runs: Healthy
    searches: Healthy

    def on_healthy(self, code: str) -> tuple[int, int]:
        """False alarms of a rule, and verdicts, on healthy runs and searches together."""
        alarms = self.runs.alarms[code] + self.searches.alarms[code]
        return alarms, self.runs.judged[code] + self.searches.judged[code]


def calibration(said: Sequence[Said]) -> Calibration:
    """What was said, counted."""
    return Calibration(tuple(by_fault(said)), on_healthy(said, "healthy"), on_healthy(said, "search"))


def on_healthy(said: Sequence[Said], role: Role) -> Healthy:
    """All plain healthy runs together, or all healthy searches."""
    runs = [one for one in said if one.role == role]
    alarms = [(code, severity) for one in runs for code, severity in one.fired if code not in one.present]
    return Healthy(
        runs=len(runs),
        errors=sum(severity is Severity.ERROR for _, severity in alarms),
        alarms=Counter(code for code, _ in alarms),
        judged=Counter(code for one in runs for code in one.judged if code not in one.present),
        severity={code: _gravest(how for other, how in alarms if other == code) for code, _ in alarms},
    )


def document(seeds: Sequence[int], found: Calibration) -> dict[str, Any]:
    """What docs/rules reads: counts, by code."""
    rules: dict[str, list[dict[str, Any]]] = {}
    for one in found.counts:
        rules.setdefault(one.code, []).append(
            {
                "fault": one.title,
                "door": one.door,
                "fault_runs": one.fault_runs,
                "detected": one.detected,
                "explained": one.explained,
                "twin_runs": one.twin_runs,
                "false_alarms": one.false_alarms,
            }
        )
    return {
        "seeds": list(seeds),
        "rules": rules,
        "healthy": _counts_of(found.runs),
        "healthy_searches": _counts_of(found.searches),
    }


def _counts_of(healthy: Healthy) -> dict[str, Any]:
    return {
        "runs": healthy.runs,
        "error_findings": healthy.errors,
        "judged": {rule.code: healthy.judged[rule.code] for rule in CATALOGUE},
        "rules": {rule.code: healthy.alarms[rule.code] for rule in CATALOGUE},
    }


def sections(found: Calibration) -> Iterator[str]:
    """The report, in parts."""
    first = [one for one in found.counts if one.code in V1]
    yield "## The rules that the catalogue wants first\n\n" + _table(first, found)
    yield _verdict(first, found)
    yield "## Others\n\n" + _table([one for one in found.counts if one.code not in V1], found)
    yield (
        f"## Healthy runs\n\n{found.runs.runs} logs of sound programs on {len(KINDS)} kinds of tables, each "
        "through both doors:\n\n" + _healthy(found.runs, [kind.title for kind in KINDS])
    )
    yield (
        f"## Healthy searches\n\n{found.searches.runs} sound searches of {len(SEARCHES)} kinds, whose "
        "settings really differ and whose best lies inside what was tried:\n\n"
        + _healthy(found.searches, [kind.title for kind in SEARCHES])
    )


def _table(counts: Sequence[Counts], found: Calibration) -> str:
    headings = (
        *("rule", "fault, against its twin", "door", "detected", "alarms on twins"),
        "on healthy runs and searches",
    )
    rows = [
        (
            f"{one.code} `{_NAMES[one.code]}`",
            one.title,
            one.door,
            _share(one.detected, one.fault_runs) + (f", {one.explained} explained" if one.explained else ""),
            _share(one.false_alarms, one.twin_runs),
            _share(*found.on_healthy(one.code)),
        )
        for one in counts
    ]
    return table(headings, rows)


def _verdict(counts: Sequence[Counts], found: Calibration) -> str:
    missed = [
        f"{one.code} ({one.title}; {one.door})"
        for one in counts
        if not (one.hits and _seldom(found.runs, one.code) and _seldom(found.searches, one.code))
    ]
    absent = [code for code in V1 if code not in {one.code for one in counts}]
    lines = [
        f"Target: {DETECTED:.0%} detected at {FALSE_ALARMS:.0%} false alarms. "
        + (f"Missed by {len(missed)}: {'; '.join(missed)}." if missed else "Met by all of these.")
    ]
    hidden = [
        f"{one.code} ({one.detected - one.explained}/{one.fault_runs}; {one.title}; {one.door})"
        for one in counts
        if one.detected - one.explained < DETECTED * one.fault_runs <= one.detected
    ]
    if hidden:
        lines.append(f"Below it if explained findings did not count: {'; '.join(hidden)}.")
    if absent:
        lines.append(f"Without a fault: {', '.join(absent)}.")
    return "\n".join(lines)


def _seldom(healthy: Healthy, code: str) -> bool:
    return healthy.alarms[code] <= FALSE_ALARMS * healthy.judged[code]


def _gravest(severities: Iterable[Severity]) -> Severity:
    seen = set(severities)
    return next(one for one in (Severity.ERROR, Severity.WARNING, Severity.SMELL) if one in seen)


def _healthy(healthy: Healthy, titles: Sequence[str]) -> str:
    rows = [
        (
            f"{code} `{_NAMES[code]}`",
            str(healthy.severity[code]),
            _share(count, healthy.judged[code]),
        )
        for code, count in healthy.alarms.most_common()
    ]
    per_twenty = 20.0 * healthy.errors / max(healthy.runs, 1)
    kinds = "\n".join(f"- {title}" for title in titles)
    found = table(("rule", "gravest severity", "logs"), rows) if rows else "None."
    return (
        f"{kinds}\n\nFindings of severity error: {healthy.errors}, that is {per_twenty:.2g} per 20 logs (1 "
        f"is allowed). Findings whose symptom is not there:\n\n{found}"
    )


def _share(count: int, runs: int) -> str:
    if not runs:
        return "–"
    low, high = wilson(count, runs)
    return f"{count}/{runs} ({low:.0%}–{high:.0%})"


def _of(said: Sequence[Said], role: Role, number: int, door: str | None = None) -> list[Said]:
    return [one for one in said if one.role == role and one.number == number and door in (None, one.door)]


def _counted(number: int, door: str, said: Sequence[Said]) -> Counts:
    fault = FAULTS[number]
    faults, twins = _of(said, "fault", number, door), _of(said, "twin", number, door)
    explained = sum(fault.code in one.explained for one in faults)
    return Counts(
        code=fault.code,
        title=fault.title,
        door=door,
        fault_runs=len(faults),
        detected=explained + sum(fault.code in dict(one.fired) for one in faults),
        explained=explained,
        twin_runs=len(twins),
        false_alarms=sum(fault.code in dict(one.fired) for one in twins),
    )
