"""One ``steelyard cv``: recipes by name, metrics, the result on standard output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from steelyard.cli.cv_summary import validation_summary
from steelyard.cli.failure import INTERRUPTED
from steelyard.cli.folding import Folding, fold
from steelyard.cli.options import Alterations
from steelyard.cli.reading import network_of, recipe_of
from steelyard.crossvalidation import CrossValidation, decision_metric, validation_document
from steelyard.metrics import metric
from steelyard.recipe import Recipe

STANDARD = ("average_precision", "roc_auc", "log_loss", "brier")


def conduct(
    folding: Folding,
    recipe_files: Sequence[Path],
    alterations: Alterations,
    metrics: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Does it, and prints tables or one JSON object. Exits with 130 after Ctrl-C."""
    recipes = _recipes(recipe_files, alterations)
    asked = [metric(name).name for name in metrics]
    decisions = [decision_metric(recipe.decision.threshold) for recipe in recipes.values()]
    shown = list(dict.fromkeys([*asked, *STANDARD, *decisions]))

    def judge(result: CrossValidation, warnings: Sequence[str]) -> dict[str, Any]:
        return validation_document(result, shown, ranked_by=shown[0], warnings=warnings)

    document, folder = fold(folding, recipes, shown, judge, yardsticks=True)
    if as_json:
        click.echo(json.dumps(document, indent=2, allow_nan=False))
    else:
        click.echo(validation_summary(document, folder))
    if document["status"] == "interrupted":
        click.get_current_context().exit(INTERRUPTED)


def _recipes(files: Sequence[Path], alterations: Alterations) -> dict[str, Recipe]:
    """By the names of their files, as far as these differ."""
    network = network_of(alterations)
    if not files:
        return {"recipe": recipe_of(None, alterations, network)}
    stems = [file.stem for file in files]
    names = [file.stem if stems.count(file.stem) == 1 else str(file) for file in files]
    return {name: recipe_of(file, alterations, network) for name, file in zip(names, files, strict=True)}
