"""Findings in short: grouped over networks, and ignored where their warning is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard.cli.diagnosing import diagnosed, judged_log, told
from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.diagnosis.document import document_of
from steelyard.finding import Confidence, Finding, Result, Severity, Status
from steelyard.history import History, Series
from steelyard.log import Facts, Log

DRIFT = {"D106": "along the file the share of positives goes, in percent: 1, 9."}


def finding(code: str, severity: Severity, message: str = "It is so.", advice: str = "Mend it.") -> Finding:
    return Finding(code, f"name_of_{code}", severity, Confidence.LIKELY, message, advice=advice)


def document(*findings: Finding, passed: int = 3) -> dict[str, Any]:
    results = [Result(one.code, one.name, Status.FIRED, finding=one) for one in findings]
    results += [Result(f"X{number}", "x", Status.PASSED) for number in range(passed)]
    return document_of(Diagnosis("a run", "steelyard", tuple(results)))


def lines(documents: Sequence[dict[str, Any]]) -> list[str]:
    """Each entry as one line."""
    return told(documents).replace("\n" + " " * 11, " ").splitlines()


def network(seed: int = 0, **facts: Any) -> Log:
    values = np.array([0.5, 0.4, 0.35])
    series = (Series("train", "loss", values), Series("validation", "loss", values))
    return Log("", "steelyard", History(np.arange(1, 4), series), Facts(seed=seed, **facts))


def test_the_gravest_come_first_and_smells_are_only_named() -> None:
    found = lines(
        [
            document(
                finding("B2", Severity.WARNING),
                finding("C3", Severity.SMELL),
                finding("A1", Severity.ERROR, "All is lost."),
                finding("D4", Severity.SMELL),
            )
        ]
    )
    assert found == [
        "findings   1 error, 1 warning and 2 smells; `steelyard explain CODE` says more",
        "error      A1 name of A1: All is lost. Mend it.",
        "warning    B2 name of B2: It is so. Mend it.",
        "smells     C3 name of C3; D4 name of D4",
    ]


def test_several_networks_are_told_together() -> None:
    both, one = finding("B2", Severity.WARNING, "Both."), finding("C3", Severity.WARNING, "One.")
    found = lines([document(both), document(one, both)])
    assert found[1:] == [
        "warning    B2 name of B2 (in 2 of 2 networks): Both. Mend it.",
        "warning    C3 name of C3 (in 1 of 2 networks): One. Mend it.",
    ]


def test_the_gravest_of_several_networks_speaks() -> None:
    mild, grave = finding("B2", Severity.SMELL), finding("B2", Severity.ERROR, "Worse.")
    assert lines([document(mild), document(grave)])[1:] == [
        "error      B2 name of B2 (in 2 of 2 networks): Worse. Mend it."
    ]


def test_nothing_wrong_is_said() -> None:
    (line,) = lines([document()])
    assert line.startswith("findings   nothing is wrong")
    (line,) = lines([document(), document(passed=0)])
    assert "nothing can be said" in line, "of the network of which least is known"


def test_without_a_diagnosis_nothing_is_told() -> None:
    assert told([]) == ""


def test_each_network_is_judged_under_its_name() -> None:
    logs = [network(seed=4), network(seed=5)]
    judged = diagnosed(logs, Path("runs/a-1"), {})["networks"]
    assert [one["source"] for one in judged] == ["runs/a-1, seed 4", "runs/a-1, seed 5"]
    (alone,) = diagnosed(logs[:1], Path("runs/a-1"), {})["networks"]
    assert alone["source"] == "runs/a-1"


@pytest.mark.parametrize("ignored", [(), ("D103",), ("D106",)])
def test_what_rests_on_an_ignored_warning_is_ignored(ignored: tuple[str, ...]) -> None:
    log = network(validation_way="stratified")
    (judged,) = diagnosed([log], Path("runs/a-1"), DRIFT, ignored)["networks"]
    (drift,) = (one for one in judged["results"] if one["code"] == "DAT608")
    expected = ("ignored", "--ignore D106") if "D106" in ignored else ("fired", "")
    assert (drift["status"], drift["reason"]) == expected


def test_a_rule_may_be_told_of_elsewhere() -> None:
    judged = judged_log(network(), elsewhere={"OPT308": "T104 judges that"})
    (result,) = (one for one in judged["results"] if one["code"] == "OPT308")
    assert (result["status"], result["reason"]) == ("ignored", "T104 judges that")
