"""Where, when and with what a run was made."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

PACKAGES = ("numpy", "scipy", "scikit-learn", "imbalanced-learn", "polars", "pydantic", "safetensors")
"""Those whose version can change a number in a run folder."""


@dataclass(frozen=True)
class Provenance:
    """What only the caller knows about how a run came about.

    ``command`` is the command line, one entry per argument. ``started`` and ``finished`` know their
    time zone. ``instruction_set`` is that of the engine: "baseline", "avx2" or "avx512".
    """

    command: tuple[str, ...]
    started: datetime
    finished: datetime
    instruction_set: str


def environment(provenance: Provenance, *, source: str, fingerprint: str) -> dict[str, Any]:
    """The content of ``environment.json``: enough to say whether two runs can be expected to agree."""
    return {
        "steelyard": version_of("steelyard"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {package: version_of(package) for package in PACKAGES},
        "platform": platform.platform(),
        "machine": platform.machine(),
        "instruction_set": provenance.instruction_set,
        "cores": os.cpu_count(),
        "data": {"source": source, "fingerprint": fingerprint},
        "command": list(provenance.command),
        "started": _utc(provenance.started),
        "finished": _utc(provenance.finished),
        "seconds": (provenance.finished - provenance.started).total_seconds(),
    }


def version_of(package: str) -> str:
    """The installed version; "not installed" for a source tree on the path."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
