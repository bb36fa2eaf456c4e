"""Flat parameters of the estimator into a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from steelyard.errors import RecipeError, did_you_mean
from steelyard.readout import check_objective
from steelyard.recipe import Change, Recipe, apply

PATHS = {
    "hidden_units": "network.hidden_units",
    "activation": "network.activation",
    "dropout": "network.dropout",
    "batch_normalization": "network.batch_normalization",
    "l2": "network.l2",
    "loss": "loss.name",
    "optimizer": "optimizer.name",
    "learning_rate": "optimizer.learning_rate",
    "weight_decay": "optimizer.weight_decay",
    "batch_size": "training.batch_size",
    "epochs": "training.epochs",
    "monitor": "training.monitor",
    "patience": "training.patience",
    "scaling": "preprocessing.scaling",
    "class_weight": "imbalance.class_weight",
    "resampling": "imbalance.resampling",
    "calibration": "decision.calibration",
    "threshold": "decision.threshold",
}
"""Where each flat parameter belongs in the recipe, in the order in which they are applied: an optimizer is
chosen before its learning rate is set."""


def recipe_of(parameters: Mapping[str, Any], classes: NDArray[Any]) -> Recipe:
    """The recipe with the flat parameters that are not None in it.

    ``classes`` are the negative and the positive label, for class weights by label. Raises one
    ``RecipeError`` for everything that is wrong, also with the parameters that are no part of a recipe.
    """
    problems = _own_problems(parameters)
    changes = []
    for name, path in PATHS.items():
        value = _plain(parameters[name])
        if name == "hidden_units" and isinstance(value, int):
            value = (value,)
        if name == "class_weight" and isinstance(value, Mapping):
            problems += _unknown_labels(value, classes)
            negative, positive = (value.get(label, 1.0) for label in classes.tolist())
            value = {"negative": _plain(negative), "positive": _plain(positive)}
        if name == "threshold" and value is not None:
            value, wrong = _threshold(value)
            problems += wrong
        if value is not None:
            changes.append(Change(path, value))
    given = parameters["recipe"]
    recipe = given if isinstance(given, Recipe) else Recipe()
    try:
        recipe = apply(recipe, *changes)
    except RecipeError as error:
        problems += [_in_flat_names(problem) for problem in error.problems]
    if problems:
        raise RecipeError(*problems)
    return recipe


def _threshold(value: Any) -> tuple[str | None, list[str]]:
    """The threshold as the recipe has it, a text, and what is wrong with it."""
    if not isinstance(value, str) and not _is_number(value):
        return None, [f"threshold: must be a number, a text such as 'f1', or None; found {value!r}"]
    text = value if isinstance(value, str) else repr(float(value))
    try:
        check_objective(text)
    except RecipeError as error:
        return None, [f"threshold: {problem.removeprefix('threshold: ')}" for problem in error.problems]
    return text, []


def _own_problems(parameters: Mapping[str, Any]) -> list[str]:
    """What is wrong with the parameters that are no part of a recipe."""
    problems = []

    def expect(name: str, sound: bool, allowed: str) -> None:
        if not sound:
            problems.append(f"{name}: must be {allowed}; found {parameters[name]!r}")

    recipe, fraction, kinds = (parameters[name] for name in ("recipe", "validation_fraction", "kinds"))
    expect("recipe", recipe is None or isinstance(recipe, Recipe), "a steelyard.Recipe or None")
    expect("validation_fraction", _is_number(fraction) and 0 <= fraction < 1, "a number from 0 to below 1")
    expect(
        "n_seeds", _is_whole(parameters["n_seeds"]) and parameters["n_seeds"] >= 1, "a whole number from 1"
    )
    expect("kinds", kinds is None or isinstance(kinds, Mapping), "a dict from column name to kind, or None")
    n_jobs = parameters["n_jobs"]
    expect("n_jobs", n_jobs is None or (_is_whole(n_jobs) and n_jobs != 0), "a whole number but 0, or None")
    try:
        check_random_state(parameters["random_state"])
    except ValueError as error:
        problems.append(f"random_state: {error}")
    return problems


def _unknown_labels(weights: Mapping[Any, Any], classes: NDArray[Any]) -> list[str]:
    known = classes.tolist()
    spelled = [str(label) for label in known]
    return [
        f"class_weight: y has no label {label!r}{did_you_mean(str(label), spelled)}; its labels are "
        f"{known[0]!r} and {known[1]!r}"
        for label in weights
        if label not in known
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy, which searches draw from, as Python's own."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(entry) for entry in value)
    return value


def _in_flat_names(problem: str) -> str:
    """``recipe: training.epochs: ...`` as ``epochs: ...``.

    >>> _in_flat_names("recipe: training.epochs: input should be greater than 0; found -1")
    'epochs: input should be greater than 0; found -1'
    """
    for name, path in PATHS.items():
        problem = problem.replace(f"recipe: {path}", name)
    return problem
