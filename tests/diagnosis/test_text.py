"""A diagnosis as text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.text import amounts, epochs_in_words, text_of, verdict
from steelyard.finding import Severity
from tests.diagnosis.results import diagnosis, finding, fired, passed, rich, unknown

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_says_where_what_and_what_to_do() -> None:
    assert text_of(rich(), width=60) == (
        "history.csv (csv logger): 1 error and 1 smell.\n"
        "\n"
        "Is it overfitting?\n"
        "  No: it diverged.\n"
        "\n"
        "error OPT308 loss not finite (certain)\n"
        "  The loss is not a number from epoch 3 on.\n"
        "  where    epochs 3 to 5\n"
        "  do       Look for missing values.\n"
        "  change   optimizer.learning_rate=0.0001\n"
        "  change   network.hidden_units=[64, 32]\n"
        "  settle   Look at the inputs.\n"
        "\n"
        "smell COL206 accuracy says nothing\n"
        "  Accuracy says nothing.\n"
        "\n"
        "note       one line was torn\n"
        "asked      6 rules: 2 fired, 1 passed, 1 not applicable, 1\n"
        "           masked, 1 ignored\n"
        "supply     --model FILE, or the code: 1 rule needs the\n"
        "           layers"
    )


def test_all_results_end_with_the_reason_of_each_rule_that_did_not_fire() -> None:
    told = text_of(rich(), all_results=True).split("\n\n")[-1]
    assert told == (
        "passed OPT301 loss falls slowly\n  it falls\n"
        "not applicable ARC503 hidden layers all linear\n  not known: ...\n"
        "masked REG401 overfitting\n  explained by OPT308: It rises.\n"
        "ignored DAT603 tail unlike the rest\n  --ignore: The tail differs."
    )


def test_the_gravest_come_first() -> None:
    told = text_of(
        diagnosis(
            fired(finding("AAA101", severity=Severity.SMELL)),
            fired(finding("BBB101", severity=Severity.WARNING)),
            fired(finding("CCC101", severity=Severity.ERROR)),
        )
    )
    assert told.index("CCC101") < told.index("BBB101") < told.index("AAA101")


def test_nothing_found_says_how_much_was_looked_at() -> None:
    assert verdict(diagnosis(passed(), passed(), unknown("layers"), unknown("loss"))) == (
        "nothing is wrong as far as this log tells: 2 rules looked and find no fault; 2 know too little to "
        "say."
    )
    assert verdict(diagnosis(passed(), unknown("layers"))) == (
        "nothing is wrong as far as this log tells: the one rule that could judge finds no fault; 1 knows "
        "too little to say."
    )


def test_nothing_known_is_no_clean_bill() -> None:
    assert verdict(diagnosis(unknown("layers"))) == (
        "nothing can be said: no rule knows enough to judge this log."
    )
    assert "no rule knows enough" in verdict(diagnosis())


@pytest.mark.parametrize("width", [44, 58, 80, 100])
def test_lines_keep_to_the_width(width: int) -> None:
    assert max(map(len, text_of(rich(), width=width).splitlines())) <= width


def test_words_longer_than_a_line_stay_whole() -> None:
    path = "/".join(["folder"] * 30)
    assert path in text_of(diagnosis(passed(), source=path), width=40)


def test_a_terminal_too_narrow_for_words_gets_forty_columns() -> None:
    assert text_of(rich(), width=3) == text_of(rich(), width=40)


def test_colours_change_no_word() -> None:
    plain, coloured = text_of(rich(), all_results=True), text_of(rich(), colour=True, all_results=True)
    assert STYLE.sub("", coloured) == plain
    assert "\x1b[31;1merror OPT308\x1b[0m" in coloured
    assert "\x1b" not in plain
    assert not re.search(r"\x1b\[[0-9;]+m\x1b\[0m", coloured), "nothing to colour, nothing said"


@given(st.text(st.characters(categories=["Cc", "L", "N", "P"])))
def test_names_from_foreign_files_cannot_steer_the_terminal(name: str) -> None:
    told = text_of(
        diagnosis(
            fired(finding(message=f"It is {name} so.", advice=name, settle=name)),
            source=f"run {name}",
            notes=(name,),
        )
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", told)


@pytest.mark.parametrize(
    ("epochs", "words"),
    [
        ((4,), "epoch 4"),
        ((1, 2), "epochs 1 to 2"),
        ((5, 1, 2, 2), "epochs 1 to 2 and 5"),
        ((1, 3, 5, 7, 9, 11), "epochs 1, 3, 5, 7 and 2 more"),
    ],
)
def test_epochs_are_ranges(epochs: tuple[int, ...], words: str) -> None:
    assert epochs_in_words(epochs) == words


def test_amounts_are_of_each_severity() -> None:
    found = [finding(), finding(), finding(severity=Severity.WARNING)]
    assert amounts(found) == "2 errors and 1 warning"
    assert amounts([]) == ""
