"""The table of codes is complete and says what it should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from steelyard import keras
from steelyard.errors import SteelyardWarning
from steelyard.keras.codes import CODES, Code, building, files, refuse, scanning, training, warn, watching

assert keras.__file__ is not None
SOURCES = sorted(Path(keras.__file__).parent.rglob("*.py"))
FAMILIES = (training, building, watching, files, scanning)


def test_no_code_is_used_twice() -> None:
    assert len(CODES) == sum(len(family.CODES) for family in FAMILIES)


def test_codes_that_are_used_exist_and_codes_that_exist_are_used() -> None:
    used: set[str] = set()
    for path in SOURCES:
        if path.parent.name != "codes":
            used |= set(re.findall(r'"(K\d{3})"', path.read_text()))
    assert used == CODES.keys()


@pytest.mark.parametrize("entry", CODES.values(), ids=lambda entry: entry.code)
def test_a_code_says_what_why_and_what_to_do(entry: Code) -> None:
    assert re.fullmatch(r"K[12]\d\d", entry.code)
    assert (entry.code[1] == "1") == (entry.error is None), "K1xx warn, K2xx refuse"
    assert entry.title and not entry.title.endswith(".")
    assert entry.why.endswith(".") and entry.remedy.endswith(".")


def test_warnings_and_errors_begin_with_their_code() -> None:
    with pytest.warns(SteelyardWarning, match="^K104: all of them") as caught:
        warn("K104", "all of them")
    assert caught[0].message.code == "K104"  # type: ignore[union-attr]  # warnings are not typed
    error = refuse("K251", "y holds 1 and 2")
    assert str(error) == "K251: y holds 1 and 2\nhelp: Map the labels to 0 and 1 first."
