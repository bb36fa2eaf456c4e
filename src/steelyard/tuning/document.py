"""A study as one plain document: what ``--json`` prints and ``results.json`` holds.

What people read in the terminal draws on the same document. NaN and infinity become null.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from steelyard.data import Table
from steelyard.metrics import as_loss, metric
from steelyard.recipe import recipe_to_toml
from steelyard.study import Plan, Trial, TrialState
from steelyard.tuning.analysis import Finding, Importance, spreads
from steelyard.tuning.search import Ending
from steelyard.tuning.study import Study
from steelyard.tuning.winner import Winner

FORMAT = 1
"""Raised when a reader of an older document would misunderstand a newer one."""


def study_document(
    study: Study,
    table: Table,
    importance: Importance,
    *,
    winner: Mapping[str, Any] | None,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """A study in numbers, texts, lists and dictionaries only.

    ``leaderboard`` has an entry per complete trial, best first; ``trials`` a row per trial, as
    :attr:`~steelyard.tuning.study.Study.table` has them; ``best.recipe`` is TOML. ``winner`` is what
    :func:`winner_document` gives, or None without one.
    """
    plan, states = study.plan, Counter(trial.state for trial in study.trials)
    target = table.schema.target
    ranked, spread = bool(study.ranking.entries), spreads(plan, study.trials)
    return {
        "format": FORMAT,
        "study": study.name,
        "storage": study.url,
        "status": _status(study),
        "data": {
            "source": table.source,
            "fingerprint": table.fingerprint,
            "rows": len(table),
            "positives": int(table.target.sum()),
            "base_rate": float(table.target.mean()),
            "target": {"name": target.name, "positive": target.positive, "negative": target.negative},
        },
        "plan": plan.model_dump(mode="json"),
        "counts": {
            "target": study.target,
            "finished": study.finished,
            "complete": states[TrialState.COMPLETE],
            "pruned": states[TrialState.PRUNED],
            "diverged": sum(entry.diverged for entry in study.ranking.entries),
            "networks": sum(len(trial.networks) for trial in study.trials),
            "steps": sum(network.steps for trial in study.trials for network in trial.networks),
        },
        "seconds": plain(sum(trial.seconds for trial in study.trials)),
        "metrics": {
            one.name: {"meaning": one.meaning, "direction": one.direction}
            for one in map(metric, plan.metrics)
        },
        "best": _best(study) if ranked else None,
        "leaderboard": plain(asdict(study.ranking)),
        "front": list(front(plan, study.trials)) if plan.sampler == "nsga2" else None,
        "spreads": {**plain(asdict(spread)), "summary": spread.summary},
        "importance": plain(asdict(importance)),
        "findings": [finding_document(finding) for finding in study.findings],
        "winner": winner,
        "trials": plain(study.table.to_dicts()),
        "notes": list(study.notes),
        "warnings": list(warnings),
    }


def winner_document(
    winner: Winner, *, run: str, judged: Sequence[int] = (), notes: Sequence[str] = ()
) -> dict[str, Any]:
    """The winner of a study; ``run`` is the folder of its model, ``judged`` are the trials that were ever
    judged on the test rows."""
    held_out = winner.held_out
    interval = None if held_out is None else held_out.interval
    return {
        "trial": winner.trial,
        "run": run,
        "epochs": winner.epochs,
        "metric": winner.metric,
        "own": plain(winner.own),
        "held_out": None if held_out is None else plain(held_out.value),
        "low": None if interval is None else plain(interval.low),
        "high": None if interval is None else plain(interval.high),
        "alone": plain(winner.alone),
        "optimism": plain(winner.optimism),
        "optimism_low": plain(winner.optimism_low),
        "optimism_high": plain(winner.optimism_high),
        "sentence": winner.sentence,
        "findings": [finding_document(finding) for finding in winner.findings],
        "judged": list(judged),
        "notes": list(notes),
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """A warning, with what to do about it as ``--set`` and a space take it."""
    return {
        "code": finding.code,
        "message": finding.message,
        "trials": list(finding.trials),
        "changes": [str(change) for change in finding.changes],
        "parameters": [plain(parameter) for parameter in finding.parameters],
        "metric": finding.metric or None,
    }


def front(plan: Plan, trials: Sequence[Trial]) -> tuple[int, ...]:
    """The numbers of the complete trials that no other one beats or equals in all metrics of the plan and
    beats in one (the Pareto front)."""
    chosen = [metric(name) for name in plan.metrics]
    losses = {
        trial.number: tuple(as_loss(one, value) for one, value in zip(chosen, trial.values, strict=True))
        for trial in trials
        if trial.state is TrialState.COMPLETE and trial.values is not None
    }
    return tuple(
        number
        for number, own in losses.items()
        if not any(_dominates(other, own) for other in losses.values())
    )


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _status(study: Study) -> str:
    if study.ending is not None:
        return study.ending.value
    return Ending.COMPLETE.value if study.finished >= study.target else "unfinished"


def _best(study: Study) -> dict[str, Any]:
    return {
        "trial": study.best.number,
        "point": plain(dict(study.best.point)),
        "values": dict(zip(study.plan.metrics, plain(study.best.values), strict=True)),
        "recipe": recipe_to_toml(study.best_recipe),
    }


def plain(value: Any) -> Any:
    """The same as JSON has it: parts of recipes become dictionaries, what is not finite becomes null.

    >>> plain({"a": (1.5, float("nan")), "b": "text"})
    {'a': [1.5, None], 'b': 'text'}
    """
    match value:
        case float():
            return value if math.isfinite(value) else None
        case BaseModel():
            return plain(value.model_dump(mode="json"))
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return value
