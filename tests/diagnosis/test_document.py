"""A diagnosis as JSON, and back."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.diagnosis.document import diagnosis_from, document_of, plain
from steelyard.diagnosis.text import text_of
from steelyard.errors import DataError
from steelyard.finding import Confidence, Severity, Status
from tests.diagnosis.results import diagnosis, finding, fired, rich


def through_json(one: Diagnosis) -> Diagnosis:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return diagnosis_from(json.loads(json.dumps(document_of(one), allow_nan=False), parse_constant=refuse))


def test_what_is_stored_can_be_shown_again() -> None:
    again = through_json(rich())
    assert text_of(again, all_results=True) == text_of(rich(), all_results=True)
    assert again.source == "history.csv"
    assert again["REG401"].finding == rich()["REG401"].finding
    assert again["ARC503"].missing == ("layers",)


def test_findings_are_those_that_fired_the_gravest_first() -> None:
    document = document_of(rich())
    assert [one["code"] for one in document["findings"]] == ["OPT308", "COL206"]
    assert document["counts"] == {"error": 1, "warning": 0, "smell": 1}
    assert [one["status"] for one in document["results"]] == [
        "fired",
        "fired",
        "passed",
        "not applicable",
        "masked",
        "ignored",
    ]


def test_numbers_that_are_none_become_null_and_come_back_as_nan() -> None:
    evidence = {"a": math.nan, "b": math.inf, "c": np.float64(0.5), "d": np.int64(3), "e": "words"}
    one = diagnosis(fired(finding(evidence=evidence)))
    assert document_of(one)["findings"][0]["evidence"] == {
        "a": None,
        "b": None,
        "c": 0.5,
        "d": 3,
        "e": "words",
    }
    back = through_json(one).findings[0].evidence
    assert math.isnan(float(back["a"])) and math.isnan(float(back["b"]))
    assert {name: back[name] for name in "cde"} == {"c": 0.5, "d": 3, "e": "words"}


numbers = st.floats() | st.integers(-(2**60), 2**60)


@given(
    evidence=st.dictionaries(st.text(), numbers | st.text()),
    epochs=st.lists(st.integers(1, 10**6)),
    message=st.text(),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
)
def test_any_finding_survives(
    evidence: dict[str, Any], epochs: list[int], message: str, severity: Severity, confidence: Confidence
) -> None:
    one = diagnosis(
        fired(
            finding(
                severity=severity,
                confidence=confidence,
                evidence=evidence,
                epochs=tuple(epochs),
                message=message,
            )
        )
    )
    assert document_of(through_json(one)) == document_of(one)


def test_arrays_and_enumerations_are_plain() -> None:
    assert plain(np.array([1.0, math.nan])) == [1.0, None]
    assert plain(Status.FIRED) == "fired"
    assert type(plain(Status.FIRED)) is str
    assert plain({"a": (np.bool_(True), None)}) == {"a": [True, None]}


@pytest.mark.parametrize("version", [None, 2, "1"])
def test_another_format_is_refused(version: Any) -> None:
    with pytest.raises(DataError, match="format_version"):
        diagnosis_from({**document_of(rich()), "format_version": version})


@pytest.mark.parametrize(
    "damage",
    [
        {"results": [{"code": "OPT308"}]},
        {"results": None},
        {"answers": [1]},
        {"results": [{**document_of(rich())["results"][0], "status": "flown"}]},
    ],
)
def test_a_damaged_document_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="no whole diagnosis"):
        diagnosis_from({**document_of(rich()), **damage})
