"""By what our own runs, results and studies are known, and who reads them.

Their readers build recipes and plans, which take longer to load than a foreign log to be judged. So they are
loaded when there is something of ours to read.
"""

from __future__ import annotations

import re
from pathlib import Path

from steelyard.diagnosis.readers import table
from steelyard.diagnosis.readers.sqlite_file import has_tables
from steelyard.log import Log

HISTORY, METRICS, MANIFEST = "history.csv", "metrics.json", "manifest.json"
RESULTS, TRIALS = "results.json", "trials.csv"
_COLUMNS = frozenset({"train_objective", "train_penalty", "seed"})
_STUDY = (b'"study"', b'"storage"', b'"plan"')
_FOLDED = (b'"folds"', b'"seeds"', b'"data"', b'"base_rates"')
_START = re.compile(rb'\A\s{0,8}\{\s{0,8}"format"\s{0,8}:')
_TABLES = frozenset({"steelyard_version", "steelyard_studies", "steelyard_trials", "steelyard_networks"})


def is_run(head: bytes, path: Path) -> bool:
    """The folder of a run, or its ``history.csv``."""
    if not head:
        return all((path / name).is_file() for name in (MANIFEST, HISTORY, METRICS))
    return set(table.header(head)) >= _COLUMNS


def is_results(head: bytes, path: Path) -> bool:
    """``results.json``, or the folder of a study."""
    if not head:
        return all((path / name).is_file() for name in (RESULTS, TRIALS))
    return _START.match(head) is not None and (
        all(key in head for key in _STUDY) or all(key in head for key in _FOLDED)
    )


def is_study(head: bytes, path: Path) -> bool:
    """A database with our tables."""
    return has_tables(head, path, _TABLES)


def read_run(path: Path) -> tuple[Log, ...]:
    """As :func:`steelyard.diagnosis.readers.ours.read`."""
    from steelyard.diagnosis.readers import ours

    return ours.read(path)


def read_results(path: Path) -> tuple[Log, ...]:
    """As :func:`steelyard.diagnosis.readers.ours_results.read`."""
    from steelyard.diagnosis.readers import ours_results

    return ours_results.read(path)


def read_study(path: Path) -> tuple[Log, ...]:
    """As :func:`steelyard.diagnosis.readers.ours_study.read`."""
    from steelyard.diagnosis.readers import ours_study

    return ours_study.read(path)
