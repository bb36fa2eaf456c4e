"""How many columns a table has, in the ways in which Keras lets one say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.keras.checks import LARGEST, whole
from steelyard.keras.codes import refuse


def width_of(where: str, shape: object, *, rows: bool) -> int:
    """The number of columns in a shape: ``(columns,)``, or ``(None, columns)`` with ``rows``."""
    known = tuple(shape) if isinstance(shape, Sequence) and not isinstance(shape, str) else None
    wanted = "(None, columns)" if rows else "(columns,)"
    if known is None or len(known) != (2 if rows else 1):
        help = f"Write ({shape},)." if isinstance(shape, int) and not rows else ""
        raise refuse("K211", f"{where} is {shape!r}; a table has the shape {wanted}", help)
    if known[-1] is None:
        raise refuse("K211", f"{where} is {shape!r}; the number of columns must be known")
    return whole(where, known[-1], low=1, high=LARGEST)


def width_in(kind: str, options: Mapping[str, Any]) -> int | None:
    """The number of columns that the arguments of a layer give in one or more of three ways, else None."""
    found: dict[str, int] = {}
    if options.get("input_dim") is not None:
        found["input_dim"] = whole(f"{kind}: input_dim", options["input_dim"], low=1, high=LARGEST)
    if options.get("input_shape") is not None:
        found["input_shape"] = width_of(f"{kind}: input_shape", options["input_shape"], rows=False)
    if options.get("batch_input_shape") is not None:
        shape = options["batch_input_shape"]
        found["batch_input_shape"] = width_of(f"{kind}: batch_input_shape", shape, rows=True)
    if len(set(found.values())) > 1:
        raise refuse("K211", f"{kind}: {' and '.join(found)} say different widths: {sorted(found.values())}")
    return next(iter(found.values()), None)
