"""Every rule answers whatever a log holds: short curves, lost losses, losses of 0, one class, odd columns."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.rule import Rule, diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.signals import BestEpoch, ConfusionCurve, Curve, Estimate, Signals
from steelyard.finding import Status
from steelyard.history import Quantity, Telemetry
from steelyard.log import LayerFact, Predictions, Stopping
from tests.diagnosis.networks import telemetry
from tests.diagnosis.rules.data_and_split.test_any_columns import COLUMNS
from tests.diagnosis.rules.search.test_any_table import tables

MAYBE = st.sampled_from([None, False, True])
SHARE = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(1e-6, 1.0 - 1e-6)
LOSS = st.just(0.0) | st.floats(1e-6, 5.0)


@st.composite
def curves(draw: st.DrawFn, values: st.SearchStrategy[float], lost: Sequence[float] = ()) -> Curve:
    """Of one to 30 epochs, some left out; with bounds about the values, or none; it may end in ``lost``."""
    numbers = draw(st.lists(values, min_size=1, max_size=30))
    if lost and draw(st.booleans()):
        numbers = [*numbers[: draw(st.integers(0, len(numbers) - 1))], *lost]
    array = np.array(numbers, np.float64)
    width = draw(st.sampled_from([0.0, 0.0, 1e-3, 0.5]))
    steps = draw(st.lists(st.integers(1, 3), min_size=len(array), max_size=len(array)))
    return Curve(
        epochs=np.cumsum(np.array(steps, np.int64)),
        values=array,
        low=(1.0 - width) * array,
        high=(1.0 + width) * array,
        quantity=draw(st.builds(Quantity, MAYBE, MAYBE, MAYBE, MAYBE)),
    )


@st.composite
def estimates(draw: st.DrawFn, most: float) -> Estimate:
    ends = st.just(0.0) | st.floats(1e-6, most) | st.just(most)
    low, value, high = sorted(draw(st.lists(ends, min_size=3, max_size=3)))
    return Estimate(value, value, value) if draw(st.booleans()) else Estimate(value, low, high)


@st.composite
def confusions(draw: st.DrawFn) -> ConfusionCurve:
    rows = draw(st.integers(1, 10_000))
    positives = draw(st.integers(0, rows))
    count = draw(st.integers(1, 5))
    hits = np.sort(np.array([draw(st.integers(0, positives)) for _ in range(2 * count)], np.int64))
    called = np.sort(np.array([draw(st.integers(0, rows)) for _ in range(2 * count)], np.int64))
    return ConfusionCurve(
        epochs=np.arange(1, count + 1),
        rows=rows,
        positives=Estimate(positives, positives, positives),
        predicted_positive_low=called[:count],
        predicted_positive_high=called[count:],
        true_positive_low=hits[:count],
        true_positive_high=hits[count:],
        contradictions={1: "no counts fit"} if draw(st.booleans()) else {},
    )


@st.composite
def predictions(draw: st.DrawFn) -> Predictions:
    """One row at least; the classes as they come."""
    target = draw(st.lists(st.integers(0, 1), min_size=1, max_size=40))
    probability = draw(st.lists(st.floats(0.0, 1.0), min_size=len(target), max_size=len(target)))
    return Predictions(np.array(target, np.uint8), np.array(probability))


@st.composite
def telemetries(draw: st.DrawFn) -> Telemetry:
    """Of two layers, the same in every epoch."""
    share, size = st.floats(0.0, 1.0), st.just(0.0) | st.floats(1e-9, 10.0)
    pair = [draw(st.tuples(kind, kind)) for kind in (size, size, share, share)]
    gradient, update, dead, saturated = pair
    epochs = draw(st.integers(1, 20))
    return telemetry(epochs, gradient=gradient, update=update, dead=dead, saturated=saturated)


@st.composite
def best_epochs(draw: st.DrawFn) -> BestEpoch:
    first, best, last = sorted(draw(st.lists(st.integers(1, 30), min_size=3, max_size=3)))
    return BestEpoch(best, first, last, "validation loss")


WORD = st.sampled_from(
    ["f1", "precision", "accuracy", "smote", "tail", "random", "none", "steelyard", "array"]
)
KINDS: dict[str, st.SearchStrategy[object]] = {
    "Predictions": predictions(),
    "ConfusionCurve": confusions(),
    "TrialTable": tables(),
    "Telemetry": telemetries(),
    "BestEpoch": best_epochs(),
    "Stopping": st.builds(
        Stopping, st.sampled_from(["val_loss", "val_acc"]), st.sampled_from([None, 1, 10]), restore_best=MAYBE
    ),
    "tuple[FeatureFact, ...]": st.lists(COLUMNS, max_size=4).map(tuple),
    "Mapping[str, str]": st.dictionaries(
        st.sampled_from(["D101", "D102", "D103", "D104", "D105", "D108", "D109", "D110"]),
        st.just("3 of them."),
    ),
    "tuple[LayerFact, ...]": st.lists(
        st.builds(LayerFact, st.sampled_from(["dense", "dropout"]), units=st.sampled_from([None, 1, 8])),
        max_size=3,
    ).map(tuple),
    "tuple[float, float]": st.tuples(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)),
    "tuple[str, ...]": st.lists(WORD, max_size=4).map(tuple),
    "tuple[tuple[int, int], ...]": st.sampled_from([(), ((0, 4),), ((0, 4), (5, 9))]),
    "bool": st.booleans(),
    "str": WORD,
    "int": st.integers(1, 2_000_000),
    "float": st.floats(1e-6, 2.0),
}


def strategy(name: str) -> st.SearchStrategy[object]:
    """Values of a signal, by its name and the words of its type."""
    match = re.match(r"Annotated\[\s*(.+?) \| None", Signals.__annotations__[name], re.DOTALL)
    assert match is not None, name
    if match[1] == "Curve":
        share = re.search(r"accuracy|precision|recall|f1|auc", name)
        if share:
            return curves(SHARE, [math.nan])
        return curves(LOSS, [math.nan, math.inf] if name.endswith(("loss", "loss_logged")) else ())
    if match[1] == "Estimate":
        return estimates(1.0 if re.search(r"rate|auc", name) else 10_000.0 if "positives" in name else 2.0)
    return KINDS[match[1]]


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_rule_answers_in_sentences(rule: Rule, data: st.DataObject) -> None:
    drawn = {
        name: data.draw(strategy(name) if name in rule.needs else st.none() | strategy(name), label=name)
        for name in rule.signals
    }
    (result,) = diagnose(Signals(**drawn), [rule])
    if result.status is Status.FIRED:
        assert result.finding is not None
        message = result.finding.message
        assert message.endswith(".") and not re.search(r"\bnan\b|\binf\b|[{}]", message), message
        assert not any(
            isinstance(value, float) and math.isnan(value) for value in result.finding.evidence.values()
        )
    elif result.status is Status.NOT_APPLICABLE:
        assert result.reason
