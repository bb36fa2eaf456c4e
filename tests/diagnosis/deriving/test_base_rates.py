"""Base rates: counted, worked out, said; an interval holds the truth whatever it was derived from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.deriving import signals_from
from steelyard.history import PLAIN, History, Quantity, Series
from steelyard.log import Facts, Log, Predictions

OPEN = Quantity(weighted=False, penalized=False, dropout=False, epoch_mean=True)


def log(facts: Facts, **curves: list[float]) -> Log:
    """A log with validation curves of these names."""
    if not curves:
        return Log("a test", "csv", facts=facts)
    length = max(map(len, curves.values()))
    series = tuple(Series("validation", name, np.array(values), PLAIN) for name, values in curves.items())
    return Log("a test", "csv", History(np.arange(1, length + 1), series), facts)


def test_counts_are_believed() -> None:
    signals = signals_from(log(Facts(rows_validation=400, positives_validation=30, odds_said=20.0)))
    rate = signals.base_rate_validation
    assert rate is not None
    assert rate.value == rate.low == rate.high == 30 / 400
    assert rate.how == "counted"


def test_predictions_hold_the_labels() -> None:
    found = Predictions(np.array([0, 1, 0, 1, 0], np.uint8), np.full(5, 0.3))
    signals = signals_from(Log("a test", "csv", predictions={"validation": found}))
    assert signals.rows_validation == 5
    assert signals.positives_validation is not None
    assert signals.positives_validation.value == 2


@pytest.mark.parametrize(("odds", "rate"), [(20.0, 1 / 21), (3.0, 0.25)])
def test_words_are_widened(odds: float, rate: float) -> None:
    signals = signals_from(log(Facts(odds_said=odds, rows_validation=100_000, validation_way="stratified")))
    found = signals.base_rate_validation
    assert found is not None
    assert found.low < rate < found.high
    assert found.low == pytest.approx(1 / (1 + 1.2 * odds), abs=1e-4)
    assert found.high == pytest.approx(1 / (1 + odds / 1.2), abs=1e-4)


def test_a_split_that_was_not_drawn_may_be_otherwise() -> None:
    rates = {
        way: signals_from(log(Facts(base_rate=0.1, rows_validation=10_000, validation_way=way)))
        for way in ("stratified", "random", "tail")
    }
    widths = []
    for signals in rates.values():
        found = signals.base_rate_validation
        assert found is not None
        widths.append(found.high - found.low)
    assert widths[0] < widths[1] < widths[2]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(100, 100_000),
    st.floats(0.01, 0.5),
    st.lists(st.tuples(st.floats(0.05, 1.0), st.floats(0.0, 0.2)), min_size=1, max_size=4),
    st.sampled_from([None, 3, 4]),
)
def test_metrics_of_counts_enclose_the_base_rate(
    rows: int, share: float, epochs: list[tuple[float, float]], digits: int | None
) -> None:
    positives = max(1, round(share * rows))
    curves: dict[str, list[float]] = {"accuracy": [], "precision": [], "recall": []}
    for recall, alarms in epochs:
        found, false = max(1, round(recall * positives)), round(alarms * (rows - positives))
        curves["accuracy"].append((rows - positives + found - false) / rows)
        curves["precision"].append(found / (found + false))
        curves["recall"].append(found / positives)
    if digits is not None:
        curves = {name: [round(value, digits) for value in values] for name, values in curves.items()}
    signals = signals_from(log(Facts(rows_validation=rows, metric_functions=()), **curves))
    rate = signals.base_rate_validation
    if rate is not None:
        assert rate.low - 1e-9 <= positives / rows <= rate.high + 1e-9
    confusion = signals.validation_confusion
    if confusion is not None:
        assert not confusion.contradictions
        for at, (recall, alarms) in enumerate(epochs):
            found, false = max(1, round(recall * positives)), round(alarms * (rows - positives))
            assert confusion.true_positive_low[at] <= found <= confusion.true_positive_high[at]
            shown = found + false
            assert confusion.predicted_positive_low[at] <= shown <= confusion.predicted_positive_high[at]


def test_metrics_in_full_give_the_counts_back() -> None:
    """20 and 22 of 80 positives found, with 30 and 26 false alarms."""
    found = log(
        Facts(rows_validation=2000, metric_functions=()),
        accuracy=[0.955, 0.958],
        precision=[0.4, 22 / 48],
        recall=[0.25, 0.275],
    )
    signals = signals_from(found)
    assert signals.positives_validation is not None
    assert signals.positives_validation.low == signals.positives_validation.high == 80
    confusion = signals.validation_confusion
    assert confusion is not None
    assert confusion.true_positive_low.tolist() == confusion.true_positive_high.tolist() == [20, 22]
    assert confusion.predicted_positive_low.tolist() == [50, 48]


def test_contradicting_metrics_are_told_with_their_arithmetic() -> None:
    facts = Facts(rows_validation=1000, positives_validation=40, metric_functions=())
    full = {"precision": [np.nan, 2 / 3], "loss": [0.12345678912, 0.1]}  # in full digits
    signals = signals_from(log(facts, accuracy=[0.98, 0.97], recall=[0.25, 0.5], **full))
    assert signals.validation_confusion is not None
    assert list(signals.validation_confusion.contradictions) == [1]
    assert "accuracy 0.98 means 20 wrong decisions" in signals.validation_confusion.contradictions[1]


def test_smote_makes_training_rows_even() -> None:
    signals = signals_from(log(Facts(base_rate=0.08, resampling="smote", rows_validation=1000)))
    assert signals.base_rate_train is not None
    assert signals.base_rate_train.value == 0.5
    assert signals.base_rate_validation is not None
    assert signals.base_rate_validation.value == pytest.approx(0.08)


def test_nothing_is_known_of_nothing() -> None:
    signals = signals_from(log(Facts()))
    assert signals.base_rate_train is None
    assert signals.validation_floor is None
    assert signals_from(log(Facts(), accuracy=[0.9, 0.91])).base_rate_validation is None


def test_more_positives_than_rows_are_of_other_rows() -> None:
    signals = signals_from(log(Facts(rows_validation=400, positives_validation=3000)))
    assert signals.rows_validation == 400
    assert signals.base_rate_validation is None and signals.positives_validation is None


def test_shares_alone_leave_one_base_rate() -> None:
    """Accuracy 101/150, precision 6/46 and recall 6/15, the number of rows unknown: one in ten."""
    values = {"accuracy": 101 / 150, "precision": 6 / 46, "recall": 6 / 15}
    series = tuple(
        Series("validation", name, np.array([float(np.float32(value))] * 2)) for name, value in values.items()
    )
    rate = signals_from(Log("x", "csv", History(np.array([1, 2]), series))).base_rate_validation
    assert rate is not None
    assert rate.low == pytest.approx(0.1, abs=1e-6) and rate.high == pytest.approx(0.1, abs=1e-6)


def test_shares_may_be_printed_to_fewer_digits_than_losses() -> None:
    """What a loop of one's own prints: a loss to six digits, everything else to two."""
    hits, alarms = np.arange(100, 160, 8), np.arange(80, 104, 3)
    shares = {
        "accuracy": 1.0 - (300 - hits + alarms) / 3_000,
        "precision": hits / (hits + alarms),
        "recall": hits / 300,
    }
    curves = {name: np.round(values, 2).tolist() for name, values in shares.items()}
    facts = Facts(rows_validation=3_000, positives_validation=300)
    signals = signals_from(log(facts, **curves, loss=np.linspace(0.301234, 0.212347, 8).round(6).tolist()))
    confusion = signals.validation_confusion
    assert confusion is not None and not confusion.contradictions
    assert (confusion.true_positive_low <= hits).all() and (hits <= confusion.true_positive_high).all()
