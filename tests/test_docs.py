"""The documents tell the truth: links lead somewhere, examples run, nothing names one person's machine."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from steelyard.datasets import web_shop_visits
from steelyard.recipe import Recipe
from steelyard.tuning.space import check_space, space_from_toml

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
NOT_SOURCES = {".git", ".venv", ".venv-peers", "build", "dist", "runs", "__pycache__", ".hypothesis"}
CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"}


def blocks(path: Path, *languages: str) -> list[str]:
    """The fenced blocks of a document in one of the languages."""
    return [
        body
        for language, body in re.findall(
            r"^```(\w+)[^\n]*\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE
        )
        if language in languages
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f"{relative(path)} links to {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_make_targets_that_are_named_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)\b[^`]*`", path.read_text()))
    for block in blocks(path, "sh", "bash", "console"):
        named |= set(re.findall(r"^\s*\$?\s*make ([a-z-]+)", block, re.MULTILINE))
    assert named <= targets


def test_no_file_names_one_machine() -> None:
    """Absolute paths of somebody's machine have no place in the project."""
    machine_path = re.compile(r"(?<![\w./}>~-])/(?:tmp|work|root|opt|Users|home)/\w")
    for path in sorted(ROOT.rglob("*")):
        parts = set(path.relative_to(ROOT).parts)
        if parts & (NOT_SOURCES | CACHES) or not path.is_file() or path.suffix in {".so", ".pyc"}:
            continue
        found = machine_path.search(path.read_text(errors="ignore"))
        assert found is None, f"{relative(path)} contains {found and found[0]}..."


EXAMPLES = [(path, number) for path in DOCUMENTS for number in range(len(blocks(path, "python")))]


@pytest.mark.parametrize(("path", "number"), EXAMPLES, ids=lambda value: str(getattr(value, "name", value)))
def test_python_examples_run(path: Path, number: int, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(blocks(path, "python")[number])
    done = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_space_in_the_document_is_one() -> None:
    (text,) = blocks(ROOT / "docs" / "tuning.md", "toml")
    check_space(space_from_toml(text), Recipe())


def commands(path: Path) -> list[list[str]]:
    """The words of every ``$ steelyard ...`` in a document, in order."""
    lines = [line for block in blocks(path, "console", "text") for line in block.splitlines()]
    return [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ steelyard")]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the README printed, typed one after the other in one folder.

    The folder holds the README's recipe and, as the file of one's own, ``bank.csv`` with a target ``y``.
    """
    folder = tmp_path_factory.mktemp("readme")
    (folder / "recipe.toml").write_text(blocks(ROOT / "README.md", "toml")[0])
    web_shop_visits(rows=3_000).rename({"bought": "y"}).write_csv(folder / "bank.csv")
    printed: dict[str, str] = {}
    for words in commands(ROOT / "README.md"):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stderr}"
        printed[shlex.join(words)] = done.stdout
    return printed


def test_commands_of_the_readme_run(session: dict[str, str]) -> None:
    assert {command.split()[1] for command in session} >= {"demo", "train", "predict"}


def test_the_readme_shows_what_the_demo_prints(session: dict[str, str]) -> None:
    """All that depends neither on the width of the terminal nor on the last digits of the training, which
    differ between processors: how the table was read and split, and the scores of the baselines."""
    shown = next(
        block for block in blocks(ROOT / "README.md", "text") if block.startswith("$ steelyard demo\n")
    )
    shown, printed = shown.removeprefix("$ steelyard demo\n"), session["steelyard demo"]
    before = "\ntraining "
    assert shown.split(before)[0].split() == printed.split(before)[0].split()
    rows = [line.split() for line in shown.splitlines()]
    baselines = [
        row for row in map(str.split, printed.splitlines()) if row[:1] in (["logistic"], ["prevalence"])
    ]
    assert len(baselines) == 2
    assert all(row in rows for row in baselines)
