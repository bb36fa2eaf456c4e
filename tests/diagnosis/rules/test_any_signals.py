"""Rules of training and architecture give a result, whatever the curves: empty, flat, NaN, infinite, huge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.rule import Rule
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.signals import BestEpoch, Curve
from steelyard.log import LayerFact, Predictions, Stopping, TrialTable
from tests.diagnosis.asking import ask
from tests.diagnosis.networks import telemetry
from tests.diagnosis.signals import about, curve

RULES = [rule for rule in CATALOGUE if rule.family in ("optimisation", "regularisation", "architecture")]

numbers = st.floats(allow_nan=True, allow_infinity=True)
losses = st.one_of(numbers, st.floats(0.0, 2.0))


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    values = draw(st.lists(losses, max_size=20))
    spread = draw(st.sampled_from([0.0, 0.1, 1.0]))
    known = draw(st.sampled_from([True, False, None]))
    with np.errstate(all="ignore"):
        low, high = np.array(values) - spread, np.array(values) + spread
    return curve(values, low=list(low), high=list(high), penalized=known, weighted=known)


layers = st.builds(
    LayerFact,
    kind=st.sampled_from(["dense", "dense", "dropout", "batch_normalization", "activation", "lstm"]),
    units=st.one_of(st.none(), st.integers(1, 100)),
    inputs=st.one_of(st.none(), st.integers(1, 100)),
    activation=st.sampled_from(["relu", "linear", "sigmoid", "softmax", "tanh", None]),
    rate=st.one_of(st.none(), st.floats(0.0, 0.99)),
    kernel_initializer=st.sampled_from([None, "zeros", "ones", "glorot_uniform"]),
    trainable=st.booleans(),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
@settings(max_examples=10)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numpy, on infinities that are put in here
def test_any_signals(rule: Rule, data: st.DataObject) -> None:
    one = curves()
    made = {
        name: data.draw(one)
        for name in rule.signals
        if name.endswith(("loss", "loss_logged", "skill", "_auc", "gap", "penalty", "rates"))
        and name not in ("initial_penalty", "logistic_loss", "initial_loss", "one_batch_loss", "logistic_auc")
    }
    others = {
        "loss": data.draw(st.sampled_from(["binary_crossentropy", "mse", "hinge", "mae", "x"])),
        "layers": tuple(data.draw(st.lists(layers, max_size=6))),
        "telemetry": telemetry(5, gradient=(1e-9, 1.0), update=(np.nan, 0.1)),
        "trials": TrialTable({}, {"validation_loss": np.array(data.draw(st.lists(losses, max_size=5)))}),
        "stopping": Stopping(data.draw(st.sampled_from(["val_loss", "val_f1", "x"])), 3, None, None),
        "best_epoch": BestEpoch(2, 1, 3, "validation loss"),
        "validation_predictions": Predictions(np.zeros(3, np.uint8), np.array([0.0, 1.0, 0.5])),
        "initial_penalty": about(1.67, 1.6, 1.7),
        "validation_floor": about(0.2, 0.1, 0.3),
        "train_floor": about(0.2, 0.1, 0.3),
        "base_rate_train": about(0.05, 0.01, 0.1),
        "positives_validation": about(50.0, 40.0, 60.0),
        "rows_validation": 1000,
        "rows_train": 1000,
        "batch_size": 32,
        "validation_noise": data.draw(st.sampled_from([0.0, 0.01])),
        "logistic_loss": 0.17,
        "initial_loss": data.draw(st.sampled_from([None, 5.0])),
        "one_batch_loss": 0.5,
        "optimizer": "adam",
        "learning_rate": data.draw(st.sampled_from([0.0, 1e-3, 10.0])),
        "penalized": data.draw(st.booleans()),
    }
    fields = made | {name: others[name] for name in rule.signals if name in others and name not in made}
    ask(rule, **fields)
