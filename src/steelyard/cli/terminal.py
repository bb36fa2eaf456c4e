"""The terminal that standard output is, if it is one: how wide, and whether it shows colours."""

from __future__ import annotations

import os
import shutil
import sys

WIDEST = 100
"""Columns of a paragraph; longer lines are hard to read, however wide the window is."""


def width() -> int:
    """Columns to write; the widest where the output goes to a file or another program."""
    return min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else WIDEST


def colour() -> bool:
    """Whether to colour: in a terminal, unless ``NO_COLOR`` is set (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
