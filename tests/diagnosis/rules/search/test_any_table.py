"""Whatever a reader makes of a stranger's table, every rule of searches has an answer in words."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.signals import Estimate
from steelyard.finding import Status
from steelyard.log import Stopping, TrialTable
from tests.diagnosis.signals import signals

SEARCH = [one for one in CATALOGUE if "trials" in one.signals and one.code[:3] in ("SRC", "IMB")]
NAMES = [
    *("lr", "batch_size", "units", "seed", "class_weight", "epochs", "resampling", "dropout"),
    *("loss", "optimizer"),
]
METRICS = [
    "validation_accuracy",
    "validation_auc",
    "validation_loss",
    "validation_f1",
    "validation_log_loss",
    "validation_rmse",
    "validation_gain",
    "test_auc",
    "train_loss",
]
CELLS = st.one_of(
    st.sampled_from([0, 1, 8, 0.1, 1e-5, "relu", "none", "balanced", None, True]),
    st.floats(),
    st.just(10**400),
    st.lists(st.integers(0, 9), max_size=2),
)


@st.composite
def tables(draw: st.DrawFn) -> TrialTable:
    count = draw(st.integers(0, 9))

    def column(cells: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(cells, min_size=count, max_size=count))

    scores = st.one_of(st.sampled_from([0.9, 0.5, 0.0, 1.0]), st.floats(0, 1), st.just(np.nan), st.floats())
    metrics = {
        name: np.array(column(scores), np.float64)
        for name in draw(st.lists(st.sampled_from(METRICS), unique=True))
    }
    return TrialTable(
        {name: column(CELLS) for name in draw(st.lists(st.sampled_from(NAMES), unique=True))},
        metrics,
        ranked_by=draw(st.sampled_from([None, "other", *METRICS])),
        spread={
            name: np.array(column(st.floats(0, 1)), np.float64) for name in metrics if draw(st.booleans())
        },
        asked=draw(st.none() | st.integers(0, 20)),
        epochs=draw(st.none() | st.just(np.array(column(st.floats(1, 1000)), np.float64))),
    )


@given(
    trials=tables(),
    rows=st.none() | st.integers(0, 10**6),
    share=st.floats(0, 1),
    seeds=st.none() | st.integers(1, 9),
    stopped=st.booleans(),
    planned=st.none() | st.integers(1, 1000),
)
def test_every_rule_has_an_answer(
    trials: TrialTable,
    rows: int | None,
    share: float,
    seeds: int | None,
    stopped: bool,
    planned: int | None,
) -> None:
    positives = None if rows is None else Estimate(rows * share, rows * share, rows * share)
    known = signals(
        trials=trials,
        rows_validation=rows,
        positives_validation=positives,
        base_rate_validation=Estimate(share, share, share),
        validation_floor=Estimate(0.2, 0.19, 0.21),
        seeds=seeds,
        stopping=Stopping("val_loss", 3) if stopped else None,
        planned_epochs=planned,
        framework="steelyard" if stopped else "keras 3",
        validation_is_test=True,
    )
    for result in diagnose(known, SEARCH):
        if result.status is Status.FIRED:
            assert result.finding is not None
            words = result.finding.message.split()
            assert words and not {"nan", "nan,", "nan.", "(nan)", "inf", "inf,", "inf."} & set(words), result
        else:
            assert result.reason or result.status is Status.MASKED, result
