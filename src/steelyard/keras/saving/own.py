"""What is kept of a model that Keras' files have no word for, under a key which Keras does not look at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.keras.saving.compiling import compile_config
from steelyard.keras.saving.record import SavedModel
from steelyard.keras.saving.refusal import Refused
from steelyard.keras.serialized import Config

KEY = "steelyard"
"""In ``config.json`` of ``.keras``, and an attribute of ``.h5``."""


@dataclass(frozen=True)
class Own:
    """``compile_config`` is None unless the loss is one that Keras lacks and could not load a model with."""

    threshold: float | None = None
    compile_config: object = None


def own_part(model: SavedModel) -> Config:
    """The part as a file has it; empty for a model that Keras has words for."""
    part: Config = {}
    if model.threshold is not None:
        part["threshold"] = model.threshold
    if model.compiled is not None and not model.compiled.loss.in_keras:
        part["compile_config"] = compile_config(model.compiled)
    return part


def read_own(part: object) -> Own:
    """The inverse of :func:`own_part`; a file without the part has None."""
    if part is None:
        return Own()
    if not isinstance(part, Mapping):
        raise Refused("K230", f"{KEY!r} in it is no object of keys and values")
    threshold = part.get("threshold")
    if threshold is not None:
        if isinstance(threshold, bool) or not isinstance(threshold, int | float):
            raise Refused("K230", f"its threshold is {threshold!r}, not a number")
        if not math.isfinite(threshold):
            raise Refused("K230", f"its threshold is {threshold}, which decides nothing")
        threshold = float(threshold)
    return Own(threshold, part.get("compile_config"))
