"""Whatever a training run left in Python's hands, as logs.

Records of Steelyard are taken as they are. Everything else has a form as a file (a history as JSON, a frame
as CSV, text as text) and is read as that file would be, so that each format is known in one place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence, Set, ValuesView
from pathlib import Path
from typing import Any

from steelyard.diagnosis.door import Door
from steelyard.diagnosis.readers import read
from steelyard.diagnosis.run import log_of_study, recipe_facts, validation_way
from steelyard.doctor.as_file import CURVES, SEARCHES, file_of, logs_in
from steelyard.errors import DataError
from steelyard.log import Facts, Log
from steelyard.run import Run
from steelyard.study.plan import Plan

_HELP = (
    "known are paths, what fit of Keras, scikit-learn's MLPClassifier, skorch, XGBoost or LightGBM leaves "
    "behind, dicts of lists, frames with a row per epoch, pasted text of more than one line, and Steelyard's "
    "own results"
)


def logs_of(
    history: Any, *, trust: bool = False, columns: Mapping[str, str] | None = None
) -> tuple[Log, ...]:
    """The logs in one thing, or in each of several.

    ``trust`` and ``columns`` are those of :func:`~steelyard.diagnosis.readers.reading.read`.
    :class:`~steelyard.errors.DataError` says what was found, and what is known.
    """
    try:
        return _logs_of(history, trust, columns)
    except DataError as error:
        words = Door.PYTHON.words
        raise DataError(*map(words, error.problems), help=words(error.help)) from None


def _logs_of(history: Any, trust: bool, columns: Mapping[str, str] | None) -> tuple[Log, ...]:
    if isinstance(history, Log):
        return (history,)
    if isinstance(history, os.PathLike) or (isinstance(history, str) and "\n" not in history):
        return read(_existing(history), trust=trust, columns=columns)
    history = _opened(history)
    ours = _ours(history)
    if ours is not None:
        return ours
    file = file_of(history, columns)
    if file is not None:
        return logs_in(file, columns)
    kind = f"{type(history).__module__}.{type(history).__qualname__}".removeprefix("builtins.")
    if hasattr(history, "cv_results_"):
        raise DataError(f"history: {kind} is a search of scikit-learn", help=SEARCHES)
    if _is_curve(history):
        raise DataError(f"history: {kind} of numbers does not say which curve it is", help=CURVES)
    if isinstance(history, Sequence | Set | Iterator | ValuesView) and not isinstance(history, bytes | range):
        found = tuple(log for one in history for log in _logs_of(one, trust, columns))
        if found:
            return found
        raise DataError("history: there is nothing in it to diagnose", help=_HELP)
    raise DataError(f"history: {kind} is no training log", help=_HELP)


def _opened(history: Any) -> Any:
    """Of what has to be opened what is in it: an open file its text, a column with a name the table of it,
    a table of polars that is still to be worked out that table."""
    if hasattr(history, "read") and hasattr(history, "readline"):
        return history.read()
    if hasattr(history, "collect_schema") and hasattr(history, "collect"):
        return history.collect()
    if hasattr(history, "to_frame") and isinstance(getattr(history, "name", None), str):
        return history.to_frame()
    return history


def _is_curve(history: Any) -> bool:
    """Whether it is a list or an array of numbers."""
    if hasattr(history, "__array__") or hasattr(history, "to_frame"):
        return True
    return isinstance(history, list | tuple | range) and any(isinstance(one, int | float) for one in history)


def _existing(path: str | os.PathLike[str]) -> Path:
    if not path:
        raise DataError("history: the text is empty", help=_HELP)
    found = Path(path)
    try:
        there = found.exists()
    except OSError:
        there = False  # too long for a name
    if not there:
        raise DataError(f"{str(path)[:200]} does not exist", help=_HELP)
    return found


def _ours(history: Any) -> tuple[Log, ...] | None:
    """Of Steelyard's own results, known by what they offer: a study, a saved run, what ``fit`` returned.

    Their classes are not asked for, because to load them takes longer than to judge a log.
    """
    if isinstance(history, Run):
        return (_of_run(history),)
    if isinstance(getattr(history, "plan", None), Plan):
        search = log_of_study(
            history.plan, history.trials, asked=history.target, source=f"study {history.name!r}"
        )
        return (search, *(() if history.winner is None else history.winner.result.logs))
    if isinstance(getattr(history, "folder", None), Path):
        return read(history.folder)
    for name in ("logs", "logs_"):
        logs = getattr(history, name, None)
        if isinstance(logs, tuple) and logs and all(isinstance(one, Log) for one in logs):
            return logs
    return None


def _of_run(run: Run) -> Log:
    """A run by itself, which knows rows by their number and not by their label."""
    facts = Facts(
        **recipe_facts(run.recipe, run.encoding.inputs),
        rows_train=len(run.split.train) if run.recipe.imbalance.resampling.name == "none" else None,
        rows_validation=len(run.split.validation) or None,
        validation_way=validation_way(run.split.method),
        validation_is_test=False,
        resampling=run.recipe.imbalance.resampling.name,
        resampled_before_split=False,
        seed=run.seed,
    )
    history = run.history if len(run.history) else None
    return Log(f"run with seed {run.seed}", "steelyard", history, facts, run.telemetry)
