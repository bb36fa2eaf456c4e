"""``--prune RULE``: a rule's name, and settings behind it."""

from __future__ import annotations

import json

from steelyard.errors import RecipeError, did_you_mean
from steelyard.recipe.problems import validate
from steelyard.study import DropFolds, Halving, Hyperband, MedianPruning, PatiencePruning, Pruning

_RULES: dict[str, type[Pruning]] = {
    "halving": Halving,
    "hyperband": Hyperband,
    "median": MedianPruning,
    "patience": PatiencePruning,
    "folds": DropFolds,
}


def pruning_of(text: str) -> Pruning:
    """The rule that is meant; :class:`~steelyard.errors.RecipeError` if there is none of that name.

    >>> pruning_of("patience patience=4")
    PatiencePruning(name='patience', patience=4, min_delta=0.0)
    >>> pruning_of("halfing")
    Traceback (most recent call last):
    ...
    steelyard.errors.RecipeError: --prune: there is no rule 'halfing' (did you mean 'halving'?)
    help: there are: halving, hyperband, median, patience, folds
    """
    name, *settings = text.split() or [""]
    if name not in _RULES:
        raise RecipeError(
            f"--prune: there is no rule {name!r}{did_you_mean(name, _RULES)}",
            help=f"there are: {', '.join(_RULES)}",
        )
    values = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise RecipeError(
                f"--prune {name}: found {setting!r}, which is not of the form setting=value",
                help="for example --prune 'halving reduction=4 min_epochs=2'",
            )
        values[key] = _read(value)
    return validate(_RULES[name], values, f"--prune {name}")


def _read(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value
