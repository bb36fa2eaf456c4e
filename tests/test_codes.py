"""A code stands in front of what warns or refuses, whichever part of the program it is from."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping

import pytest

from steelyard import silence
from steelyard.checks import CODES as DATA_CODES
from steelyard.codes import Code, refusal, table, warn, worded
from steelyard.errors import DataError, SteelyardWarning
from steelyard.keras.codes import CODES as KERAS_CODES
from steelyard.tuning.analysis import CODES as SEARCH_CODES

ODD = Code("X101", "an odd thing", "It is odd.", "Make it even.")
WRONG = Code("X201", "a wrong thing", "It is wrong.", "Mend it.", DataError)


@pytest.mark.parametrize(
    ("codes", "form"),
    [(DATA_CODES, r"D1\d\d"), (SEARCH_CODES, r"T1\d\d"), (KERAS_CODES, r"K[12]\d\d")],
)
def test_a_code_says_what_why_and_what_to_do(codes: Mapping[str, Code], form: str) -> None:
    for name, entry in codes.items():
        assert re.fullmatch(form, entry.code)
        assert name == entry.code
        assert entry.title and not entry.title.endswith(".")
        assert entry.why.endswith((".", "?")) and entry.remedy.endswith(".")


def test_no_code_of_one_part_is_one_of_another() -> None:
    assert len(DATA_CODES | SEARCH_CODES | KERAS_CODES) == sum(
        map(len, (DATA_CODES, SEARCH_CODES, KERAS_CODES))
    )


def test_a_table_keeps_its_order_and_no_code_twice() -> None:
    assert list(table([WRONG, ODD])) == ["X201", "X101"]
    with pytest.raises(AssertionError, match="X101 is there twice"):
        table([ODD, WRONG, ODD])


def test_a_warning_carries_its_code_and_points_at_the_caller() -> None:
    with pytest.warns(SteelyardWarning, match="^X101: three of them") as caught:
        warn(ODD, "three of them")
    assert caught[0].message.code == "X101"  # type: ignore[union-attr]  # warnings are not typed
    assert caught[0].filename == __file__


def test_a_warning_is_silenced_by_its_code() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        silence("X101")
        warn(ODD, "three of them")
        warn(Code("X1011", "another", "It is.", "Let it be."), "a longer code is another one")
    assert [str(one.message) for one in caught] == ["X1011: a longer code is another one"]


def test_a_refusal_is_the_error_of_its_code_and_says_the_remedy() -> None:
    error = refusal(WRONG, "3 of them")
    assert isinstance(error, DataError)
    assert (error.problems, error.help) == ((worded("X201", "3 of them"),), "Mend it.")
    assert refusal(WRONG, "3 of them", help="Look there.").help == "Look there."


def test_a_warning_is_no_refusal_and_a_refusal_no_warning() -> None:
    with pytest.raises(AssertionError, match="X101 is not an error"):
        refusal(ODD, "")
    with pytest.raises(AssertionError, match="X201 is not a warning"):
        warn(WRONG, "")
