"""What was said, counted: by fault and door, and on healthy runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.diagnosis.faults import FAULTS
from benchmarks.diagnosis.healthy import KINDS
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
"""At least, at most, and at most per healthy run."""

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
    """Plain healthy runs, one log for each door. ``alarms`` has false alarms by code, ``judged`` the logs
    in which a rule gave a verdict; those in which its symptom was there by itself count for neither."""

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


def on_healthy(said: Sequence[Said]) -> Healthy:
    """All plain healthy runs together."""
    runs = [one for one in said if one.role == "healthy"]
    alarms = [(code, severity) for one in runs for code, severity in one.fired if code not in one.present]
    return Healthy(
        runs=len(runs),
        errors=sum(severity is Severity.ERROR for _, severity in alarms),
        alarms=Counter(code for code, _ in alarms),
        judged=Counter(code for one in runs for code in one.judged if code not in one.present),
        severity=dict(alarms),
    )


def document(seeds: Sequence[int], counts: Sequence[Counts], healthy: Healthy) -> dict[str, Any]:
    """What docs/rules reads: counts, by code."""
    rules: dict[str, list[dict[str, Any]]] = {}
    for one in counts:
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
        "healthy": {
            "runs": healthy.runs,
            "error_findings": healthy.errors,
            "judged": {rule.code: healthy.judged[rule.code] for rule in CATALOGUE},
            "rules": {rule.code: healthy.alarms[rule.code] for rule in CATALOGUE},
        },
    }


def sections(counts: Sequence[Counts], healthy: Healthy) -> Iterator[str]:
    """The report, in parts."""
    first = [one for one in counts if one.code in V1]
    yield "## The rules that the catalogue wants first\n\n" + _table(first, healthy)
    yield _verdict(first, healthy)
    yield "## Others\n\n" + _table([one for one in counts if one.code not in V1], healthy)
    yield _healthy(healthy)


def _table(counts: Sequence[Counts], healthy: Healthy) -> str:
    headings = ("rule", "fault, against its twin", "door", "detected", "alarms on twins", "on healthy runs")
    rows = [
        (
            f"{one.code} `{_NAMES[one.code]}`",
            one.title,
            one.door,
            _share(one.detected, one.fault_runs) + (f", {one.explained} explained" if one.explained else ""),
            _share(one.false_alarms, one.twin_runs),
            _share(healthy.alarms[one.code], healthy.judged[one.code]),
        )
        for one in counts
    ]
    return table(headings, rows)


def _verdict(counts: Sequence[Counts], healthy: Healthy) -> str:
    missed = [
        f"{one.code} ({one.title}; {one.door})"
        for one in counts
        if not one.hits or healthy.alarms[one.code] > FALSE_ALARMS * healthy.judged[one.code]
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


def _healthy(healthy: Healthy) -> str:
    rows = [
        (
            f"{code} `{_NAMES[code]}`",
            str(healthy.severity[code]),
            _share(count, healthy.judged[code]),
        )
        for code, count in healthy.alarms.most_common()
    ]
    per_twenty = 20.0 * healthy.errors / max(healthy.runs, 1)
    kinds = "\n".join(f"- {kind.title}" for kind in KINDS)
    found = table(("rule", "severity", "runs"), rows) if rows else "No rule fired."
    return (
        f"## Healthy runs\n\n{healthy.runs} logs of sound programs on ten kinds of tables, each through both "
        f"doors:\n\n{kinds}\n\nFindings of severity error: {healthy.errors}, that is {per_twenty:.2g} per 20 "
        f"runs (1 is allowed). Findings whose symptom is not there:\n\n{found}"
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
