"""COL209."""

import pytest

from steelyard.diagnosis.rules.collapse.no_better_than_even_odds import no_better_than_even_odds
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve, exactly

BINARY = "binary_crossentropy"


def test_worse_than_one_half_for_every_row_whatever_the_base_rate() -> None:
    finding = fired(no_better_than_even_odds, validation_loss=curve([0.6, 0.8, 1.1, 1.284]), loss=BINARY)
    assert finding.message == (
        "The validation loss ends at 1.284. Saying one half for every row costs 0.6931, whatever the share "
        "of positives: as they stand, the probabilities are worth less than none. In epoch 1 it was 0.6."
    )
    assert "least loss" in finding.advice


def test_it_may_never_have_been_lower() -> None:
    finding = fired(no_better_than_even_odds, validation_loss=curve([1.3, 1.28, 1.29]), loss=BINARY)
    assert finding.message.endswith("It was no lower before.")
    assert "base rates" in finding.advice


def test_a_ranking_is_another_matter() -> None:
    finding = fired(
        no_better_than_even_odds,
        validation_loss=curve([0.9, 0.9, 0.9]),
        validation_auc=curve([0.6, 0.7, 0.8]),
        base_rate_validation=exactly(0.05),
    )
    assert finding.message.endswith("The ROC AUC ends at 0.800, so how rows are ranked is another matter.")
    assert finding.settle == ""


@pytest.mark.parametrize("last", [0.3, 0.68])
def test_a_sound_loss_passes(last: float) -> None:
    assert f"{last}" in passed(no_better_than_even_odds, validation_loss=curve([0.9, 0.8, last]), loss=BINARY)


def test_a_loss_with_an_unknown_penalty_in_it_passes() -> None:
    losses = curve([0.9, 0.9, 0.9], low=[0.2, 0.2, 0.2])
    assert passed(no_better_than_even_odds, validation_loss=losses, loss=BINARY)


def test_of_several_classes_it_says_nothing() -> None:
    losses = curve([1.9, 1.5, 1.2])
    other = not_applicable(
        no_better_than_even_odds, validation_loss=losses, loss="sparse_categorical_crossentropy"
    )
    assert "sparse_categorical_crossentropy" in other
    assert "--loss" in not_applicable(no_better_than_even_odds, validation_loss=losses)


def test_what_is_missing_is_said() -> None:
    assert "fewer than 3" in not_applicable(
        no_better_than_even_odds, validation_loss=curve([0.9, 0.8]), loss=BINARY
    )


def test_training_rows_are_looked_at_where_nothing_validates() -> None:
    finding = fired(no_better_than_even_odds, train_loss=curve([8.1, 7.97, 7.97]), loss=BINARY)
    assert finding.message.startswith("The training loss ends at 7.97.")
    assert "sigmoid" in finding.advice
    assert passed(no_better_than_even_odds, train_loss=curve([0.8, 0.6, 0.3]), loss=BINARY)
    assert "plain loss" in not_applicable(no_better_than_even_odds, loss=BINARY)


def test_a_loss_that_stays_where_it_began_needs_no_name() -> None:
    """So console output looks whose network learns nothing: nobody says what the loss is."""
    finding = fired(
        no_better_than_even_odds,
        train_loss=curve([0.694, 0.693, 0.69, 0.684]),
        validation_loss=curve([0.6936, 0.6927, 0.6905, 0.6934]),
    )
    assert finding.message == (
        "The validation loss ends at 0.6934. Saying one half for every row costs 0.6931, whatever the share "
        "of positives: as they stand, the probabilities are worth no more than none. It began at 0.6936."
    )
    assert "sigmoid" in finding.advice


def test_where_training_rows_cost_as_much_validation_rows_are_not_to_blame() -> None:
    finding = fired(
        no_better_than_even_odds,
        train_loss=curve([8.0, 8.0, 8.0]),
        validation_loss=curve([8.1, 8.0, 8.0]),
        loss=BINARY,
    )
    assert "sigmoid" in finding.advice


def test_class_weights_put_it_there() -> None:
    weighted = {"validation_loss": curve([0.8, 0.77, 0.761]), "loss": BINARY, "class_weight": (1.0, 25.0)}
    assert "class weights" in not_applicable(no_better_than_even_odds, **weighted)
    assert fired(no_better_than_even_odds, **weighted, weights_in_force=False)
