"""The catalogue is honest: codes, names, sections, thresholds, masks and examples are what they claim."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from steelyard.diagnosis import rules
from steelyard.diagnosis.rule import SECTIONS, Rule
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.finding import Confidence
from tests.diagnosis.examples import example, module_of

FAMILIES = {
    "comparability": "CMP1",
    "collapse": "COL2",
    "optimisation": "OPT3",
    "regularisation": "REG4",
    "architecture": "ARC5",
    "data_and_split": "DAT6",
    "imbalance": "IMB7",
    "search": "SRC8",
    "forensics": "LOG9",
}
"""By family, in the order of the catalogue, how its codes begin."""

ENTRIES = {"A": 9, "B": 7, "C": 13, "D": 7, "E": 9, "F": 12, "G": 6, "H": 10}
"""How many pathologies the catalogue has under each letter: 73."""

REMEDIES = {
    "add",
    "avoid",
    "balance",
    "calibrate",
    "change",
    "check",
    "choose",
    "clip",
    "decrease",
    "do",
    "fix",
    "increase",
    "keep",
    "lower",
    "raise",
    "reduce",
    "remove",
    "scale",
    "set",
    "shuffle",
    "standardize",
    "stop",
    "stratify",
    "try",
    "tune",
    "use",
    "widen",
}
"""Words that a name of a remedy would begin with."""

FOLDER = Path(rules.__file__).parent
ROOT = Path(__file__).resolve().parent.parent.parent
each_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)


def problems_of(rule: Rule) -> Iterator[str]:
    """What a rule still lacks, by its text alone."""
    text = inspect.getdoc(rule.function) or ""
    title, _, rest = text.partition("\n")
    if not title.endswith(".") or rest[:1] != "\n":
        yield "the docstring opens with one sentence on a line of its own"
    if list(rule.sections) != list(SECTIONS):
        yield f"sections are {list(rule.sections)}"
    yield from (f"{name} is empty" for name, said in rule.sections.items() if not said)
    if "TODO" in text + rule.function.__name__:
        yield "something is left TODO"
    told = " ".join(rule.sections.values())
    yield from (
        f"the text does not say what ``{name}`` does" for name in rule.thresholds if f"``{name}``" not in told
    )
    for name, value in rule.thresholds.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"threshold {name} is no number"
    if rule.name.split("_")[0] in REMEDIES:
        yield f"{rule.name} names a remedy; a rule is called by its symptom"


def test_codes_are_sorted_by_family_and_number_and_none_is_there_twice() -> None:
    assert [family for family, _ in groupby(CATALOGUE, key=lambda rule: rule.family)] == list(FAMILIES)
    for family, members in groupby(CATALOGUE, key=lambda rule: rule.family):
        codes = [rule.code for rule in members]
        assert all(re.fullmatch(FAMILIES[family] + r"\d\d", code) for code in codes)
        assert codes == sorted(set(codes))


def test_no_name_and_no_title_is_there_twice() -> None:
    assert len({rule.name for rule in CATALOGUE}) == len(CATALOGUE)
    assert len({rule.title for rule in CATALOGUE}) == len(CATALOGUE)


def test_every_file_is_a_rule_of_the_catalogue() -> None:
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.py")}
    inits = {f"{family}/__init__.py" for family in FAMILIES}
    assert files - inits == {f"{rule.family}/{rule.name}.py" for rule in CATALOGUE}
    for rule in CATALOGUE:
        opening = (FOLDER / rule.family / f"{rule.name}.py").read_text().partition("\n")[0]
        assert opening.startswith(f'"""{rule.code}: ') and opening.endswith('."""'), opening


@each_rule
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    assert not list(problems_of(rule))


@each_rule
def test_a_rule_uses_what_it_asks_for(rule: Rule) -> None:
    body = ast.parse(textwrap.dedent(inspect.getsource(rule.function)))
    used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    assert {*rule.signals, *rule.thresholds} <= used


@each_rule
def test_codes_that_a_rule_names_exist(rule: Rule) -> None:
    named = set(
        re.findall(r"\b[A-Z]{3}\d{3}\b", inspect.getsource(inspect.getmodule(rule.function) or rules))
    )
    assert named <= {other.code for other in CATALOGUE}
    assert set(rule.unless) <= {other.code for other in CATALOGUE} - {rule.code}


def test_no_two_rules_silence_each_other() -> None:
    """Nor any ring of them: each would then be explained by another, and none told."""
    waiting = {rule.code: set(rule.unless) for rule in CATALOGUE}
    while ready := [code for code, by in waiting.items() if not by & set(waiting)]:
        for code in ready:
            del waiting[code]
    assert not waiting


def test_every_pathology_of_the_catalogue_has_a_rule() -> None:
    entries = {f"{letter}{number + 1}" for letter, count in ENTRIES.items() for number in range(count)}
    assert len(entries) == 73
    named = {rule.catalogue for rule in CATALOGUE}
    assert entries <= named <= entries | {"forensics", ""}


@each_rule
def test_a_rule_that_is_an_entry_has_its_number(rule: Rule) -> None:
    """So that OPT308 can be found as C8; further rules of a letter come after its entries."""
    letter, number = rule.catalogue[:1], rule.catalogue[1:]
    if number.isdigit() and int(rule.code[-2:]) <= ENTRIES[letter]:
        assert FAMILIES[rule.family] == list(FAMILIES.values())["ABCDEFGH".index(letter)]
        assert int(rule.code[-2:]) == int(number)


@each_rule
def test_a_rule_has_tests_and_an_example_that_can_be_read_aloud(rule: Rule) -> None:
    assert (ROOT / (module_of(rule).replace(".", "/") + ".py")).exists()
    finding = example(rule)
    if rule.sections[SECTIONS[0]].startswith("It never fires."):
        assert finding is None
        return
    assert finding is not None, "no test without parameters makes it fire"
    assert finding.code == rule.code
    sentences = re.split(r"(?<=[.?!]) (?=[A-Z0-9])", finding.message)
    assert 1 <= len(sentences) <= 4 and finding.message.endswith(".")
    assert re.search(r"\d", finding.message) or rule.name in WITHOUT_NUMBERS, "no number in the message"
    assert not re.search(r"\bnan\b|\binf\b|[{}]|  ", finding.message), finding.message
    assert finding.evidence, "the numbers of the message by name"
    assert finding.advice.endswith(".")
    if finding.confidence is Confidence.POSSIBLE:
        assert finding.settle, "a finding that is only possible says what would settle it"


WITHOUT_NUMBERS = {"monitor_misdirected", "metric_names_unpaired"}
"""Rules about names alone."""
