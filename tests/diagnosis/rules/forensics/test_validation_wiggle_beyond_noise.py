"""LOG912: the wiggle of the validation loss, in units of its sampling noise."""

import numpy as np

from steelyard.diagnosis.rules.forensics.validation_wiggle_beyond_noise import validation_wiggle_beyond_noise
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve


def wiggling(size: float, epochs: int = 50, slope: float = 0.0) -> np.ndarray:
    """A loss about 0.154 with independent noise of that size."""
    noise = np.random.default_rng(912).standard_normal(epochs)
    return 0.154 + size * noise - slope * np.arange(epochs)


def test_ten_times_the_noise() -> None:
    found = fired(
        validation_wiggle_beyond_noise,
        validation_loss_logged=curve(wiggling(0.005)),
        validation_noise=0.0005,
        rows_validation=1_398_766,
        learning_rate=0.001,
    )
    assert (
        "on 1,398,766 rows is 0.0005" in found.message and "times more than that can explain" in found.message
    )
    assert 6.0 < float(found.evidence["ratio"]) < 14.0
    assert str(found.changes[0]) == "optimizer.learning_rate=0.000333"


def test_the_noise_of_few_rows_explains_it() -> None:
    passed(
        validation_wiggle_beyond_noise, validation_loss_logged=curve(wiggling(0.005)), validation_noise=0.02
    )


def test_a_wiggle_that_does_not_matter() -> None:
    passed(
        validation_wiggle_beyond_noise, validation_loss_logged=curve(wiggling(0.0005)), validation_noise=1e-5
    )


def test_a_trend_and_one_wild_epoch_are_no_wiggle() -> None:
    loss = wiggling(0.0002, slope=0.002)
    loss[40] += 0.2
    passed(validation_wiggle_beyond_noise, validation_loss_logged=curve(loss), validation_noise=0.0002)


def test_too_short_or_no_numbers() -> None:
    short = {"validation_loss_logged": curve(wiggling(0.005, 8)), "validation_noise": 0.0005}
    assert "fewer than 10" in not_applicable(validation_wiggle_beyond_noise, **short)
    lost = {"validation_loss_logged": curve([0.2] * 7 + [np.nan] * 5), "validation_noise": 0.0005}
    assert "too few" in not_applicable(validation_wiggle_beyond_noise, **lost)
