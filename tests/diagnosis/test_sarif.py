"""A diagnosis as SARIF 2.1.0.

The schema of the standard is not part of this project: what it requires of the objects used here is written
out in :mod:`tests.diagnosis.sarif_shapes`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.sarif import sarif_of
from tests.diagnosis.results import diagnosis, rich
from tests.diagnosis.sarif_shapes import conforms

RESULT = {
    "ruleId",
    "ruleIndex",
    "level",
    "message",
    "locations",
    "partialFingerprints",
    "properties",
    "suppressions",
}
DESCRIPTOR = {
    "id",
    "name",
    "shortDescription",
    "fullDescription",
    "help",
    "defaultConfiguration",
    "properties",
}
"""All of them properties that the schema knows; it allows no others."""


@pytest.fixture
def run() -> dict[str, Any]:
    log = sarif_of([(Path("logs/my run.csv"), rich())], version="1.2.3")
    json.dumps(log, allow_nan=False)
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (found,) = log["runs"]
    assert isinstance(found, dict)
    return found


def test_the_tool_describes_every_rule(run: dict[str, Any]) -> None:
    assert set(run) == {"tool", "columnKind", "results"}
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("steelyard", "1.2.3")
    assert [one["id"] for one in driver["rules"]] == [rule.code for rule in CATALOGUE]
    for one in driver["rules"]:
        assert set(one) == DESCRIPTOR
        assert one["name"].isidentifier()
        assert one["defaultConfiguration"]["level"] in ("error", "warning", "note")
        for text in (one["shortDescription"], one["fullDescription"], one["help"]):
            assert text["text"].strip()


def test_a_result_for_each_finding_and_suppressed_ones_marked(run: dict[str, Any]) -> None:
    results = {one["ruleId"]: one for one in run["results"]}
    assert set(results) == {"OPT308", "COL206", "DAT603"}, "masked findings are explained by others"
    for one in run["results"]:
        assert set(one) <= RESULT
        assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
    assert results["OPT308"]["level"] == "error"
    assert results["COL206"]["level"] == "note"
    assert results["OPT308"]["message"] == {
        "text": "The loss is not a number from epoch 3 on. Look for missing values."
    }
    assert results["OPT308"]["properties"]["evidence"]["loss"] is None
    assert results["OPT308"]["properties"]["changes"][0] == "optimizer.learning_rate=0.0001"
    assert "suppressions" not in results["OPT308"]
    assert results["DAT603"]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "--ignore"}
    ]


def test_places_are_uris(run: dict[str, Any]) -> None:
    place = run["results"][0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "logs/my%20run.csv"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "history.csv"


def test_an_absolute_path_is_a_file_uri(tmp_path: Path) -> None:
    (result, *_) = sarif_of([(tmp_path / "a b.csv", rich())], version="1")["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///") and uri.endswith("/a%20b.csv")


def test_logs_in_one_file_have_different_fingerprints() -> None:
    pair = [(Path("a.db"), rich()), (Path("a.db"), diagnosis(*rich().results, source="a.db, run 2"))]
    results = sarif_of(pair, version="1")["runs"][0]["results"]
    prints = [one["partialFingerprints"]["rule/v1"] for one in results]
    assert len(set(prints)) == len(prints) == 6


def test_nothing_found_is_an_empty_list() -> None:
    assert sarif_of([(Path("a.csv"), diagnosis())], version="1")["runs"][0]["results"] == []


@pytest.mark.parametrize(
    "name", ["plain.csv", "ein Tag, 20 % größer.csv", "a#b?c.csv", "run[1]{2}|3^4`5.csv", '"quoted".csv']
)
def test_every_object_is_as_the_schema_wants_it(name: str, tmp_path: Path) -> None:
    for path in (Path(name), Path("logs") / name, tmp_path / name):
        conforms(sarif_of([(path, rich()), (path, diagnosis(source=""))], version="1.2.3"), "log")


def test_a_name_that_is_no_utf_8() -> None:
    path = Path(os.fsdecode(b"caf\xe9.csv"))
    conforms(log := sarif_of([(path, rich())], version="1.2.3"), "log")
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "caf%E9.csv"


def test_what_the_schema_does_not_want_is_seen() -> None:
    log = sarif_of([(Path("a.csv"), rich())], version="1.2.3")
    (run,) = log["runs"]
    run["results"][0]["level"] = "smell"
    with pytest.raises(AssertionError, match=r"\$\.runs\[0\]\.results\[0\]\.level"):
        conforms(log, "log")
    run["results"][0] = {"ruleId": "OPT308"}
    with pytest.raises(AssertionError, match=r"lacks .*message"):
        conforms(log, "log")
