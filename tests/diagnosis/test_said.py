"""What a person says of a run counts more than what a reader found."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.diagnosis.said import told
from steelyard.history import History, Quantity, Series
from steelyard.log import Facts, LayerFact, Log

LAYERS = (
    LayerFact("dense", units=4, inputs=3, activation="relu", l2=0.1),
    LayerFact("dropout", rate=0.5),
    LayerFact("dense", units=1, inputs=4, activation="sigmoid"),
)


def log(framework: str | None = "keras 3", layers: tuple[LayerFact, ...] | None = None) -> Log:
    unknown = Quantity(epoch_mean=True)
    series = (
        Series("train", "loss", np.array([0.5, 0.4]), unknown),
        Series("validation", "loss", np.array([0.6, 0.5]), Quantity(dropout=False, epoch_mean=False)),
    )
    facts = Facts(framework=framework, layers=layers, learning_rate=0.5)
    return Log("here", "keras history", History(np.array([1, 2]), series), facts)


def quantities(found: Log) -> tuple[Quantity, Quantity]:
    assert found.history is not None
    train, validation = found.history.series
    return train.quantity, validation.quantity


def test_facts_that_are_said_replace_those_that_were_found() -> None:
    found = told(log(), Facts(learning_rate=0.01, origins={"learning_rate": "--learning-rate"}))
    assert found.facts.learning_rate == 0.01
    assert found.facts.origins["learning_rate"] == "--learning-rate"
    assert found.facts.framework == "keras 3"


@pytest.mark.parametrize(("l2", "penalized"), [(0.01, True), (0.0, False), (None, None)])
def test_a_penalty_is_in_both_losses(l2: float | None, penalized: bool | None) -> None:
    train, validation = quantities(told(log("lightning"), Facts(), l2=l2))
    assert train.penalized is validation.penalized is penalized


@pytest.mark.parametrize(("dropout", "active"), [(0.5, True), (0.0, False), (None, None)])
def test_dropout_is_in_the_training_curves(dropout: float | None, active: bool | None) -> None:
    train, validation = quantities(told(log("lightning"), Facts(), dropout=dropout))
    assert train.dropout is active
    assert validation.dropout is False


def test_none_takes_penalty_and_dropout_off_the_layers() -> None:
    layers = told(log(layers=LAYERS), Facts(), l2=0.0, dropout=0.0).facts.layers
    assert layers is not None
    assert [layer.l2 for layer in layers] == [0.0, 0.0, 0.0]
    assert layers[1].rate == 0.0
    assert told(log(layers=LAYERS), Facts()).facts.layers == LAYERS


def test_class_weights_that_are_said_are_in_the_training_loss_of_keras() -> None:
    weighted = told(log(), Facts(class_weight=(1.0, 5.0), class_weight_type="dict"))
    assert [one.weighted for one in quantities(weighted)] == [True, False]
    corrected = told(weighted, Facts(class_weight_type="none", sample_weight=False))
    assert [one.weighted for one in quantities(corrected)] == [False, False]


def test_a_log_without_curves() -> None:
    assert told(Log("here", "keras model"), Facts(seeds=3), l2=0.0, dropout=0.0).facts.seeds == 3
