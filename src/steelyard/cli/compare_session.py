"""One ``steelyard compare``: strategies as recipes, the verdicts on standard output."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from steelyard.cli.compare_summary import comparison_summary, conclusion
from steelyard.cli.failure import INTERRUPTED
from steelyard.cli.folding import Folding, fold
from steelyard.cli.options import Alterations
from steelyard.cli.reading import network_of, recipe_of
from steelyard.crossvalidation import (
    CrossValidation,
    compare_strategies,
    comparison_document,
    decision_metric,
)
from steelyard.errors import RecipeError
from steelyard.recipe import Change, apply
from steelyard.recipe.strategies import STRATEGIES, strategies

PROBABILITIES = ("average_precision", "roc_auc", "log_loss")
CONTROLS = ("none", "threshold")
"""Always there; they share their networks."""


def conduct(
    folding: Folding,
    arms: str,
    base_file: Path | None,
    alterations: Alterations,
    costs: Sequence[str],
    margin: float,
    *,
    as_json: bool,
) -> None:
    """Does it, and prints tables or one JSON object. Exits with 130 after Ctrl-C."""
    if costs:
        alterations = dataclasses.replace(alterations, threshold=" ".join(("cost", *costs)))
    base = recipe_of(base_file, alterations, network_of(alterations))
    notes = []
    if base.training.monitor == "auto":
        # Made out for each (Recipe.monitor), auto would be log loss for some strategies and average precision
        # for SMOTE and focal loss; what the choice of the epoch makes would pass for a merit of the strategy.
        base = apply(base, Change("training.monitor", "validation_average_precision"))
        notes.append(
            "every strategy keeps the epoch with the highest validation average precision, since log loss "
            "cannot judge those whose probabilities are calibrated later (another monitor: --set "
            "training.monitor=...)"
        )
    recipes = strategies(base, dict.fromkeys([*CONTROLS, *_named(arms)]))
    decision = decision_metric(base.decision.threshold)
    shown = [*PROBABILITIES, decision]

    def judge(result: CrossValidation, warnings: Sequence[str]) -> dict[str, Any]:
        comparison = compare_strategies(result, ranking=PROBABILITIES, decision=decision, margin=margin)
        document = comparison_document(result, comparison, warnings=warnings)
        told = {**document, "notes": [*notes, *document["notes"]]}
        return {**told, "conclusion": conclusion(told)}

    document, folder = fold(folding, recipes, shown, judge, yardsticks=False)
    if as_json:
        click.echo(json.dumps(document, indent=2, allow_nan=False))
    else:
        click.echo(comparison_summary(document, folder))
    if document["status"] == "interrupted":
        click.get_current_context().exit(INTERRUPTED)


def _named(arms: str) -> list[str]:
    names = [name.strip() for name in arms.split(",") if name.strip()]
    if not names:
        raise RecipeError("--arms: there is nothing to compare", help=f"there are: {', '.join(STRATEGIES)}")
    return names
