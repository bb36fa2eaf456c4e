"""COL208."""

import pytest

from steelyard.diagnosis.arithmetic import entropy
from steelyard.diagnosis.rules.collapse.accuracy_never_moves import accuracy_never_moves
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

STILL = [0.5, 0.884, 0.884, 0.884, 0.884]
COST = entropy(0.116)


def test_a_loss_that_is_the_entropy_of_the_accuracy_is_that_of_a_constant() -> None:
    finding = fired(
        accuracy_never_moves,
        validation_accuracy=curve(STILL),
        validation_loss=curve([0.6, 0.36, 0.359, 0.359, 0.3589]),
        loss="binary_crossentropy",
    )
    assert finding.message == (
        "The validation accuracy is 88.4% in the last 4 of 5 epochs. That is what always giving the same "
        "answer comes to if the class it answers has 88.4% of the rows. Saying 11.6% for every row costs "
        "0.3589 nats, and the loss is 0.3589: it has learned that share and nothing else."
    )
    assert finding.epochs == (2, 3, 4, 5)
    assert finding.evidence["entropy"] == pytest.approx(COST)
    assert finding.settle.endswith("and work out the ROC AUC of the predictions.")


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (0.8 * COST, "20% below: then rows are ranked, and only none of them gets across 0.5."),
        (1.5 * COST, "so it has not even learned that."),
    ],
)
def test_the_loss_tells_a_threshold_from_a_collapse(loss: float, said: str) -> None:
    finding = fired(accuracy_never_moves, validation_accuracy=curve(STILL), validation_loss=curve([loss] * 5))
    assert finding.message.endswith(said)


def test_a_loss_that_is_known_between_bounds_only_may_leave_it_open() -> None:
    finding = fired(
        accuracy_never_moves,
        validation_accuracy=curve(STILL),
        validation_loss=curve([COST] * 5, low=[0.8 * COST] * 5, high=[1.1 * COST] * 5),
    )
    assert "leaves open" in finding.message


def test_training_rows_are_looked_at_where_nothing_validates() -> None:
    finding = fired(accuracy_never_moves, train_accuracy=curve(STILL))
    assert finding.message.startswith("The training accuracy is 88.4% in the last 4 of 5 epochs.")
    assert "is not known" in finding.message


def test_a_ranking_says_that_the_threshold_is_wrong() -> None:
    finding = fired(
        accuracy_never_moves,
        validation_accuracy=curve(STILL),
        validation_auc=curve([0.5, 0.7, 0.75, 0.8, 0.812]),
    )
    assert "ROC AUC of 0.812" in finding.message and "threshold of 0.5" in finding.message


def test_an_accuracy_below_one_half_is_of_the_class_that_it_answers() -> None:
    finding = fired(accuracy_never_moves, validation_accuracy=curve([0.4151] * 3))
    assert "if the class it answers has 41.51% of the rows" in finding.message
    assert "all 3 epochs" in finding.message


def test_of_several_classes_no_entropy_of_two_is_told() -> None:
    finding = fired(accuracy_never_moves, validation_accuracy=curve(STILL), loss="categorical_crossentropy")
    assert "nats" not in finding.message


def test_a_network_that_has_converged_passes() -> None:
    assert "moves" in passed(
        accuracy_never_moves, validation_accuracy=curve([0.80, 0.85, 0.88, 0.884, 0.884, 0.884])
    )


@pytest.mark.parametrize("rate", [exactly(0.3), about(0.3, 0.25, 0.35)])
def test_another_share_of_positives_passes(rate: object) -> None:
    reason = passed(accuracy_never_moves, validation_accuracy=curve(STILL), base_rate_validation=rate)
    assert "not the share" in reason


@pytest.mark.parametrize("rate", [exactly(0.116), exactly(0.884), about(0.1, 0.09, 0.12)])
def test_a_share_that_fits_does_not_excuse_it(rate: object) -> None:
    finding = fired(accuracy_never_moves, validation_accuracy=curve(STILL), base_rate_validation=rate)
    assert finding.confidence is Confidence.LIKELY


def test_positives_on_both_sides_of_the_threshold_pass() -> None:
    reason = passed(
        accuracy_never_moves,
        validation_accuracy=curve(STILL),
        validation_recall=curve([0.1, 0.4, 0.4, 0.4, 0.4]),
    )
    assert "both sides" in reason


def test_what_is_missing_is_said() -> None:
    assert "metrics=['accuracy']" in not_applicable(accuracy_never_moves)
    assert "fewer than 3" in not_applicable(accuracy_never_moves, validation_accuracy=curve([0.9, 0.9]))


def test_an_accuracy_of_zero_is_of_rows_of_one_class() -> None:
    finding = fired(accuracy_never_moves, validation_accuracy=curve([0.0] * 4))
    assert "is 0 in all 4 epochs" in finding.message and "Shuffle before the split" in finding.advice
    assert passed(accuracy_never_moves, validation_accuracy=curve([1.0] * 4))
