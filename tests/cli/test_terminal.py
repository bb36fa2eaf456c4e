"""How wide to write, and whether in colour."""

from __future__ import annotations

import sys

import pytest

from steelyard.cli import terminal


@pytest.fixture
def in_terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "72")
    return monkeypatch


def test_a_terminal_is_as_wide_as_it_is(in_terminal: pytest.MonkeyPatch) -> None:
    assert terminal.width() == 72
    in_terminal.setenv("COLUMNS", "240")
    assert terminal.width() == terminal.WIDEST


def test_a_file_has_its_own_width_and_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal.width() == terminal.WIDEST
    assert not terminal.colour()


def test_colour_can_be_declined(in_terminal: pytest.MonkeyPatch) -> None:
    assert terminal.colour()
    in_terminal.setenv("NO_COLOR", "1")
    assert not terminal.colour()
