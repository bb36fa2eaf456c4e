"""What was measured on: enough to judge the numbers, nothing that names a person or a place."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from steelyard.engine import instruction_set


def describe() -> list[str]:
    """One line per fact."""
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"Processor: {_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.machine()}",
        f"Steelyard {version('steelyard')}, engine for {instruction_set()}; "
        f"Python {platform.python_version()}, numpy {version('numpy')}",
    ]


def load() -> str:
    """Load average of the last minute: how much else the machine was doing."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
