"""CMP103: epochs in which the order of the curves comes from half an epoch."""

from steelyard.diagnosis.rules.comparability.epoch_mean_against_epoch_end import epoch_mean_against_epoch_end
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve

FALLING = [0.9, 0.5, 0.4, 0.39, 0.385]


def test_the_first_epoch_of_a_fast_start() -> None:
    found = fired(
        epoch_mean_against_epoch_end,
        train_loss_logged=curve(FALLING, epoch_mean=True),
        validation_loss_logged=curve([0.8, 0.55, 0.45, 0.44, 0.44]),
    )
    assert found.epochs == (1,)
    assert "0.9 as the mean" in found.message and "about 0.7 at its end" in found.message
    assert "0.8" in found.message


def test_flat_curves_do_not_count() -> None:
    passed(
        epoch_mean_against_epoch_end,
        train_loss_logged=curve([0.402, 0.4, 0.398], epoch_mean=True),
        validation_loss_logged=curve([0.4015, 0.3995, 0.3975]),
    )


def test_a_gap_larger_than_half_an_epoch_passes() -> None:
    passed(
        epoch_mean_against_epoch_end,
        train_loss_logged=curve(FALLING, epoch_mean=True),
        validation_loss_logged=curve([0.3, 0.25, 0.2, 0.2, 0.2]),
    )


def test_epochs_are_matched_where_validation_is_measured_now_and_then() -> None:
    found = fired(
        epoch_mean_against_epoch_end,
        train_loss_logged=curve(FALLING, epoch_mean=True),
        validation_loss_logged=curve([0.8, 0.45, 0.44], epochs=[1, 3, 5]),
    )
    assert found.epochs == (1,)
    assert "about 0.7 at its end" in found.message, "half way to epoch 2, not to epoch 3"


def test_the_end_of_the_epoch_against_the_end_passes_and_unknown_cannot_be_told() -> None:
    other = {"validation_loss_logged": curve([0.8, 0.55, 0.45, 0.44, 0.44])}
    assert "end of the epoch" in passed(
        epoch_mean_against_epoch_end, train_loss_logged=curve(FALLING), **other
    )
    unknown = curve(FALLING, epoch_mean=None)
    assert "not known" in not_applicable(epoch_mean_against_epoch_end, train_loss_logged=unknown, **other)
    single = curve([0.9], epoch_mean=True)
    assert "one epoch" in not_applicable(epoch_mean_against_epoch_end, train_loss_logged=single, **other)
    assert "validation" in not_applicable(epoch_mean_against_epoch_end, train_loss_logged=unknown)


def test_a_training_loss_of_the_end_of_the_epoch_beside_it_passes() -> None:
    said = passed(
        epoch_mean_against_epoch_end,
        train_loss_logged=curve(FALLING, epoch_mean=True),
        validation_loss_logged=curve([0.8, 0.55, 0.45, 0.44, 0.44]),
        train_loss=curve([0.7, 0.45, 0.395, 0.39, 0.38]),
    )
    assert "end of the epoch too" in said
