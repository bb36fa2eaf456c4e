"""Whatever several logs hold, they make a comparison that can be judged, or none."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.together import log_of_runs
from steelyard.finding import Status
from steelyard.history import History, Quantity, Series
from steelyard.log import Facts, LayerFact, Log, Stopping

VALUES = st.one_of(st.floats(0.0, 2.0), st.sampled_from([np.nan, np.inf, -np.inf, 1e300, 0.0]))
METRICS = ("loss", "roc_auc", "accuracy", "gain")
STOPPING = st.builds(
    Stopping,
    st.sampled_from(["val_loss", "val_auc", "loss", "val_gain", "x", ""]),
    st.none() | st.integers(0, 9),
    st.sampled_from([None, "min", "max", "auto"]),
    st.none() | st.booleans(),
)


@st.composite
def runs(draw: st.DrawFn, metrics: tuple[str, ...]) -> Log:
    epochs = np.array(draw(st.lists(st.integers(1, 9), min_size=1, max_size=6)))

    def series(split: str, metric: str) -> Series:
        values = np.array([draw(VALUES) for _ in epochs])
        measured = draw(st.none() | st.just(np.array([draw(st.booleans()) for _ in epochs])))
        return Series(split, metric, values, Quantity(), measured)

    curves = [series("validation", metric) for metric in metrics]
    curves += [series("train", "loss")] if draw(st.booleans()) else []
    facts = Facts(
        framework=draw(st.sampled_from(["keras 2", "keras 3"])),
        loss=draw(st.sampled_from([None, "binary_crossentropy", "mse"])),
        learning_rate=draw(st.none() | st.sampled_from([0.1, 0.01])),
        class_weight=draw(st.sampled_from([None, (1, 9), (1.0, 9.0)])),
        layers=draw(st.none() | st.builds(lambda l2: (LayerFact("dense", 1, l2=l2),), st.floats(0, 1))),
        seed=draw(st.none() | st.integers(0, 2)),
        stopping=draw(st.none() | STOPPING),
        rows_validation=draw(st.sampled_from([None, 100])),
        positives_validation=draw(st.sampled_from([None, 10])),
    )
    return Log("run", "keras history", History(epochs, tuple(curves)), facts)


@settings(max_examples=60)
@given(data=st.data())
def test_every_comparison_is_judged(data: st.DataObject) -> None:
    metrics = tuple(data.draw(st.lists(st.sampled_from(METRICS), min_size=1, unique=True)))
    logs = data.draw(st.lists(runs(metrics), max_size=5))
    found = log_of_runs(logs)
    if found is None:
        return
    assert found.trials is not None
    columns: list[Any] = [*found.trials.parameters.values(), *found.trials.metrics.values()]
    assert {len(column) for column in columns} == {len(logs)}
    for result in diagnosis_of(found).results:
        assert result.finding is not None or result.reason or result.status is Status.MASKED
