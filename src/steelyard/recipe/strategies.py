"""What can be done about a rare class, each as changes of a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from steelyard.errors import RecipeError, did_you_mean
from steelyard.recipe.applying import apply
from steelyard.recipe.change import Change
from steelyard.recipe.recipe import Recipe

NATURAL = (
    Change("imbalance.class_weight", "none"),
    Change("imbalance.resampling.name", "none"),
    Change("loss.name", "binary_crossentropy"),
)
"""The training rows as they are; what a strategy does not change is as here."""

STRATEGIES: Mapping[str, tuple[Change, ...]] = MappingProxyType(
    {
        "none": (Change("decision.threshold", "0.5"),),
        "threshold": (),
        "weights": (Change("imbalance.class_weight", "balanced"),),
        "sqrt_weights": (Change("imbalance.class_weight", "square_root"),),
        "over": (Change("imbalance.resampling.name", "random_over_sampling"),),
        "under": (Change("imbalance.resampling.name", "random_under_sampling"),),
        "smote": (Change("imbalance.resampling.name", "smote"),),
        "borderline_smote": (Change("imbalance.resampling.name", "borderline_smote"),),
        "adasyn": (Change("imbalance.resampling.name", "adasyn"),),
        "smote_enn": (Change("imbalance.resampling.name", "smote_enn"),),
        "smote_tomek": (Change("imbalance.resampling.name", "smote_tomek"),),
        "balanced_batches": (Change("imbalance.resampling.name", "balanced_batches"),),
        "focal": (Change("loss.name", "focal_crossentropy"),),
        "logit_adjusted": (Change("loss.name", "logit_adjusted"),),
    }
)
"""By name, what each changes. ``none`` decides at 0.5, as one does who does nothing;
all others at a threshold that was chosen, and ``threshold`` does nothing else."""


def strategy(base: Recipe, name: str) -> Recipe:
    """The recipe with that strategy instead of its own.

    What the base says about a part that the strategy has too stays: a ``ratio`` for all that resample, a
    ``gamma`` for the focal loss.

    >>> strategy(Recipe(), "weights").imbalance.class_weight
    'balanced'
    """
    return apply(base, *strategy_changes(name))


def strategy_changes(name: str) -> tuple[Change, ...]:
    """What makes any recipe one with that strategy: its changes, and the natural rows for all else."""
    if name not in STRATEGIES:
        raise RecipeError(
            f"{name!r} is no strategy{did_you_mean(name, STRATEGIES)}",
            help=f"there are: {', '.join(STRATEGIES)}",
        )
    changes = STRATEGIES[name]
    paths = {change.path for change in changes}
    return (*(change for change in NATURAL if change.path not in paths), *changes)


def strategies(base: Recipe, names: Iterable[str]) -> dict[str, Recipe]:
    """Several by name; all that are none are told at once."""
    found: dict[str, Recipe] = {}
    problems: list[str] = []
    help = ""
    for name in names:
        try:
            found[name] = strategy(base, name)
        except RecipeError as error:
            problems += error.problems
            help = error.help
    if problems:
        raise RecipeError(*problems, help=help)
    return found
