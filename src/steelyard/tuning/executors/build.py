"""What computes: results agree bit for bit within one version and one instruction set."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from steelyard.engine import instruction_set

NOT_INSTALLED = "not installed"
"""The version of a source tree on the path."""


@dataclass(frozen=True)
class Build:
    """A version of Steelyard, and the engine's instruction set: "baseline", "avx2" or "avx512"."""

    version: str
    instruction_set: str

    @property
    def name(self) -> str:
        """For messages: "steelyard 0.1.0"."""
        return (
            "steelyard from a source tree" if self.version == NOT_INSTALLED else f"steelyard {self.version}"
        )


def build() -> Build:
    """That of this process."""
    try:
        version = metadata.version("steelyard")
    except metadata.PackageNotFoundError:
        version = NOT_INSTALLED
    return Build(version, instruction_set())
