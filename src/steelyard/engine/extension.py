"""Chooses the build of the engine that suits this machine.

The engine is built once per instruction set. The best one that the processor supports is
imported; the environment variable ``STEELYARD_INSTRUCTION_SET`` asks for another one, to compare.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from steelyard.errors import SteelyardError

_VARIABLE = "STEELYARD_INSTRUCTION_SET"


def _choose() -> tuple[str, ModuleType]:
    baseline = importlib.import_module("steelyard.engine._engine_baseline")
    supported: list[str] = baseline.supported_instruction_sets()
    wanted = os.environ.get(_VARIABLE) or supported[-1]
    if wanted not in supported:
        raise SteelyardError(
            f"{_VARIABLE}={wanted}: this machine supports {', '.join(supported)}",
            help=f"unset {_VARIABLE} to take the best one",
        )
    return wanted, importlib.import_module(f"steelyard.engine._engine_{wanted}")


_NAME, engine = _choose()


def instruction_set() -> str:
    """The instruction set of the loaded engine: ``baseline``, ``avx2`` or ``avx512``."""
    return _NAME
