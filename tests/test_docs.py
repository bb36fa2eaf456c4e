"""The documents tell the truth: links lead somewhere, examples run, nothing names one person's machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`", path.read_text()))
    for block in blocks(path, "sh", "bash", "console"):
        named |= set(re.findall(r"^\s*\$?\s*make ([a-z]+)", block, re.MULTILINE))
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


README_PYTHON = blocks(ROOT / "README.md", "python")
README_COMMANDS = [
    line.removeprefix("$").strip()
    for block in blocks(ROOT / "README.md", "sh", "bash", "console")
    for line in block.replace("\\\n", " ").splitlines()
]


@pytest.mark.parametrize("number", range(len(README_PYTHON)))
def test_python_examples_of_the_readme_run(number: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", README_PYTHON[number]],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
