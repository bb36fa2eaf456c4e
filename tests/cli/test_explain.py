"""``steelyard explain``: rules, warnings, families, and what is no code."""

from __future__ import annotations

import re

import pytest

from steelyard.checks import CODES as DATA_CODES
from steelyard.cli.explain_page import Page
from steelyard.cli.explanation import explained, overview
from steelyard.diagnosis.rule import SECTIONS, Rule
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.errors import SteelyardError
from tests.cli.calls import Steelyard

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_a_rule_is_told_whole(steelyard: Steelyard) -> None:
    done = steelyard("explain", "opt308")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("OPT308 loss not finite\nThe loss is no longer a number.\nerror, certain")
    places = [done.stdout.index(f"\n{heading}\n") for heading in SECTIONS]
    assert places == sorted(places)
    assert "the training loss as logged" in done.stdout
    assert "OPT308.gentler  10" in done.stdout


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_every_rule_can_be_told_in_a_narrow_window(rule: Rule) -> None:
    told = explained([rule.code], Page(60, colour=True))
    plain = STYLE.sub("", told)
    assert plain == explained([rule.code], Page(60, colour=False))
    assert "``" not in plain and ":class:" not in plain
    assert max(len(line) for line in plain.splitlines()) <= 60 + 20, "only a long word may stick out"


def test_the_list_holds_every_code(steelyard: Steelyard) -> None:
    told = steelyard("explain").stdout
    assert all(rule.code in told for rule in CATALOGUE)
    assert all(code in told for code in DATA_CODES)
    assert {"K104", "T101"} <= set(told.split())
    assert told == overview(Page(100, colour=False)) + "\n"


def test_by_name_family_or_beginning(steelyard: Steelyard) -> None:
    assert steelyard("explain", "loss_not_finite").stdout == steelyard("explain", "OPT308").stdout
    assert steelyard("explain", "loss not finite").stdout == steelyard("explain", "OPT308").stdout
    family = steelyard("explain", "optimisation").stdout.split("\n")
    assert family[0].strip().startswith("OPT301  ")
    assert steelyard("explain", "OPT").stdout.split("\n") == family


def test_a_warning_has_why_and_what_to_do(steelyard: Steelyard) -> None:
    told = steelyard("explain", "D101").stdout
    assert told.startswith("D101 one column predicts alone\na warning\n\nWhy it matters\n")
    assert "What to do" in told


def test_several_in_their_order(steelyard: Steelyard) -> None:
    told = steelyard("explain", "LOG911", "COL202").stdout
    assert told.index("LOG911 zero recall") < told.index("COL202 nothing above half")


@pytest.mark.parametrize(
    ("code", "hint"),
    [("OTP308", "'OPT308'"), ("loss_not_finit", "'loss_not_finite'"), ("D11O", "'D1")],
)
def test_the_nearest_is_suggested(steelyard: Steelyard, code: str, hint: str) -> None:
    done = steelyard("explain", "OPT308", code)
    assert done.exit_code == 2
    assert f"there is no code or rule {code!r} (did you mean {hint}" in done.stderr
    assert done.stdout == ""


def test_all_that_mean_nothing_are_named() -> None:
    with pytest.raises(SteelyardError) as refused:
        explained(["X1", "OPT308", "Y2"], Page(80, colour=False))
    assert len(refused.value.problems) == 2


def test_lists_and_examples_keep_their_form() -> None:
    text = "Before:\n\n- one thing that\n  goes on\n- another\n\n    kept  as it is\n"
    assert Page(30, colour=False).paragraphs(text) == (
        "  Before:\n\n  - one thing that goes on\n  - another\n\n    kept  as it is"
    )
