"""docs/rules is what scripts/rules_reference.py writes, and holds no page of a rule that is no more."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from steelyard.diagnosis.rule import SECTIONS
from steelyard.diagnosis.rules import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rules_reference", ROOT / "scripts" / "rules_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(reference: ModuleType) -> dict[str, str]:
    written: dict[str, str] = reference.pages()
    return written


def test_the_pages_are_current(pages: dict[str, str]) -> None:
    found = {path.relative_to(RULES).as_posix(): path.read_text() for path in RULES.rglob("*.md")}
    stale = sorted(path for path in found.keys() | pages.keys() if found.get(path) != pages.get(path))
    assert not stale, "run: python scripts/rules_reference.py"


def test_every_rule_has_a_page_and_a_line(pages: dict[str, str], reference: ModuleType) -> None:
    for rule in CATALOGUE:
        path = reference.page_of(rule)
        assert f"[{rule.code}]({path})" in pages["README.md"]
        headings = re.findall(r"^## (.+)$", pages[path], re.MULTILINE)
        assert [heading for heading in headings if heading in SECTIONS] == list(SECTIONS)
        assert all(f"`{rule.code}.{name}=" in pages[path] for name in rule.thresholds)


def test_what_the_benchmark_counted_is_told(reference: ModuleType) -> None:
    rule = CATALOGUE[0]
    counted = {
        "rules": {
            rule.code: [
                {
                    "fault": "a fault",
                    "door": "keras",
                    "fault_runs": 10,
                    "detected": 9,
                    "explained": 2,
                    "twin_runs": 10,
                    "false_alarms": 1,
                }
            ]
        },
        "healthy": {"runs": 40, "error_findings": 2, "judged": {rule.code: 40}, "rules": {}},
    }
    page = "\n".join(reference._calibrated(rule, counted))
    assert (
        "| a fault | keras | 9 of 10 (60 % to 98 %); 2 masked by a finding that explains it "
        "| 1 of 10 (2 % to 40 %) |" in page
    )
    assert "False alarms in logs of plain healthy runs and searches: 0 of 40 (0 % to 9 %)." in page
    assert "90 % (60 to 98) | 10 % (2 to 40) |" in reference._row(rule, counted)
    assert "2 findings of severity error in all." in reference._index(counted)
    searched = counted | {
        "healthy_searches": {
            "runs": 30,
            "error_findings": 0,
            "judged": {rule.code: 20},
            "rules": {rule.code: 3},
        }
    }
    assert "searches: 3 of 60 (" in "\n".join(reference._calibrated(rule, searched))
    assert "2 findings of severity error in all, in 30 healthy searches none." in reference._index(searched)


def test_markdown_sees_no_marks_in_a_message(reference: ModuleType) -> None:
    assert reference._escaped("2 * `a_*b` < x_y _z_") == r"2 \* `a_*b` \< x_y \_z\_"
