"""The boilerplate of a rule fits the catalogue, and is a rule once its TODOs are written."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from steelyard.diagnosis import rules
from steelyard.diagnosis.rule import Rule, diagnose
from steelyard.finding import Status
from tests.diagnosis.signals import curve, signals
from tests.diagnosis.test_catalogue import problems_of

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path(rules.__file__)


def loaded(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scaffold() -> ModuleType:
    return loaded(ROOT / "scripts" / "new_rule.py", "new_rule")


@pytest.fixture
def copy(tmp_path: Path, scaffold: ModuleType) -> Path:
    """The rules beside empty tests, somewhere else."""
    shutil.copytree(CATALOGUE.parent, tmp_path / scaffold.RULES, ignore=shutil.ignore_patterns("__pycache__"))
    for family in CATALOGUE.parent.glob("*/__init__.py"):
        (tmp_path / scaffold.TESTS / family.parent.name).mkdir(parents=True)
    return tmp_path


def made(path: Path) -> Rule:
    (rule,) = (
        one
        for one in vars(loaded(path, f"steelyard.diagnosis.rules.optimisation.{path.stem}")).values()
        if isinstance(one, Rule)
    )
    return rule


def test_the_new_rule_has_the_next_code_and_says_what_is_to_do(copy: Path, scaffold: ModuleType) -> None:
    path, test = scaffold.new_rule("optimisation", "loss_jumps", copy)
    rule = made(path)
    assert (rule.code, rule.name, rule.family) == ("OPT314", "loss_jumps", "optimisation")
    assert list(problems_of(rule)) == ["something is left TODO"]
    assert test.read_text().count("TODO") == 2


def test_it_is_a_rule_once_filled_in(copy: Path, scaffold: ModuleType) -> None:
    path, test = scaffold.new_rule("optimisation", "loss_jumps", copy)
    for file in (path, test):
        file.write_text(re.sub(r"TODO[:,]?", "Said", file.read_text()))
    rule = made(path)
    assert not list(problems_of(rule))
    (result,) = diagnose(signals(validation_loss=curve([0.9, 1.2]), learning_rate=0.1), [rule])
    assert result.status is Status.FIRED and result.finding is not None
    assert result.finding.message == "Said the last validation loss is 1.2 at a learning rate of 0.1."
    compile(test.read_text(), test, "exec")


def test_the_catalogue_gets_an_import_in_its_place_and_an_entry_behind_its_family(
    copy: Path, scaffold: ModuleType
) -> None:
    scaffold.new_rule("optimisation", "loss_jumps", copy)
    text = (copy / scaffold.RULES / "__init__.py").read_text()
    added = [line for line in text.splitlines() if line not in CATALOGUE.read_text().splitlines()]
    assert added == [
        "from steelyard.diagnosis.rules.optimisation.loss_jumps import loss_jumps",
        "    loss_jumps,",
    ]
    assert "    loss_not_cross_entropy,\n    loss_jumps,\n    overfitting,\n" in text


def test_the_formatter_has_nothing_to_add(scaffold: ModuleType) -> None:
    """With a name taken out and put in again the catalogue is what it was, however long its line."""
    text = CATALOGUE.read_text()
    for family, name in re.findall(r"rules\.(\w+)\.(\w+) import", text):
        without = re.sub(rf"^from \S+\.{name} import (\(.*?\)|\w+)\n", "", text, flags=re.M | re.S)
        entries = [line for line in text.splitlines() if line.startswith("    ") and line.endswith(",")]
        assert f"    {name}," in entries
        again = scaffold.with_rule(without.replace(f"    {name},\n", ""), family, name)
        assert sorted(again.splitlines()) == sorted(text.splitlines())
        assert again.partition("CATALOGUE")[0] == text.partition("CATALOGUE")[0]


def test_nothing_is_written_over(copy: Path, scaffold: ModuleType) -> None:
    before = (copy / scaffold.RULES / "__init__.py").read_text()
    with pytest.raises(SystemExit, match="is there already"):
        scaffold.new_rule("optimisation", "loss_never_moves", copy)
    assert (copy / scaffold.RULES / "__init__.py").read_text() == before


@pytest.mark.parametrize("words", [[], ["loss_jumps"], ["nowhere/loss_jumps"], ["search/Loss"], ["a/b", "c"]])
def test_wrong_use_names_the_families(scaffold: ModuleType, words: list[str]) -> None:
    with pytest.raises(SystemExit, match="families: architecture, collapse"):
        scaffold.main(words)
