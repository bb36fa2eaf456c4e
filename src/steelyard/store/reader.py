"""Reading runs back, with errors that name the file at fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from steelyard.errors import RecipeError, RunFolderError, did_you_mean
from steelyard.history import History, Telemetry
from steelyard.recipe import Recipe, recipe_from_toml
from steelyard.run import Model, RunStatus
from steelyard.store import layout
from steelyard.store.curves import history_from_csv, telemetry_from_csv
from steelyard.store.manifest import Manifest, check_size, damaged, read_listed, read_manifest

if TYPE_CHECKING:
    import polars

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class SavedNetwork:
    """One network of a run: how its training went. Its weights are in :func:`load_model`."""

    seed: int
    status: RunStatus
    reason: str
    best_epoch: int
    history: History
    telemetry: Telemetry


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A run as it lies on the disk, but for its model and its predictions.

    ``facts`` is the content of ``metrics.json``, ``environment`` that of ``environment.json``.
    """

    folder: Path
    recipe: Recipe
    facts: Mapping[str, Any]
    environment: Mapping[str, Any]
    networks: tuple[SavedNetwork, ...]


class RunState(StrEnum):
    """What a folder in a list of runs is."""

    COMPLETE = "complete"
    UNFINISHED = "unfinished"
    """Being written, or left behind by a process that was killed."""
    DAMAGED = "damaged"


@dataclass(frozen=True, eq=False)
class RunEntry:
    """A line in a list of runs. ``facts`` is None unless the run is complete; ``problem`` says what is
    wrong in that case. ``modified`` is in seconds since 1970."""

    folder: Path
    state: RunState
    facts: Mapping[str, Any] | None
    problem: str
    modified: float


def load_run(folder: Path) -> SavedRun:
    """The run in a folder; :class:`RunFolderError` if it is missing, unfinished or damaged."""
    manifest = _open(folder)
    facts = _json(folder, layout.METRICS, manifest)
    return SavedRun(
        folder=folder,
        recipe=_parsed(folder, layout.RECIPE, manifest, lambda content: recipe_from_toml(content.decode())),
        facts=facts,
        environment=_json(folder, layout.ENVIRONMENT, manifest),
        networks=_networks(folder, manifest, facts),
    )


def load_facts(folder: Path) -> Mapping[str, Any]:
    """The content of ``metrics.json``; :class:`RunFolderError` as for :func:`load_run`."""
    return _json(folder, layout.METRICS, _open(folder))


def load_diagnosis(folder: Path) -> Mapping[str, Any] | None:
    """The content of ``diagnosis.json``; None of a run that was not diagnosed. :class:`RunFolderError` as
    for :func:`load_run`."""
    manifest = _open(folder)
    return _json(folder, layout.DIAGNOSIS, manifest) if layout.DIAGNOSIS in manifest.files else None


def load_model(folder: Path) -> Model:
    """The model of a run; :class:`RunFolderError` as for :func:`load_run`. Nothing is unpickled."""
    from steelyard.store.modelfile import ModelFileError, model_from_bytes

    manifest = _open(folder)
    document = read_listed(folder, layout.MODEL, manifest)
    tensors = read_listed(folder, layout.WEIGHTS, manifest)
    try:
        return model_from_bytes(document, tensors)
    except ModelFileError as error:
        raise damaged(folder / layout.MODEL, f"cannot be used: {error}") from None


def read_predictions(folder: Path) -> polars.DataFrame:
    """Columns ``row``, ``split``, ``target``, ``probability`` of the validation and test rows."""
    from steelyard.store.predictions import predictions_from_parquet

    return _parsed(folder, layout.PREDICTIONS, _open(folder), predictions_from_parquet)


def list_runs(parent: Path) -> tuple[RunEntry, ...]:
    """The runs in a folder, the newest first; other folders are passed over.

    Files are checked by their sizes only, which is quick; loading a run checks their contents.
    """
    if not parent.is_dir():
        raise RunFolderError(
            f"{parent}: there is no such folder", help="name the folder that runs were written to"
        )
    try:
        folders = [path for path in parent.iterdir() if _looks_like_run(path)]
    except OSError as error:
        raise RunFolderError(f"{parent}: cannot be read: {error.strerror or error}") from None
    entries = [entry for entry in map(_entry, folders) if entry is not None]
    return tuple(sorted(entries, key=lambda entry: (-entry.modified, entry.folder.name)))


def runs_scored_on(parent: Path, mark: str) -> tuple[str, ...]:
    """The names of the complete runs in a folder whose test rows have this mark, the oldest first.

    The mark is that of :func:`steelyard.facts.mark_of_test_rows`; each such run has read the same test rows
    once. Empty if the mark is, or if there is no such folder.
    """
    if not mark or not parent.is_dir():
        return ()
    return tuple(
        entry.folder.name
        for entry in reversed(list_runs(parent))
        if entry.facts is not None and mark_of(entry.facts) == mark
    )


def mark_of(facts: Mapping[str, Any]) -> str:
    """The mark of the test rows of a run, from its ``metrics.json``; empty if there is none."""
    test = (facts.get("bookkeeping") or {}).get("test") or {}
    return str(test.get("mark", ""))


def _entry(folder: Path) -> RunEntry | None:
    """None for a folder that has gone since it was seen: its process has finished the run, or given up."""
    try:
        modified = folder.stat().st_mtime
    except FileNotFoundError:
        return None
    if folder.name.endswith(layout.UNFINISHED):
        problem = "still being written, or its process was killed; delete it if nothing writes there any more"
        return RunEntry(folder, RunState.UNFINISHED, None, problem, modified)
    try:
        manifest = _open(folder)
        for name in manifest.files:
            check_size(folder, name, manifest)
        facts = _json(folder, layout.METRICS, manifest)
    except RunFolderError as error:
        return RunEntry(folder, RunState.DAMAGED, None, error.problems[0], modified)
    return RunEntry(folder, RunState.COMPLETE, facts, "", modified)


def _looks_like_run(path: Path) -> bool:
    """A folder that a run writer made, whatever has happened to it since."""
    if not path.is_dir():
        return False
    marks = (layout.MANIFEST, layout.METRICS, layout.MODEL)
    return path.name.endswith(layout.UNFINISHED) or any((path / mark).exists() for mark in marks)


def _open(folder: Path) -> Manifest:
    """The manifest, once it is clear that this is a finished run."""
    if folder.name.endswith(layout.UNFINISHED) and folder.is_dir():
        raise _is_unfinished(folder)
    if not folder.exists():
        if layout.unfinished(folder).is_dir():
            raise _is_unfinished(layout.unfinished(folder))
        raise RunFolderError(
            f"{folder}: there is no such run folder{did_you_mean(folder.name, _siblings(folder))}",
            help="steelyard runs lists the runs there are",
        )
    if not folder.is_dir():
        raise RunFolderError(
            f"{folder}: is a file, not a run folder", help="name the folder that holds the run"
        )
    if not _looks_like_run(folder):
        raise RunFolderError(
            f"{folder}: is not a run folder ({layout.MANIFEST} is missing)",
            help="steelyard runs lists the runs there are",
        )
    return read_manifest(folder)


def _is_unfinished(folder: Path) -> RunFolderError:
    return RunFolderError(
        f"{folder}: this run is unfinished: it is still being written, or its process was killed",
        help="wait for it, or delete the folder and train again",
    )


def _siblings(folder: Path) -> Sequence[str]:
    return [path.name for path in folder.parent.iterdir()] if folder.parent.is_dir() else []


def _networks(folder: Path, manifest: Manifest, facts: Mapping[str, Any]) -> tuple[SavedNetwork, ...]:
    try:
        told = [
            (
                int(network["seed"]),
                RunStatus(network["status"]),
                str(network["reason"]),
                int(network["best_epoch"]),
            )
            for network in facts["networks"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / layout.METRICS, f"does not tell how the networks fared ({error!r})") from None
    seeds = [seed for seed, *_ in told]
    histories = _parsed(
        folder,
        layout.HISTORY,
        manifest,
        lambda content: history_from_csv(content.decode(), seeds, manifest.series),
    )
    telemetries = _parsed(
        folder, layout.TELEMETRY, manifest, lambda content: telemetry_from_csv(content.decode(), seeds)
    )
    return tuple(
        SavedNetwork(*network, history, telemetry)
        for network, history, telemetry in zip(told, histories, telemetries, strict=True)
    )


def _json(folder: Path, name: str, manifest: Manifest) -> Mapping[str, Any]:
    document = _parsed(folder, name, manifest, json.loads)
    if not isinstance(document, dict):
        raise damaged(folder / name, "holds no JSON object")
    return document


def _parsed(folder: Path, name: str, manifest: Manifest, parse: Callable[[bytes], T]) -> T:
    """A file's content, understood. What was written can be; a foreign hand may have been at work."""
    content = read_listed(folder, name, manifest)
    try:
        return parse(content)
    except RecipeError as error:
        raise damaged(folder / name, "; ".join(error.problems)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(folder / name, f"cannot be understood ({error})") from None
