"""TensorBoard's event files: scalars of Keras, PyTorch and others, the model's JSON, hyperparameters.

Keras writes to ``LOG/train`` and ``LOG/validation``: tags ``epoch_<metric>`` with the epoch (from 0) as step,
and others by iteration, which are left out. A folder that is written to again holds several files, which are
trainings one after the other.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from steelyard.diagnosis.readers import keras_config, quantities, tfrecord
from steelyard.diagnosis.readers.assembling import Points, history_of_segments
from steelyard.diagnosis.readers.by_step import epochs_of_steps, one_per_epoch
from steelyard.diagnosis.readers.clocks import epochs_by_clock
from steelyard.diagnosis.readers.enriching import learning_rate_of, merged
from steelyard.diagnosis.readers.hyperparameters import facts_of
from steelyard.diagnosis.readers.names import split_and_own_name
from steelyard.diagnosis.readers.tensorboard_events import Events, events_of
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_SPLITS = MappingProxyType(
    {"train": "", "training": "", "validation": "val_", "val": "val_", "valid": "val_", "eval": "val_"}
    | {"test": "test_"}
)
_MOST_ENTRIES = 10_000
_DEEPEST = 8
_PLAIN_TAGS = ("learning rate", "learning_rate", "lr")
"""Tags beside Keras' own that people write from a callback, by epoch."""


def sniff(head: bytes, path: Path) -> bool:
    """An event file, or a folder with one in it or in a folder ``train`` or ``validation`` below."""
    if not head:
        return path.is_dir() and any(True for _ in _files_of_run(path))
    return tfrecord.is_record(head) and (b"brain.Event:" in head[:64] or "tfevents" in path.name)


def read(path: Path) -> tuple[Log, ...]:
    """A log for each run in a folder and the folders below it, or that of one file."""
    if path.is_dir():
        logs = tuple(_logs_below(path, _DEEPEST))
    else:
        split = _SPLITS.get(path.parent.name.lower(), "")
        logs = (_log_of(str(path), {split: [path]}),)
    curves = tuple(log for log in logs if log.history is not None)
    if not curves:
        raise DataError(f"{path} holds event files and no scalar in them that belongs to an epoch")
    return curves


def _logs_below(folder: Path, depth: int) -> Iterator[Log]:
    files: dict[str, list[Path]] = {}
    for split, path in _files_of_run(folder):
        files.setdefault(split, []).append(path)
    if files:
        yield _log_of(str(folder), files)
    if depth:
        for below in _folders(folder):
            if below.name.lower() not in _SPLITS or not files:
                yield from _logs_below(below, depth - 1)


def _files_of_run(folder: Path) -> Iterator[tuple[str, Path]]:
    """Event files of one run, each with the prefix that its folder gives its tags."""
    own = _SPLITS.get(folder.name.lower(), "")
    for path in _event_files(folder):
        yield own, path
    for below in _folders(folder):
        if (split := _SPLITS.get(below.name.lower())) is not None:
            for path in _event_files(below):
                yield split, path


def _event_files(folder: Path) -> list[Path]:
    """In the order in which they were begun: the time is the first number of their names."""
    with os.scandir(folder) as entries:
        found = [Path(one.path) for one in _some(entries) if "tfevents" in one.name and one.is_file()]
    return sorted(found, key=lambda path: path.name)


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(one.path) for one in _some(entries) if one.is_dir(follow_symlinks=False))


def _some(entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    return (entry for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False))


def _log_of(source: str, files: Mapping[str, Sequence[Path]]) -> Log:
    """The log of one run. The k-th file of each split belong to the k-th training."""
    notes: list[str] = []
    facts = Facts()
    segments: list[Mapping[str, Points]] = []
    of_keras = False
    for number in range(max(len(paths) for paths in files.values())):
        tags: dict[str, tuple[array[int], array[float]]] = {}
        for split, paths in files.items():
            if number >= len(paths):
                continue
            events = events_of(paths[number])
            notes += events.notes
            facts = merged(facts, _facts(events))
            chosen = {tag: one for tag, one in events.scalars.items() if tag.startswith("epoch_")}
            of_keras |= bool(chosen)
            extra = {tag: one for tag, one in events.scalars.items() if tag.lower() in _PLAIN_TAGS}
            for tag, one in (chosen | extra if chosen else events.scalars).items():
                tags[_curve(split, tag)] = one
        segment, more = _by_epoch(tags)
        notes += more
        if segment:
            segments.append(segment)
    if of_keras:
        facts = merged(facts, Facts(framework="keras", origins={"framework": "tags named epoch_*"}))
    manner = quantities.keras if of_keras else quantities.unknown
    history, more_notes = history_of_segments(segments, manner, facts)
    if len(segments) > 1:
        notes.append(f"{len(segments)} trainings wrote to the folder; they follow each other")
    return learning_rate_of(Log(source, "tensorboard", history, facts, notes=(*notes, *more_notes)))


def _curve(split: str, tag: str) -> str:
    """The tag as a curve of the split its file is for, unless it names one itself."""
    own = tag.removeprefix("epoch_").replace("learning rate", "learning_rate")
    return own if split_and_own_name(own) != ("train", own) else split + own


def _by_epoch(tags: Mapping[str, tuple[array[int], array[float]]]) -> tuple[dict[str, Points], list[str]]:
    """Curves by epoch. Lightning logs the epoch of each step as a scalar of that name."""
    curves = {name: one for name, one in tags.items() if not name.endswith("_step") and name != "epoch"}
    if not curves:
        return {}, []
    steps = {name: np.array(one[0], np.int64) for name, one in curves.items()}
    notes: list[str] = []
    if (clock := tags.get("epoch")) is not None:
        when = epochs_by_clock(np.array(clock[0], np.int64), np.array(clock[1], np.float64), steps)
    else:
        when, note = epochs_of_steps(steps)
        notes += [note] if note else []
    points: dict[str, Points] = {}
    for name, one in curves.items():
        known = when[name] > 0
        curve = Points(when[name][known], np.array(one[1], np.float64)[known])
        points[name], note = one_per_epoch(name, curve)
        notes += [note] if note else []
    return points, notes


def _facts(events: Events) -> Facts:
    facts = facts_of(events.hyperparameters, "hyperparameters of TensorBoard")
    if events.model is not None:
        facts = merged(facts, keras_config.facts_of_model(events.model, "the model inside of the event file"))
    return facts
