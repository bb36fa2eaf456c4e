"""Comparability, collapse and forensics answer whatever a log holds: short curves, lost losses, one class."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.rule import Rule, diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate, Signals
from steelyard.finding import Status
from steelyard.history import Quantity
from steelyard.log import LayerFact, Predictions, Stopping, TrialTable

RULES = [rule for rule in CATALOGUE if rule.family in ("comparability", "collapse", "forensics")]

MAYBE = st.sampled_from([None, False, True])
SHARE = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(1e-6, 1.0 - 1e-6)
LOSS = st.just(0.0) | st.floats(1e-6, 5.0)


@st.composite
def curves(draw: st.DrawFn, values: st.SearchStrategy[float], *, lost: bool = False) -> Curve:
    """Of one to 30 epochs, some left out; with bounds about the values, or none."""
    numbers = draw(st.lists(values, min_size=1, max_size=30))
    if lost and draw(st.booleans()):
        numbers = [*numbers[: draw(st.integers(0, len(numbers) - 1))], math.nan, math.inf]
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


WORD = st.sampled_from(
    ["f1", "precision", "accuracy", "smote", "tail", "random", "none", "steelyard", "array"]
)
KINDS: dict[str, st.SearchStrategy[object]] = {
    "Predictions": predictions(),
    "ConfusionCurve": confusions(),
    "TrialTable": st.just(TrialTable({}, {}, "validation_accuracy")),
    "Stopping": st.builds(Stopping, st.sampled_from(["val_loss", "val_acc"])),
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
        return curves(SHARE if share else LOSS, lost=name in ("train_loss_logged", "twin_train_loss"))
    if match[1] == "Estimate":
        return estimates(1.0 if re.search(r"rate|auc", name) else 10_000.0 if "positives" in name else 2.0)
    return KINDS[match[1]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
@settings(max_examples=40, deadline=None)
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
