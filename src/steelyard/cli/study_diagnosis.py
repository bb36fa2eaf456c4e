"""A search judged: its table of trials, and the networks of its best trial."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.cli.diagnosing import judged_log
from steelyard.data import Table
from steelyard.diagnosis.run import log_of_outcome, log_of_study
from steelyard.log import Log
from steelyard.tuning.evaluation import parts_of
from steelyard.tuning.study import Study

_TOLD = MappingProxyType(
    {
        rule: f"{code} judges that, fold by fold"
        for rule, code in (
            ("COL206", "T102"),
            ("SRC801", "T101"),
            ("SRC802", "T103"),
            ("SRC803", "T106"),
            ("SRC804", "T107"),
            ("SRC811", "T102"),
            ("SRC813", "T105"),
        )
    }
)
"""Rules that a warning of the search itself stands for: it knows which trials shared a fold, and what the
winner is worth on rows that were kept from the search."""


_TOLD_OF_ALL_FOLDS = MappingProxyType({"DAT612": "T106 judges that, over all folds"})


def judged_study(
    study: Study, table: Table, folder: Path, about_table: Mapping[str, str], ignored: Collection[str]
) -> dict[str, Any]:
    """``study`` is the diagnosis of the trials, ``best`` those of the best trial, a network for each fold.

    ``about_table`` are the warnings about it by code, ``ignored`` those that are not to be told of.
    """
    rows = np.concatenate([split.validation for split in parts_of(table, study.plan).splits])
    trials = log_of_study(
        study.plan,
        study.trials,
        asked=study.target,
        rows_validation=len(rows),
        positives_validation=int(table.target[rows].sum()),
        source=str(folder),
    )
    return {
        "study": judged_log(trials, elsewhere=_TOLD),
        "best": [
            judged_log(log, ignored, elsewhere=_TOLD_OF_ALL_FOLDS)
            for log in _of_best(study, table, folder, about_table)
        ],
    }


def _of_best(study: Study, table: Table, folder: Path, about_table: Mapping[str, str]) -> Iterator[Log]:
    """With the first seed of every fold; none if no trial is complete."""
    if not study.ranking.entries:
        return
    splits = parts_of(table, study.plan).splits
    first = {network.fold: network for network in reversed(study.best.networks)}
    for fold, network in sorted(first.items()):
        yield log_of_outcome(
            network,
            study.best_recipe,
            splits[fold],
            table.target,
            row_weights=table.weights is not None,
            data_warnings=about_table,
            source=f"{folder}, trial {study.best.number}, fold {fold + 1}",
        )
