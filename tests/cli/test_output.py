"""A file that a command writes: complete, or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from steelyard.cli.output import writing
from steelyard.errors import OutputError


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with writing(target) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(failure), writing(target) as draft:
        draft.write_text("half")
        raise failure
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_can_be_read_by_whom_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with writing(tmp_path / "out.csv"):
            pass
        assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_a_missing_folder_is_made_if_asked(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"), writing(tmp_path / "a" / "out.csv"):
        pass
    with writing(tmp_path / "a" / "out.csv", make_folder=True):
        pass
    assert (tmp_path / "a" / "out.csv").exists()


def test_an_error_of_reading_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writing(tmp_path / "out.csv"):
        (tmp_path / "other").read_text()
