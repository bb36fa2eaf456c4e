"""What a search is going to be and to cost, before it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from steelyard.cli.cv_summary import name_of
from steelyard.cli.text import count, duration, entry, size
from steelyard.study import Plan
from steelyard.tuning.cost import Cost
from steelyard.tuning.document import plain
from steelyard.tuning.draft import Draft


def preview(name: str, draft: Draft, finished: int) -> str:
    """Trials, folds and seeds, what is left to do, and what that costs; ``finished`` trials are there."""
    return "\n".join(_lines(name, draft, finished))


def _lines(name: str, draft: Draft, finished: int) -> Iterator[str]:
    plan = draft.plan
    parameters = count(len(plan.space.parameters), "parameter")
    metrics = " and ".join(map(name_of, plan.metrics if plan.sampler == "nsga2" else plan.metrics[:1]))
    yield entry("study", f"{name}: {plan.sampler} over {parameters}, for the best {metrics}")
    yield entry("trials", _trials(plan, draft.trials))
    left = draft.trials - finished
    if finished:
        done = f"{finished:,} are finished"
        yield entry(
            "so far", f"{done}, {left:,} are left" if left > 0 else f"{done}: nothing is left to train"
        )
    if draft.cost is not None and left > 0:
        yield entry("cost", _cost(draft.cost, left / draft.trials))
    for note in draft.notes:
        yield entry("note", note)


def _trials(plan: Plan, trials: int) -> str:
    folds = count(plan.folds, "fold") if plan.folds > 1 else "1 split"
    networks = trials * plan.folds * plan.seeds
    rules = " and ".join(rule.name for rule in plan.pruning)
    pruned = f", hopeless ones stopped early by {rules}" if rules else ""
    return (
        f"{trials:,} × {folds} × {count(plan.seeds, 'seed')} = {count(networks, 'network')}{pruned}; "
        f"{count(min(plan.batch, trials), 'trial')} in a batch"
    )


def _cost(cost: Cost, share: float) -> str:
    """Of that share of the trials."""
    steps = f"{_amount(cost.steps * share)} steps of {_amount(cost.microseconds_per_step)} µs"
    return (
        f"at most {duration(cost.seconds * share)}: {steps} on {count(cost.threads, 'thread')}, less where "
        f"networks stop early; {size(cost.bytes)} of memory"
    )


def _amount(number: float) -> str:
    """At least three digits that count.

    >>> _amount(31.4), _amount(734.2), _amount(45_600), _amount(1_234_567), _amount(25e9)
    ('31.4', '734', '45,600', '1.23 million', '25 billion')
    """
    for power, word in ((1e9, "billion"), (1e6, "million")):
        if number >= power:
            return f"{number / power:.3g} {word}"
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def seconds_left(draft: Draft, finished: int) -> float | None:
    """What the trials that are left take at most; None if that was not measured."""
    if draft.cost is None:
        return None
    return draft.cost.seconds * max(0, draft.trials - finished) / draft.trials


def preview_document(name: str, draft: Draft, finished: int) -> dict[str, Any]:
    """The same for programs."""
    return {
        "study": name,
        "trials": draft.trials,
        "finished": finished,
        "plan": draft.plan.model_dump(mode="json"),
        "cost": None if draft.cost is None else plain(asdict(draft.cost)),
        "notes": list(draft.notes),
    }
