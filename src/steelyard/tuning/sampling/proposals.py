"""Points proposed by samplers that learn: Optuna's, asked for a batch at a time.

Nothing of a sampler lives longer than one call. It is made anew from a seed and shown the trials that are
known, so that a batch depends on these alone and not on which process asks for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import numpy as np
import optuna
from optuna.trial import TrialState as State

from steelyard.study import Plan, Point, Trial, TrialState
from steelyard.tuning.sampling.design import SMALL, design
from steelyard.tuning.sampling.samplers import sampler_of
from steelyard.tuning.sampling.seen import Seen, key_of
from steelyard.tuning.sampling.sight import Sight
from steelyard.tuning.space import grid_size

_ASKED_AGAIN = 5
"""So often a sampler is asked for another point if the one it proposes is known."""
_DRAWN = 100
"""So many points of the random design are looked at, besides as many as are known, for one that is new."""


class Proposer:
    """The sampler of a plan, if it learns.

    ``tpe``: Optuna's multivariate TPE, in groups if parameters have conditions; points that others still
    train are avoided (constant liar). ``gp``: a Gaussian process; it takes seconds for a point. ``cmaes``:
    CMA-ES. ``nsga2``: NSGA-II, with all metrics of the plan as objectives. These three model parameters
    without conditions, CMA-ES of these the ranges, and draw the others at random. All begin at random.
    :class:`~steelyard.tuning.sampling.sight.Sight` says what each is shown of the known trials.

    It is for one study: how its finished trials look to the sampler is found once, and kept.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sight = Sight(plan)
        self._finished: dict[int, Seen] = {}

    def propose(self, known: Sequence[Trial], count: int, first: int) -> list[Point]:
        """The next points.

        A sampler that proposes a point which is known, or was proposed for this batch, is asked again; if it
        insists, a new point of the random design takes the place. Only if there is none is a point repeated:
        what was trained once gives the same score again.

        Args:
            known: Every trial that was asked for so far, running ones too.
            count: How many points.
            first: The number of the first of them.

        The same arguments give the same points, whatever was asked before.
        """
        plan, sight = self._plan, self._sight
        seen = [self._seen(trial) for trial in known]
        with _silent_optuna():
            storage = optuna.storages.InMemoryStorage()
            study = optuna.create_study(
                storage=storage,
                sampler=sampler_of(
                    plan, int(np.random.SeedSequence([plan.seed, first]).generate_state(1)[0])
                ),
                pruner=optuna.pruners.NopPruner(),
                directions=["minimize"] * len(sight.objectives),
            )
            number = storage.get_study_id_from_name(study.study_name)
            for _, batch in groupby(sight.remembered(seen), lambda trial: trial.number // plan.batch):
                notes = _notes(study, sight)
                for trial in batch:
                    storage.create_new_trial(number, trial.with_notes(notes))
            taken = {trial.key for trial in seen}
            spare = _spare(plan, len(known))
            return [_next(study, sight, taken, spare) for _ in range(count)]

    def _seen(self, trial: Trial) -> Seen:
        if trial.state is TrialState.RUNNING:
            return self._sight.seen(trial)
        found = self._finished.get(trial.number)
        if found is None:
            found = self._finished[trial.number] = self._sight.seen(trial)
        return found


def _notes(study: optuna.Study, sight: Sight) -> dict[str, Any]:
    """What the sampler notes on trials that are asked for now.

    CMA-ES and NSGA-II keep their generations that way. Asked at the beginning of each batch, as it was then,
    a sampler goes through all of them again.
    """
    if not sight.generations:
        return {}
    asked = study.ask()
    sight.point(asked)
    notes = study.get_trials(deepcopy=False)[asked.number].system_attrs
    study.tell(asked, state=State.FAIL)
    return notes


def _next(study: optuna.Study, sight: Sight, taken: set[str], spare: Iterator[Point]) -> Point:
    for _ in range(1 + _ASKED_AGAIN):
        asked = study.ask()
        point = sight.point(asked)
        if key_of(point) not in taken:
            break
        study.tell(asked, state=State.FAIL)
    else:
        point = next((one for one in spare if key_of(one) not in taken), point)
        study.add_trial(sight.seen(Trial(-1, point, TrialState.RUNNING)).shown)
    taken.add(key_of(point))
    return point


def _spare(plan: Plan, known: int) -> Iterator[Point]:
    """Points of the random design; all there are of a small space."""
    size = grid_size(plan.space)
    count = size if size is not None and size <= SMALL else known + _DRAWN
    yield from design(plan.model_copy(update={"sampler": "random"}), 0, count)


@contextmanager
def _silent_optuna() -> Iterator[None]:
    """No log, and no warnings about what is experimental; both are as before afterwards."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
