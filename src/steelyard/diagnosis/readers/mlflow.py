"""MLflow's two stores: a database (SQLite), and a folder for each run."""

from __future__ import annotations

from pathlib import Path

from steelyard.diagnosis.readers import mlflow_database, mlflow_folder
from steelyard.diagnosis.readers.mlflow_run import log_of
from steelyard.errors import DataError
from steelyard.log import Log


def sniff(head: bytes, path: Path) -> bool:
    """A database with MLflow's tables, or the folder of one run."""
    if not head:
        return mlflow_folder.is_run(path)
    return mlflow_database.is_store(head, path)


def read(path: Path) -> tuple[Log, ...]:
    """A log for each run that has a curve, the newest first."""
    notes: tuple[str, ...] = ()
    if path.is_dir():
        runs = [mlflow_folder.run_of(path)]
    else:
        runs, notes = mlflow_database.runs_of(path)
    logs = [log for run in runs if (log := log_of(run, notes)) is not None]
    if not logs:
        raise DataError(f"{path} holds {len(runs)} runs of MLflow and no metric of any epoch")
    return tuple(logs)
