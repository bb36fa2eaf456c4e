"""Console output of Keras inside a text, also where its lines were joined into one."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.bars import Bars, bars_in, together

_MARK = re.compile(
    r"Train on (?P<train>\d{1,12}) samples(?:, validate on (?P<validation>\d{1,12}) samples)?"
    r"|\bEpoch (?P<epoch>\d{1,7}) ?/ ?(?P<planned>\d{1,7})\b"
)
_PAIR = re.compile(
    r"- {1,3}([A-Za-z]\w{0,60}): {0,3}(-?(?:\d{1,20}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?|nan|inf))"
)
_BAR = re.compile(r"(?<![\w./])(\d{1,12}) ?/ ?(\d{1,12})(?![\w./])")
"""How many batches are done, of how many."""
_FARTHEST = 400
"""Characters between two metric lines of one epoch (a progress bar), at most."""
_ROOM = 2**16
"""A run may have so many cells beside four for each value that was printed."""
_MOST_RUNS = 200
"""The first are given."""


@dataclass(frozen=True, eq=False)
class PastedRun:
    """One run: ``epochs`` are those whose metrics were printed; ``curves`` by Keras' names are float64
    (epochs,), each with where it was printed, bool (epochs,)."""

    rows_train: int | None
    rows_validation: int | None
    planned_epochs: int | None
    epochs: NDArray[np.int64]
    curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]
    start: int
    end: int
    framework: str | None
    """``keras 2`` or ``keras 3`` where the way of printing tells."""
    bars: Bars | None
    """What the bars of its epochs show; None if they are not alike."""


@dataclass
class _Draft:
    start: int
    end: int
    rows_train: int | None = None
    rows_validation: int | None = None
    planned: int | None = None
    last: int = -1
    epochs: dict[int, dict[str, float]] | None = None
    bars: list[Bars] = field(default_factory=list)


def pasted_runs(text: str) -> Iterator[PastedRun]:
    """Runs in order; one begins with ``Train on ... samples`` or where epochs begin again."""
    draft: _Draft | None = None
    runs = 0
    for mark, after in pairwise(chain(_MARK.finditer(text), (None,))):
        assert mark is not None
        following = len(text) if after is None else after.start()
        epoch = -1 if mark["epoch"] is None else int(mark["epoch"])
        if draft is None or epoch <= draft.last:
            if draft is not None:
                yield _run(draft, text)
                runs += 1
                if runs == _MOST_RUNS:
                    return
            draft = _Draft(mark.start(), mark.end(), epochs={})
        draft.end = mark.end()
        if epoch < 0:
            draft.rows_train = int(mark["train"])
            draft.rows_validation = int(mark["validation"]) if mark["validation"] else None
            continue
        draft.last, draft.planned = epoch, int(mark["planned"])
        found, draft.end = _metrics(text, mark.end(), following)
        if found and draft.epochs is not None:
            draft.epochs[epoch] = found
            draft.bars += bars_in(text[mark.end() : draft.end])[:1]
    if draft is not None:
        yield _run(draft, text)


def _metrics(text: str, start: int, end: int) -> tuple[dict[str, float], int]:
    """The last value of each metric between two places, and where they end.

    What follows the validation metrics of an epoch without bringing them again is another line, as
    ``evaluate`` prints one after the last epoch. An epoch whose last bar is not full was not finished: it has
    no metrics.
    """
    found: dict[str, float] = {}
    at = start
    for pair in _PAIR.finditer(text, start, end):
        if pair.start() - at > _FARTHEST:
            break
        complete = any(name.startswith("val_") for name in found)
        if complete and pair[1] in found and "val_" not in text[pair.start() : pair.end() + _FARTHEST]:
            break
        at = pair.end()
        if pair[1] != "ETA":
            found[pair[1]] = float(pair[2])
    *_, bar = (None, *_BAR.finditer(text, start, at))
    return (found if bar is None or int(bar[1]) >= int(bar[2]) else {}), at


def _run(draft: _Draft, text: str) -> PastedRun:
    epochs = draft.epochs or {}
    names = _names(list(epochs.values()))
    from_zero = 0 in epochs
    curves = {
        name: (
            np.array([one.get(name, math.nan) for one in epochs.values()]),
            np.array([name in one for one in epochs.values()]),
        )
        for name in names
    }
    return PastedRun(
        draft.rows_train,
        draft.rows_validation,
        draft.planned,
        np.array(list(epochs), dtype=np.int64) + from_zero,
        curves,
        draft.start,
        draft.end,
        "keras 2" if draft.rows_train else "keras 3" if "━━" in text[draft.start : draft.end] else None,
        together(draft.bars),
    )


def _names(epochs: Sequence[Mapping[str, float]]) -> list[str]:
    """The metrics in order of appearance; if hardly two epochs have the same, the commonest."""
    counts = Counter(name for one in epochs for name in one)
    room = (_ROOM + 4 * counts.total()) // max(1, len(epochs))
    if len(counts) <= room:
        return list(counts)
    return [name for name, _ in counts.most_common(room)]
