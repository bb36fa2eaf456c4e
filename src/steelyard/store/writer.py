"""Writing a run: all of it or nothing, whenever the process dies.

The name is claimed before training by making ``<name>.unfinished``, so that a folder in which nothing
can be written is found out at once and two processes never take the same name. Everything is written
there, each file down to the disk, and the folder is then renamed in one step.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from steelyard.errors import OutputError
from steelyard.recipe import recipe_to_toml
from steelyard.store import layout
from steelyard.store.curves import describe_series, history_to_csv, telemetry_to_csv
from steelyard.store.durable import move_durably, sync_folder, write_durably
from steelyard.store.environment import Provenance, environment
from steelyard.store.manifest import Manifest, entry_of, manifest_to_bytes
from steelyard.store.modelfile import model_to_bytes
from steelyard.store.predictions import predictions_to_parquet

if TYPE_CHECKING:  # a reader of runs need not load the engine
    from steelyard.training import TrainingResult


class RunWriter:
    """A claimed name, and the one way to put a run there.

    A context manager: leaving it without :meth:`save` gives the name back. ``folder`` is where the
    run will lie.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as runs, RunWriter.numbered(Path(runs), "bank") as writer:
    ...     writer.folder.name
    'bank-1'
    """

    def __init__(self, folder: Path, made_parents: tuple[Path, ...] = ()) -> None:
        """For :meth:`exact` and :meth:`numbered`, which claim the name."""
        self.folder = folder
        self._made_parents = made_parents

    @classmethod
    def exact(cls, folder: Path) -> RunWriter:
        """Claims this folder; :class:`OutputError` if it exists, is being written or cannot be."""
        if folder.name.endswith(layout.UNFINISHED):
            raise OutputError(
                f"{folder}: names that end in {layout.UNFINISHED} mark runs that are being written",
                help="choose another name",
            )
        made = _make_parents(folder.parent, folder)
        if _claim(folder):
            return cls(folder, made)
        if _exists(folder):
            raise OutputError(f"{folder}: exists already", help="choose another name, or delete it first")
        raise OutputError(
            f"{layout.unfinished(folder)}: another process is writing this run, or was killed while it did",
            help="choose another name, or delete that folder if nothing writes there any more",
        )

    @classmethod
    def numbered(cls, parent: Path, stem: str) -> RunWriter:
        """Claims ``<stem>-<n>`` in ``parent``, n one more than the highest there is, from 1."""
        made = _make_parents(parent, parent / f"{stem}-1")
        number = _highest(parent, stem) + 1
        while not _claim(parent / f"{stem}-{number}"):
            number += 1
        return cls(parent / f"{stem}-{number}", made)

    def save(
        self,
        result: TrainingResult,
        facts: Mapping[str, Any],
        provenance: Provenance,
        learning_curves: str,
        diagnosis: Mapping[str, Any] | None = None,
    ) -> Path:
        """Writes the run and returns its folder.

        ``facts`` becomes ``metrics.json``; it must be plain JSON, and of its content only the list
        ``networks`` is read again here (``seed``, ``status``, ``reason``, ``best_epoch``).
        ``learning_curves`` is the drawing, as SVG; ``diagnosis`` becomes ``diagnosis.json``, if there is
        one. Raises :class:`OutputError` if the disk is full or refuses for another reason; nothing is left
        then.
        """
        series = describe_series([run.history for run in result.runs])
        contents = _contents(result, facts, provenance, learning_curves, diagnosis)
        return self.write(_with_manifest(contents, series))

    def write(self, contents: Iterable[tuple[str, bytes]]) -> Path:
        """Writes files by name, whatever they are, and returns the folder; fails as :meth:`save` does."""
        staging = layout.unfinished(self.folder)
        try:
            for name, content in contents:
                write_durably(staging / name, content)
            move_durably(staging, self.folder)
        except OSError as error:
            self.discard()
            raise _refused(self.folder, error) from error
        return self.folder

    def discard(self) -> None:
        """Gives the name back: removes what was written, and parents made for it. No effect after saving."""
        shutil.rmtree(layout.unfinished(self.folder), ignore_errors=True)
        if not _exists(self.folder):
            _remove_empty(self._made_parents)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.discard()


def _contents(
    result: TrainingResult,
    facts: Mapping[str, Any],
    provenance: Provenance,
    learning_curves: str,
    diagnosis: Mapping[str, Any] | None,
) -> Iterator[tuple[str, bytes]]:
    """Every file but the manifest, one at a time: predictions of a big table are big."""
    runs = result.runs
    seeds = [run.seed for run in runs]
    histories = [run.history for run in runs]
    yield layout.RECIPE, recipe_to_toml(result.recipe).encode()
    yield layout.HISTORY, history_to_csv(histories, seeds).encode()
    yield layout.TELEMETRY, telemetry_to_csv([run.telemetry for run in runs], seeds).encode()
    yield layout.METRICS, _json(facts)
    yield (
        layout.PREDICTIONS,
        predictions_to_parquet(
            result.split,
            result.targets,
            result.probabilities,
            result.weights,
            {
                run.seed: log.predictions["validation"].probability
                for run, log in zip(runs, result.logs, strict=True)
                if "validation" in log.predictions
            },
        ),
    )
    document, tensors = model_to_bytes(result.model)
    yield layout.WEIGHTS, tensors
    yield layout.MODEL, document
    yield (
        layout.ENVIRONMENT,
        _json(environment(provenance, source=result.source, fingerprint=result.fingerprint)),
    )
    yield layout.CURVES, learning_curves.encode()
    if diagnosis is not None:
        yield layout.DIAGNOSIS, _json(diagnosis)


def _with_manifest(
    contents: Iterable[tuple[str, bytes]], series: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, bytes]]:
    files = {}
    for name, content in contents:
        files[name] = entry_of(content)
        yield name, content
    yield layout.MANIFEST, manifest_to_bytes(Manifest(layout.FORMAT, files, series))


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _claim(folder: Path) -> bool:
    """True if the name is now ours. Making a folder is the one step that only one process can win."""
    staging = layout.unfinished(folder)
    try:
        if _exists(folder):
            return False
        staging.mkdir()
        if _exists(folder):  # another process finished between our look and our claim
            staging.rmdir()
            return False
        sync_folder(folder.parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise _refused(folder, error) from error
    return True


def _exists(folder: Path) -> bool:
    return folder.exists() or folder.is_symlink()


def _highest(parent: Path, stem: str) -> int:
    """The highest number among the runs of this stem, the unfinished ones included; 0 if there is none."""
    pattern = re.compile(rf"{re.escape(stem)}-([0-9]+)(?:{re.escape(layout.UNFINISHED)})?")
    try:
        names = [path.name for path in parent.iterdir()]
    except OSError as error:
        raise _refused(parent, error) from error
    return max((int(match[1]) for match in map(pattern.fullmatch, names) if match), default=0)


def _make_parents(parent: Path, folder: Path) -> tuple[Path, ...]:
    """Makes the folders above a run that do not exist; returns them, innermost first."""
    missing = tuple(path for path in (parent, *parent.parents) if not path.exists())
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove_empty(missing)
        raise _refused(folder, error) from error
    return missing


def _remove_empty(folders: tuple[Path, ...]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:  # not empty, or never made: then it is not ours to remove
            return


def _refused(folder: Path, error: OSError) -> OutputError:
    where = f" ({error.filename})" if error.filename and str(error.filename) != str(folder) else ""
    return OutputError(
        f"{folder}: cannot be written: {error.strerror or error}{where}",
        help="choose a folder on a disk with room where you may write",
    )
