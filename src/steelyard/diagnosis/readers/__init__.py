"""Readers of training logs, one file per format. None needs the framework that wrote the log, and none runs
anything that a file holds.

:mod:`registry` lists the formats, :mod:`reading` finds the one a file has.
"""

from __future__ import annotations

from steelyard.diagnosis.readers.reading import read
from steelyard.diagnosis.readers.registry import READERS, Reader

__all__ = ["READERS", "Reader", "read"]
