"""A file that a command writes: complete under its name, or not there at all."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from steelyard import output

OTHER_PLACE = "choose another place with --out"


def writing(target: Path, *, make_folder: bool = False) -> AbstractContextManager[Path]:
    """:func:`steelyard.output.writing`, whose advice names the option."""
    return output.writing(target, make_folder=make_folder, help=OTHER_PLACE)
