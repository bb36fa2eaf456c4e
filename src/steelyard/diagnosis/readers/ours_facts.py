"""What the folder of a run tells besides its curves: the recipe, and what ``metrics.json`` counted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.ours_signs import METRICS
from steelyard.diagnosis.run import class_weight_facts, recipe_facts, validation_way
from steelyard.errors import DataError, RecipeError
from steelyard.log import Facts, FeatureFact
from steelyard.recipe import Recipe, recipe_from_toml

_RECIPE = "recipe.toml"
_LARGEST_RECIPE = 2**20
_CODE = re.compile(r"([A-Z]\d{3}): ?(.{1,2000})", re.DOTALL)
_MOST = 2**53
_LONGEST_NAME = 100
_MOST_FEATURES = 10_000
_FIGURES = ("minimum", "maximum", "mean", "deviation")


def facts_of_folder(folder: Path) -> Facts:
    """What the recipe and ``metrics.json`` tell."""
    content = jsonfile.load(folder / METRICS)
    content = content if isinstance(content, dict) else {}
    recipe = _recipe(folder / _RECIPE)
    split, data = _dict(content, "split"), _dict(content, "data")
    rows = {part: _count(_dict(split, "rows").get(part)) for part in ("train", "validation", "test")}
    positives = {
        part: _count(_dict(_dict(content, "scores"), part).get("positives"))
        for part in ("validation", "test")
    }
    known: dict[str, Any] = {
        **recipe_facts(recipe, _count(content.get("inputs"))),
        # Of the rows as they are: on these the plain curves are measured, whatever was resampled.
        "rows_train": rows["train"],
        "positives_train": _positives_train(rows, positives, data),
        "rows_validation": rows["validation"] or None,
        "positives_validation": positives["validation"],
        "base_rate": jsonfile.number(data.get("base_rate")),
        "validation_way": validation_way(str(split.get("method"))),
        "validation_is_test": False,
        "batch_size": _count(content.get("batch_size")) or None,
        "features": _features(content.get("input_figures")),
        "resampling": recipe.imbalance.resampling.name,
        "resampled_before_split": False,
        "calibration": _calibration(content),
        "logistic_loss": _baseline(content, "log_loss"),
        "logistic_auc": _baseline(content, "roc_auc"),
        "seeds": len(networks) if isinstance(networks := content.get("networks"), list) else None,
        "data_warnings": _warnings(content.get("warnings")),
    }
    if known["rows_train"] and known["positives_train"] is not None:
        known |= class_weight_facts(recipe, known["positives_train"] / known["rows_train"])
    else:
        known["class_weight_type"] = (
            recipe.imbalance.class_weight if isinstance(recipe.imbalance.class_weight, str) else "dict"
        )
    counted = dict.fromkeys(
        ("rows_train", "positives_train", "rows_validation", "positives_validation"), METRICS
    )
    return Facts(**known, origins=MappingProxyType(counted))


def _recipe(path: Path) -> Recipe:
    if path.stat().st_size > _LARGEST_RECIPE:
        raise DataError(f"{path} is larger than a recipe can be")
    try:
        return recipe_from_toml(path.read_text(encoding="utf-8"), str(path))
    except (RecipeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path} is no recipe: {error}") from None


def _positives_train(
    rows: Mapping[str, int | None], positives: Mapping[str, int | None], data: Mapping[str, Any]
) -> int | None:
    """Those of the table that are neither validation nor test rows; None unless each row is in one part."""
    every, there = _count(data.get("rows")), _count(data.get("positives"))
    if every is None or there is None or sum(one or 0 for one in rows.values()) != every:
        return None
    if any(rows[part] and positives[part] is None for part in positives):
        return None
    left = there - sum(one or 0 for one in positives.values())
    return left if 0 <= left <= (rows["train"] or 0) else None


def _calibration(content: Mapping[str, Any]) -> str | None:
    """None of a run that is older than its decision."""
    decision = content.get("decision")
    if not isinstance(decision, dict):
        return None
    name = _dict(_dict(decision, "calibration"), "calibrator").get("name", "none")
    return name if isinstance(name, str) and len(name) < _LONGEST_NAME else None


def _baseline(content: Mapping[str, Any], metric: str) -> float | None:
    scores = _dict(_dict(_dict(content, "baselines"), "logistic_regression"), "validation")
    return jsonfile.number(scores.get(metric))


def _features(figures: Any) -> tuple[FeatureFact, ...] | None:
    """The inputs as they enter the network; None of a run that is older than these figures."""
    if not isinstance(figures, list):
        return None
    return tuple(_feature(one) for one in figures[:_MOST_FEATURES] if isinstance(one, dict))


def _feature(one: Mapping[str, Any]) -> FeatureFact:
    """What is no number is NaN, as of a column without values."""
    found = (jsonfile.number(one.get(name)) for name in _FIGURES)
    minimum, maximum, mean, deviation = (math.nan if value is None else value for value in found)
    return FeatureFact(
        shown(str(one.get("name"))),
        _count(one.get("rows")) or 0,
        minimum,
        maximum,
        mean,
        deviation,
        _count(one.get("distinct")),
        _count(one.get("missing")) or 0,
        jsonfile.number(one.get("median")),
    )


def _warnings(warnings: Any) -> Mapping[str, str] | None:
    """By code, those that have one."""
    if not isinstance(warnings, list):
        return None
    found = (_CODE.match(one) for one in warnings if isinstance(one, str))
    return MappingProxyType({one[1]: one[2] for one in found if one is not None})


def _dict(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else None
