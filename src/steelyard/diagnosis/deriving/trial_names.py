"""The columns of a search's table by the names that rules know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from steelyard.diagnosis.deriving.curves import AUC
from steelyard.log import TrialTable

_NAME, *_OTHERS = AUC


def with_known_names(table: TrialTable) -> TrialTable:
    """The area under the ROC curve is ``auc`` in tables of ours and ``roc_auc`` in those of others; rules ask
    for the first. Where a table has both, both keep their names."""
    names = {name: name for name in table.metrics}
    for name in names:
        split, _, metric = name.partition("_")
        if metric in _OTHERS and f"{split}_{_NAME}" not in names:
            names[name] = f"{split}_{_NAME}"

    def renamed(columns: Mapping[str, Any]) -> dict[str, Any]:
        return {names.get(name, name): values for name, values in columns.items()}

    return replace(
        table,
        metrics=renamed(table.metrics),
        spread=renamed(table.spread),
        ranked_by=None if table.ranked_by is None else names.get(table.ranked_by, table.ranked_by),
    )
