"""What the networks of a saved run said of the validation rows, from the folder of the run.

The readers of logs leave this file aside, because a table in Parquet takes long to load. Without it a log
tells no more than its curves do, and not what the run itself was told when it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from steelyard.errors import RunFolderError
from steelyard.log import Log, Predictions

if TYPE_CHECKING:
    import polars


def with_saved_predictions(logs: Sequence[Log]) -> tuple[Log, ...]:
    """The logs, those of saved runs with the predictions that are saved beside them.

    A network's own are meant, before calibration, for of these its curves tell. Older folders keep those of
    the whole model alone, which are the network's where it is one and not calibrated. A file that is missing
    or damaged is told of in a note.
    """
    frames: dict[Path, polars.DataFrame | str] = {}
    for folder in {log.folder for log in logs if log.folder is not None}:
        frames[folder] = _validation_rows(folder)
    return tuple(log if log.folder is None else _with(log, frames[log.folder]) for log in logs)


def _validation_rows(folder: Path) -> polars.DataFrame | str:
    """Or why there are none."""
    from steelyard.store import read_predictions  # slow to load, and foreign logs do without

    try:
        frame = read_predictions(folder)
    except RunFolderError as error:
        return error.problems[0]
    return frame.filter(frame["split"] == "validation")


def _with(log: Log, found: polars.DataFrame | str) -> Log:
    if isinstance(found, str):
        return _without(log, found)
    rows = log.facts.rows_validation
    if not len(found) and not rows:
        return log
    name = f"network_{log.facts.seed}"
    if name not in found.columns:
        if log.facts.seeds != 1 or log.facts.calibration != "none":
            return _without(log, "the predictions in the folder are not those of this network alone")
        name = "probability"
    if rows != len(found) or found[name].null_count():
        return _without(log, f"the folder has predictions of {len(found):,} validation rows, not of {rows}")
    predictions = Predictions(
        np.asarray(found["target"].to_numpy(), np.uint8), np.asarray(found[name].to_numpy(), np.float64)
    )
    return replace(log, predictions={**log.predictions, "validation": predictions})


def _without(log: Log, why: str) -> Log:
    return replace(log, notes=(*log.notes, f"judged without predictions: {why}"))
