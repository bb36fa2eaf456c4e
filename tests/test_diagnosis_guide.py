"""docs/diagnosis.md tells the truth: its commands run as they stand, and print the findings that it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from steelyard.cli import app
from steelyard.cli.diagnose import FOUND

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "diagnosis.md"
HEADING = re.compile(r"^(?:error|warning|smell) [A-Z]{3}\d{3} .*$", re.MULTILINE)


def sessions() -> list[tuple[str, str]]:
    """Each command of the guide, and what is shown of its output."""
    found = []
    for block in re.findall(r"^```(?:text|console)\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of the guide lie."""
    place = tmp_path_factory.mktemp("guide")
    files = re.findall(r"`([\w.]+)`:\n\n```text\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    assert {name for name, _ in files} == {"question.txt", "rounds.csv"}
    for name, text in files:
        (place / name).write_text(text)
    return place


@pytest.mark.parametrize(("command", "shown"), sessions(), ids=lambda value: value.partition("\n")[0][:60])
def test_a_command_runs_and_prints_what_is_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, shown: str
) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    assert done.exit_code in (0, FOUND), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    printed = done.stdout.splitlines()
    assert set(HEADING.findall(shown)) <= set(printed)
    text = " ".join(done.stdout.split())
    for piece in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE):
        assert " ".join(piece.split()) in text
