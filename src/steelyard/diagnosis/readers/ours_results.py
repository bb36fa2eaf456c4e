"""``results.json`` of ``steelyard tune``, ``cv`` and ``compare``, and the folder of a study."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from steelyard.diagnosis.readers import jsonfile, ours
from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.ours_signs import RESULTS, is_run
from steelyard.diagnosis.run import recipe_facts, validation_way
from steelyard.errors import DataError, RecipeError
from steelyard.log import Facts, Log, TrialTable
from steelyard.recipe import recipe_from_dict
from steelyard.study.plan import Plan

_WINNER = re.compile(r"winner-\d{1,6}\Z")
_CANONICAL = MappingProxyType({"log_loss": "loss"})
"""Metrics of a search by the names of the curves they are of."""
_FINISHED = ("complete", "pruned")
_ROOM = 2**16


def read(path: Path) -> tuple[Log, ...]:
    """The log of a search, with those of its winners if the folder is given; or a log for each recipe that
    was cross-validated, the first with the table of them all."""
    if not path.is_dir():
        return _document(path)
    with os.scandir(path) as entries:
        names = sorted(one.name for one in entries if _WINNER.match(one.name))
    winners = [path / name for name in names if is_run(b"", path / name)]
    return (*_document(path / RESULTS), *(log for winner in winners for log in ours.read(winner)))


def _document(path: Path) -> tuple[Log, ...]:
    content = jsonfile.load(path)
    if not isinstance(content, dict) or content.get("format") != 1:
        raise DataError(f"{path} is no document of Steelyard in format 1")
    if isinstance(content.get("plan"), dict):
        return (_of_study(path, content),)
    return _of_recipes(path, content)


def _of_study(path: Path, content: Mapping[str, Any]) -> Log:
    try:
        plan = Plan.model_validate(content["plan"])
    except ValidationError as error:
        raise DataError(
            f"{path}: its plan is not as Steelyard wrote it: {str(error).splitlines()[0]}"
        ) from None
    rows = content.get("trials")
    trials = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    finished = [one for one in trials if one.get("state") in _FINISHED]
    names = [f"validation_{_CANONICAL.get(name, name)}" for name in plan.metrics]
    paths = [parameter.path for parameter in plan.space.parameters]
    if (len(paths) + 2 * len(names)) * len(finished) > _ROOM + 8 * sum(map(len, finished)):
        raise DataError(f"{path}: its trials lack most of their parameters")
    spread = {name: _column(finished, f"{own}_seeds") for name, own in zip(names, plan.metrics, strict=True)}
    table = TrialTable(
        parameters={one: [trial.get(one) for trial in finished] for one in paths},
        metrics={name: _column(finished, own) for name, own in zip(names, plan.metrics, strict=True)},
        ranked_by=names[0],
        spread={name: values for name, values in spread.items() if np.isfinite(values).any()},
        asked=_count(_dict(content, "counts").get("target")),
        epochs=_column(finished, "epochs"),
    )
    winner = _dict(content, "winner")
    on_auc = winner.get("metric") == "roc_auc"
    known: dict[str, Any] = {} if plan.recipe is None else recipe_facts(plan.recipe, None)
    facts = Facts(
        **{**known, "framework": "steelyard"},
        seeds=plan.folds * plan.seeds,
        base_rate=jsonfile.number(_dict(content, "data").get("base_rate")),
        validation_way=validation_way(
            {"random": "stratified", "file_order": "file order"}.get(plan.by, plan.by)
        ),
        validation_is_test=False,
        reported_auc=jsonfile.number(winner.get("held_out")) if on_auc else None,
        reported_on="test" if on_auc and winner.get("held_out") is not None else None,
    )
    left = len(trials) - len(finished)
    notes = (f"{left} trials are not finished and are left out",) if left else ()
    return Log(
        f"{path}, study {shown(str(content.get('study')))}",
        "steelyard study",
        None,
        facts,
        trials=table,
        notes=notes,
    )


def _of_recipes(path: Path, content: Mapping[str, Any]) -> tuple[Log, ...]:
    """``cv`` has recipes, ``compare`` strategies; both judge each on the test rows of every fold."""
    kind = "recipes" if "recipes" in content else "strategies"
    found = {name: one for name, one in _dict(content, kind).items() if isinstance(one, dict)}
    if not found:
        raise DataError(f"{path} holds neither recipes nor strategies")
    metrics = _means(content, kind, list(found))
    ranked = _dict(content, "leaderboard").get("metric")
    table = TrialTable(
        parameters={"recipe" if kind == "recipes" else "strategy": [shown(name) for name in found]},
        metrics=metrics,
        ranked_by=f"test_{ranked}" if isinstance(ranked, str) and f"test_{ranked}" in metrics else None,
        asked=len(found),
    )
    logs = []
    for number, (name, one) in enumerate(found.items()):
        auc = metrics["test_roc_auc"][number] if "test_roc_auc" in metrics else np.nan
        logs.append(
            Log(
                f"{path}, {shown(name)}",
                "steelyard cross-validation",
                facts=_facts(path, content, one, None if np.isnan(auc) else float(auc)),
                trials=table if number == 0 and len(found) > 1 else None,
                notes=("results are means over the test rows of the folds; no curves are kept",),
            )
        )
    return tuple(logs)


def _means(content: Mapping[str, Any], kind: str, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """By metric, the mean over the folds of each recipe or strategy."""
    metrics: dict[str, NDArray[np.float64]] = {}
    for metric in _dict(content, "metrics"):
        if kind == "recipes":
            found = [_dict(_dict(_dict(_dict(content, kind), name), "metrics"), metric) for name in names]
        else:
            by_name = _dict(_dict(_dict(content, "metrics"), metric), "strategies")
            found = [_dict(by_name, name) for name in names]
        if any("mean" in one for one in found):
            metrics[f"test_{_CANONICAL.get(metric, shown(metric))}"] = _column(found, "mean")
    return metrics


def _facts(path: Path, content: Mapping[str, Any], one: Mapping[str, Any], auc: float | None) -> Facts:
    try:
        recipe = recipe_from_dict(one.get("recipe"), str(path))
    except RecipeError as error:
        raise DataError(f"{path} holds a recipe that is none: {error}") from None
    folds = _dict(content, "folds")
    rows = _dict(folds, "rows")
    plain = recipe.imbalance.resampling.name == "none"
    return Facts(
        **recipe_facts(recipe, None),
        rows_train=_count(rows.get("train")) if plain else None,
        rows_validation=_count(rows.get("validation")),
        base_rate=jsonfile.number(_dict(content, "data").get("base_rate")),
        validation_way=validation_way(str(folds.get("method"))),
        validation_is_test=False,
        resampling=recipe.imbalance.resampling.name,
        resampled_before_split=False,
        reported_auc=auc,
        reported_on=None if auc is None else "test",
        seeds=_count(content.get("seeds")),
    )


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    numbers = (jsonfile.number(one.get(name)) for one in rows)
    return np.fromiter((np.nan if one is None else one for one in numbers), np.float64, len(rows))


def _dict(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53 else None
