"""What Optuna's tools show of a study, written into Optuna's tables a batch at a time.

Optuna itself writes one trial after the other, at 12 to 25 ms each; here the rows of a batch are inserted
together, in the transaction that inserts ours. They are derived from ours and never read back by Steelyard:
who wants them asks Optuna, with :func:`optuna.load_study`.

A trial has its parameters, its objectives, the mean curve of the first metric as intermediate values and, as
user attributes, its other metrics, its seconds and how many of its networks diverged. A metric that is best
near some value is there as its distance from that. A trial whose objective cannot be measured has, in
Optuna's words, failed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, insert, select, update

from steelyard.metrics import Metric, metric
from steelyard.run import RunStatus
from steelyard.study import Plan, Point, Trial, TrialState
from steelyard.tuning.distributions import optuna_params
from steelyard.tuning.storage.optuna_schema import OptunaTables

Row = dict[str, Any]


def objectives(plan: Plan) -> list[Metric]:
    """The metrics that the sampler looks at: the first one, or with ``nsga2`` all."""
    return [metric(name) for name in (plan.metrics if plan.sampler == "nsga2" else plan.metrics[:1])]


def study_number(connection: Connection, tables: OptunaTables, name: str) -> int | None:
    """The number of the study of that name, whoever made it; None if there is none."""
    of_name = select(tables.studies.c.study_id).where(tables.studies.c.study_name == name)
    number: int | None = connection.execute(of_name).scalar()
    return number


def insert_study(connection: Connection, tables: OptunaTables, name: str, plan: Plan) -> int:
    """Makes a study that has no trials yet; its number."""
    connection.execute(insert(tables.studies), {"study_name": name})
    number = study_number(connection, tables, name)
    assert number is not None, "it was inserted a moment ago"
    directions = ["MAXIMIZE" if one.direction == "higher" else "MINIMIZE" for one in objectives(plan)]
    connection.execute(
        insert(tables.study_directions),
        [
            {"study_id": number, "objective": objective, "direction": direction}
            for objective, direction in enumerate(directions)
        ],
    )
    attribute = {"study_id": number, "key": "made by", "value_json": json.dumps("Steelyard")}
    connection.execute(insert(tables.study_user_attributes), attribute)
    return number


def insert_running(
    connection: Connection, tables: OptunaTables, study: int, plan: Plan, points: Mapping[int, Point]
) -> dict[int, int]:
    """Makes trials that run, from their points by number; Optuna's numbers of them by ours."""
    trials = tables.trials
    same = {"study_id": study, "state": "RUNNING", "datetime_start": _utc_now()}
    connection.execute(insert(trials), [{"number": number, **same} for number in points])
    found = connection.execute(
        select(trials.c.number, trials.c.trial_id).where(
            trials.c.study_id == study, trials.c.number.between(min(points), max(points))
        )
    )
    ids: dict[int, int] = dict(found.all())
    params = [
        {"trial_id": ids[number], "param_name": name, "param_value": value, "distribution_json": distribution}
        for number, point in points.items()
        for name, (value, distribution) in optuna_params(plan.space, point).items()
    ]
    if params:
        connection.execute(insert(tables.trial_params), params)
    return ids


def finish(
    connection: Connection, tables: OptunaTables, plan: Plan, trials: Sequence[Trial], ids: Mapping[int, int]
) -> None:
    """Writes what became of trials that ran; ``ids`` are Optuna's numbers of them by ours."""
    wanted = objectives(plan)
    others = plan.metrics[len(wanted) :]
    ended = _utc_now()
    states: list[Row] = []
    values: list[Row] = []
    steps: list[Row] = []
    attributes: list[Row] = []
    for trial in trials:
        of = {"trial_id": ids[trial.number]}
        measured = trial.values or ()
        scores = [_score(one, value) for one, value in zip(wanted, measured, strict=False)]
        failed = any(math.isnan(score) for score in scores)
        state = "FAIL" if failed else "PRUNED" if trial.state is TrialState.PRUNED else "COMPLETE"
        states.append({"of": ids[trial.number], "state": state, "datetime_complete": ended})
        if not failed:
            values += [
                {**of, "objective": number, **_number("value", score)} for number, score in enumerate(scores)
            ]
        steps += [
            {**of, "step": epoch, **_number("intermediate_value", _score(wanted[0], value))}
            for epoch, value in enumerate(_mean_curve(trial, plan.metrics[0]), 1)
        ]
        facts = {"seconds": trial.seconds, "diverged": _diverged(trial)}
        facts |= dict(zip(others, measured[len(wanted) :], strict=True))
        attributes += [
            {**of, "key": key, "value_json": json.dumps(value if math.isfinite(value) else str(value))}
            for key, value in facts.items()
        ]
    change = update(tables.trials).where(tables.trials.c.trial_id == bindparam("of"))
    connection.execute(change, states)
    connection.execute(insert(tables.trial_user_attributes), attributes)
    if values:
        connection.execute(insert(tables.trial_values), values)
    if steps:
        connection.execute(insert(tables.trial_intermediate_values), steps)


def _score(wanted: Metric, value: float) -> float:
    """The value as something to be maximised or minimised."""
    return abs(value - wanted.ideal) if wanted.direction == "nearest" else value


def _mean_curve(trial: Trial, name: str) -> list[float]:
    """Of a metric on validation rows: by epoch, the mean over the networks that had it."""
    series = f"validation_{name}"
    curves = [network.curves[series] for network in trial.networks if series in network.curves]
    total: NDArray[np.float64] = np.zeros(max(map(len, curves), default=0))
    count = np.zeros(len(total))
    for curve in curves:
        total[: len(curve)] += curve
        count[: len(curve)] += 1
    found: list[float] = (total / count).tolist()
    return found


def _diverged(trial: Trial) -> int:
    return sum(network.status is RunStatus.DIVERGED for network in trial.networks)


def _number(column: str, value: float) -> Row:
    """A number as Optuna stores it: what is not finite has a name instead."""
    if math.isfinite(value):
        return {column: value, f"{column}_type": "FINITE"}
    name = "NAN" if math.isnan(value) else "INF_POS" if value > 0 else "INF_NEG"
    return {column: None, f"{column}_type": name}


def _utc_now() -> datetime:
    """Without a time zone, as Optuna stores it."""
    return datetime.now(UTC).replace(tzinfo=None)
