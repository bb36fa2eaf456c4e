"""Whatever a log holds, its signals are derived, and intervals are in order."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.history import History, Quantity, Series
from steelyard.log import Facts, LayerFact, Log, TrialTable

METRICS = (
    "loss",
    "objective",
    "accuracy",
    "weighted_accuracy",
    "precision",
    "recall",
    "f1",
    "auc",
    "average_precision",
    "binary_crossentropy",
    "penalty",
    "learning_rate",
)
maybe = st.none() | st.booleans()
share = st.none() | st.floats(0.0, 1.0)
count = st.none() | st.integers(0, 3000)
value = st.sampled_from([0.0, 1.0, 0.5, 0.97, np.nan, np.inf, -1.0, 50.0]) | st.floats(0.0, 1.0, width=32)
quantities = st.builds(Quantity, weighted=maybe, penalized=maybe, dropout=maybe, epoch_mean=maybe)
layers = st.builds(
    LayerFact,
    kind=st.sampled_from(["dense", "dropout", "batch_normalization"]),
    units=st.none() | st.integers(1, 9),
    inputs=st.none() | st.integers(1, 9),
    rate=st.none() | st.floats(0.0, 0.99),
    l2=st.sampled_from([0.0, 0.01]),
    kernel_initializer=st.none() | st.sampled_from(["he_normal", "own"]),
)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Counts may contradict each other only in ways that a reader lets through."""
    rows = {split: draw(count) for split in ("train", "validation")}
    positives = {
        split: None if n is None or draw(st.booleans()) else draw(st.integers(0, n))
        for split, n in rows.items()
    }
    return Facts(
        framework=draw(st.sampled_from([None, "keras 2", "steelyard"])),
        loss=draw(st.sampled_from([None, "binary_crossentropy", "mse"])),
        layers=draw(st.none() | st.lists(layers, max_size=4).map(tuple)),
        batch_size=draw(st.none() | st.integers(1, 64)),
        shuffled=draw(maybe),
        class_weight=draw(st.none() | st.tuples(st.floats(0.1, 9.0), st.floats(0.1, 90.0))),
        class_weight_type=draw(st.sampled_from([None, "none", "dict", "array", "balanced"])),
        sample_weight=draw(maybe),
        metric_functions=draw(st.sampled_from([None, (), ("f1", "recall", "precision")])),
        rows_train=rows["train"],
        rows_validation=rows["validation"],
        positives_train=positives["train"],
        positives_validation=positives["validation"],
        base_rate=draw(share),
        odds_said=draw(st.none() | st.floats(1.0, 1000.0)),
        validation_way=draw(st.sampled_from([None, "tail", "random", "stratified"])),
        resampling=draw(st.sampled_from([None, "none", "smote"])),
        reported_auc=draw(share),
        reported_on=draw(st.sampled_from([None, "test", "validation"])),
        validation_is_test=draw(maybe),
    )


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Of up to eight epochs, now and then with a second run behind the first."""
    length = draw(st.integers(0, 8))
    epochs = np.arange(1, length + 1)
    if draw(st.booleans()) and length > 2:
        epochs[length // 2 :] -= length // 2
    names = draw(st.sets(st.tuples(st.sampled_from(["train", "validation"]), st.sampled_from(METRICS))))
    column = st.lists(value, min_size=length, max_size=length)
    series = tuple(
        Series(split, metric, np.array(draw(column), np.float64), draw(quantities))
        for split, metric in sorted(names)
    )
    trials = TrialTable(
        {"a": [1, 2, 3]}, {"validation_accuracy": np.array(draw(st.lists(value, min_size=3, max_size=3)))}
    )
    return Log(
        "a test",
        "csv",
        draw(st.none() | st.just(History(epochs, series))),
        draw(facts()),
        trials=draw(st.none() | st.just(trials)),
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs())
def test_signals_are_derived(log: Log) -> None:
    signals = signals_from(log)
    for field in fields(signals):
        found = getattr(signals, field.name)
        if isinstance(found, Estimate):
            assert found.low <= found.value <= found.high, field.name
        if isinstance(found, Curve):
            assert len(found.epochs) == len(found.values) == len(found.low) == len(found.high) > 0
            known = ~np.isnan(found.values)
            assert (found.low[known] <= found.values[known]).all(), field.name
            assert (found.values[known] <= found.high[known]).all(), field.name
    confusion = signals.validation_confusion
    if confusion is not None:
        assert (confusion.true_positive_low <= confusion.true_positive_high).all()
        assert (confusion.true_positive_high <= confusion.rows).all()
        assert (confusion.predicted_positive_low <= confusion.predicted_positive_high).all()
