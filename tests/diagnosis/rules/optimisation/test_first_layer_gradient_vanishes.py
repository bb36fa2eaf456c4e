"""OPT307."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rules.optimisation.first_layer_gradient_vanishes import (
    first_layer_gradient_vanishes,
)
from steelyard.log import FeatureFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import telemetry


def feature(deviation: float) -> tuple[FeatureFact, ...]:
    return (FeatureFact("x", 100, 0.0, 1.0, 0.5, deviation),)


def test_a_gradient_that_dies_out_fires_with_both_norms() -> None:
    finding = fired(first_layer_gradient_vanishes, telemetry=telemetry(9, gradient=(1e-6, 0.2)))
    assert "1e-06 in the first layer (dense_1) and of 0.2 in the last (dense_2)" in finding.message
    assert finding.epochs == (1, 2, 3, 4)


def test_sound_and_small_everywhere_pass() -> None:
    passed(first_layer_gradient_vanishes, telemetry=telemetry(9, gradient=(0.1, 0.2)))
    passed(first_layer_gradient_vanishes, telemetry=telemetry(9, gradient=(1e-5, 1e-4)))
    passed(
        first_layer_gradient_vanishes,
        telemetry=telemetry(9, gradient=(1e-6,), update=(0.1,), dead=(0,), saturated=(0,)),
    )


def test_tiny_inputs_cannot_tell() -> None:
    vanishing = telemetry(9, gradient=(1e-6, 0.2))
    assert "scale the inputs" in not_applicable(
        first_layer_gradient_vanishes, telemetry=vanishing, features=feature(2e-4)
    )
    fired(first_layer_gradient_vanishes, telemetry=vanishing, features=feature(1.0))
    assert "gradients" in not_applicable(first_layer_gradient_vanishes)


def test_gradients_that_were_taken_late_only_cannot_tell() -> None:
    late = telemetry(9, gradient=(1e-6, 0.2))
    late.layers[0].gradient_norm[:5] = np.nan
    assert "first 4 epochs" in not_applicable(first_layer_gradient_vanishes, telemetry=late)


def test_an_input_without_values_does_not_hide_the_others() -> None:
    empty = FeatureFact("y", 100, np.nan, np.nan, np.nan, np.nan, 0, 100)
    vanishing = telemetry(9, gradient=(1e-6, 0.2))
    for features in ((empty, *feature(2e-4)), (*feature(2e-4), empty)):
        assert "scale the inputs" in not_applicable(
            first_layer_gradient_vanishes, telemetry=vanishing, features=features
        )


def test_one_epoch_is_told_as_one() -> None:
    finding = fired(first_layer_gradient_vanishes, telemetry=telemetry(1, gradient=(1e-6, 0.2)))
    assert "In the first epoch the gradient" in finding.message
