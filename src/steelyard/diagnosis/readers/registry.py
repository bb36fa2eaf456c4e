"""The formats of logs that are known, and which of them a file or folder is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from steelyard.diagnosis.readers import (
    boosting,
    console,
    csv_logger,
    hugging_face,
    keras_history,
    keras_model,
    keras_tuner,
    lightning,
    mlflow,
    notebook,
    optuna_db,
    ours_signs,
    post,
    printed,
    sklearn,
    skorch,
    talos_csv,
    tensorboard,
    wandb,
)
from steelyard.log import Log

HEAD = 65_536
"""Bytes from the beginning of a file that a reader sees before it says whether the file is its own."""


@dataclass(frozen=True)
class Reader:
    """What reads one format.

    ``sniff`` takes the first :data:`HEAD` bytes and the path of a file, or ``b""`` and that of a folder, and
    looks at what is inside before it looks at the name. ``read`` gives the logs of that file or folder, and
    raises :class:`~steelyard.errors.DataError` if it is not sound; it needs at most ten times the memory of
    the file and a few megabytes.
    """

    name: str
    sniff: Callable[[bytes, Path], bool]
    read: Callable[[Path], tuple[Log, ...]]


READERS: tuple[Reader, ...] = (
    # folders, and files in them
    Reader("steelyard results", ours_signs.is_results, ours_signs.read_results),
    Reader("steelyard run", ours_signs.is_run, ours_signs.read_run),
    Reader("mlflow", mlflow.sniff, mlflow.read),
    Reader("keras tuner", keras_tuner.sniff, keras_tuner.read),
    Reader("tensorboard", tensorboard.sniff, tensorboard.read),
    # files that begin with a signature
    Reader("keras model", keras_model.sniff, keras_model.read),
    Reader("wandb", wandb.sniff, wandb.read),
    Reader("steelyard study", ours_signs.is_study, ours_signs.read_study),
    Reader("optuna", optuna_db.sniff, optuna_db.read),
    # JSON
    Reader("skorch", skorch.sniff, skorch.read),
    Reader("hugging face", hugging_face.sniff, hugging_face.read),
    Reader("sklearn", sklearn.sniff, sklearn.read),
    Reader("boosting", boosting.sniff, boosting.read),
    Reader("notebook", notebook.sniff, notebook.read),
    Reader("keras history", keras_history.sniff, keras_history.read),
    # tables
    Reader("talos", talos_csv.sniff, talos_csv.read),
    Reader("lightning", lightning.sniff, lightning.read),
    Reader("csv logger", csv_logger.sniff, csv_logger.read),
    # text, which may be anything
    Reader("console", console.sniff, console.read),
    Reader("printed", printed.sniff, printed.read),
    Reader("post", post.sniff, post.read),
)
"""All formats. The first whose ``sniff`` says yes reads the file, so the pickier come first."""


def head_of(path: Path) -> bytes:
    """The beginning of a file; empty for a folder."""
    if path.is_dir():
        return b""
    with path.open("rb") as file:
        return file.read(HEAD)


def reader_of(path: Path, head: bytes) -> Reader | None:
    """The reader that a file or folder is for; None if there is none."""
    return next((reader for reader in READERS if reader.sniff(head, path)), None)
