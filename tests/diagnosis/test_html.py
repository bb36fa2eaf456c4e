"""A diagnosis in a notebook."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from steelyard.diagnosis.answers import Answer
from steelyard.diagnosis.diagnoses import Diagnoses
from steelyard.diagnosis.diagnosis import Diagnosis, diagnosis_of
from steelyard.diagnosis.html import html_of
from steelyard.finding import Confidence, Finding, Result, Severity, Status
from steelyard.log import Log
from steelyard.recipe import Change

HOSTILE = "<script>alert('x')</script>&\x1b[2J"
FINDING = Finding(
    code="REG401",
    name="overfitting",
    severity=Severity.WARNING,
    confidence=Confidence.POSSIBLE,
    message=f"It rises. {HOSTILE}",
    evidence={"best_epoch": 12345, "lowest": 0.123456, "which": HOSTILE},
    epochs=(3, 4, 5),
    changes=(Change("network.dropout", 0.3),),
    advice="Stop early.",
    settle="More rows would.",
)
DIAGNOSIS = Diagnosis(
    source=HOSTILE,
    format="keras history",
    results=(
        Result("REG401", "overfitting", Status.FIRED, finding=FINDING),
        Result("OPT308", "loss_not_finite", Status.PASSED, f"all finite {HOSTILE}"),
        Result("ARC501", "softmax_on_one_unit", Status.NOT_APPLICABLE, "not known", missing=("layers",)),
    ),
    answers=(Answer(f"Is it overfitting? {HOSTILE}", f"Yes. {HOSTILE}", ("REG401",)),),
    notes=(HOSTILE,),
)


class Balanced(HTMLParser):
    """Fails if tags are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)
        assert not {name for name, _ in attrs} - {"class"}, "no handlers, no addresses"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: str) -> Balanced:
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_it_says_what_there_is_to_say() -> None:
    page = html_of(DIAGNOSIS)
    for text in (
        "warning REG401",
        "(possible)",
        "Stop early.",
        "<code>network.dropout=0.3</code>",
        "More rows would.",
        "epochs 3 to 5",
        "12,345",
        "0.1235",
        "--model FILE",
        "3 rules: 1 fired",
    ):
        assert text in page


def test_it_stands_by_itself_and_is_sound() -> None:
    page = html_of(DIAGNOSIS)
    assert "script" not in parsed(page).seen
    assert "http" not in page and "@import" not in page and "url(" not in page


def test_names_of_foreign_files_are_only_text() -> None:
    page = html_of(DIAGNOSIS)
    assert "<script" not in page
    assert "\x1b" not in page
    assert page.count("&lt;script&gt;") == 8, "once for each place it stands in"


def test_where_nothing_was_found_that_is_said() -> None:
    page = html_of(diagnosis_of(Log("here", "keras history")))
    parsed(page)
    assert "nothing can be said" in page
    assert "sy-finding sy-" not in page.partition("</style>")[2]


def test_records_show_themselves() -> None:
    assert DIAGNOSIS._repr_html_() == html_of(DIAGNOSIS)
    both = Diagnoses([DIAGNOSIS, DIAGNOSIS])
    assert both._repr_html_() == 2 * html_of(DIAGNOSIS)
    assert str(both) == f"{DIAGNOSIS}\n\n{DIAGNOSIS}"
    assert repr(both) == "<Diagnoses of 2 logs: 2 findings>"
    assert (len(both), both.worst, Diagnoses([]).worst) == (2, Severity.WARNING, None)


def luminance(colour: str) -> float:
    """As the Web Content Accessibility Guidelines define it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", sorted(set(re.findall(r"background:(#\w{6})", html_of(DIAGNOSIS)))))
def test_white_text_can_be_read_on_the_badges(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5
