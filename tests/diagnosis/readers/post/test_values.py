import ast
from typing import Any

import pytest

from steelyard.diagnosis.readers.post.values import (
    UNKNOWN,
    Call,
    Item,
    Name,
    Operation,
    ancestry,
    number,
    value_of,
    whole,
)


def value(text: str, **variables: Any) -> Any:
    return value_of(ast.parse(text, mode="eval").body, variables)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-0.5", -0.5),
        ("[1, 'a', None]", [1, "a", None]),
        ("{'a': 1, 0: 2.5}", {"a": 1, 0: 2.5}),
        ("dict(a=1)", {"a": 1}),
        ("{'a': [1, 2]}['a'][1]", 2),
        ("int(7 * 0.5)", 3),
        ("2 ** 10", 1024),
    ],
)
def test_what_can_be_known(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["9 ** 9 ** 9 ** 9", "1 / 0", "10 ** 400", "'a' * 10 ** 9", "...", "1j"])
def test_what_would_be_dangerous_or_is_nothing_stays_unknown(text: str) -> None:
    found = value(text)
    assert found is UNKNOWN or isinstance(found, Operation)


def test_a_name_keeps_its_path_and_a_call_what_it_was_made_with() -> None:
    call = value("ta.Scan(X, params=p)", ta=Name("talos"), p={"lr": [1]})
    assert isinstance(call, Call)
    assert (call.function, call.name) == ("talos.Scan", "Scan")
    assert call.argument(None, "params") == {"lr": [1]}


def test_the_way_back_of_a_value() -> None:
    split = value("train_test_split(X, y)")
    held_out = value("scaler.transform(part)", part=Item(split, 1))
    assert split in list(ancestry(held_out))


def test_a_value_that_grows_by_itself_is_walked_within_bounds() -> None:
    grown: Any = Name("x")
    for _ in range(200):
        grown = [grown, grown]
    assert len(list(ancestry(grown))) <= 2000


def test_numbers() -> None:
    assert (number(True), number("1"), number(float("nan")), number(10**400)) == (None,) * 4
    assert (whole(3.0), whole(3.5)) == (3, None)
