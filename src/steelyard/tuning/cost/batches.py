"""How many trials make a batch, if nobody says."""

from __future__ import annotations

from steelyard.study import PatiencePruning, Plan
from steelyard.tuning.sampling import is_adaptive


def usual_batch(plan: Plan, trials: int) -> int:
    """How many trials are asked for, trained and stored together, if nobody says; ``plan.batch`` is ignored.

    It decides which trials are compared, and after how many a sampler learns: so it depends on the plan and
    the number of trials alone, not on the machine. Where trials are stopped by comparison, there are many of
    them in a batch. A sampler that learns from them gets a fifth of all trials at once, at most; of many
    trials a fiftieth, since to learn more often helps no more, and every batch takes its time.
    """
    networks = plan.folds * plan.seeds
    if any(not isinstance(rule, PatiencePruning) for rule in plan.pruning):
        batch = 27 if is_adaptive(plan.sampler) else max(9, min(81, 600 // networks))
    elif is_adaptive(plan.sampler):
        batch = min(trials // 5, max(8 if networks > 1 else 16, trials // 50))
    else:
        batch = max(4, min(64, 256 // networks))
    return max(1, min(batch, trials))
