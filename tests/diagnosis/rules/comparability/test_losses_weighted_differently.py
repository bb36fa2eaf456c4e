"""CMP104: the three meanings of "knows nothing" at one positive in 21 rows."""

from steelyard.diagnosis.arithmetic.entropy import best_constant, cross_entropy, entropy, weighted_floor
from steelyard.diagnosis.rules.comparability.losses_weighted_differently import losses_weighted_differently
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly

RATE = 1 / 21


def run(weights: tuple[float, float]) -> dict[str, object]:
    """A run with these weights, its floors worked out."""
    constant = best_constant(RATE, weights)
    return {
        "train_loss_logged": curve([1.4, 1.25], weighted=True, epoch_mean=True),
        "validation_loss_logged": curve([0.72, 0.71]),
        "class_weight": weights,
        "class_weight_type": "dict",
        "weighted_train_floor": exactly(weighted_floor(RATE, weights)),
        "constant_validation_loss": exactly(cross_entropy(RATE, constant)),
        "validation_floor": exactly(entropy(RATE)),
        "weights_in_force": True,
    }


def test_weights_of_1_and_20() -> None:
    found = fired(losses_weighted_differently, **run((1.0, 20.0)))
    assert "1.32 in training and 0.6931 in validation" in found.message
    assert "20 times" in found.message and "Without weights it would be 0.1914" in found.message
    assert found.confidence is Confidence.CERTAIN and found.settle == ""


def test_balanced_weights_give_both_curves_one_floor() -> None:
    said = passed(losses_weighted_differently, **run((0.525, 10.5)))
    assert "0.6931 on both curves" in said


def test_only_likely_where_it_is_not_known_that_they_were_in_force() -> None:
    found = fired(losses_weighted_differently, **run((1.0, 20.0)) | {"weights_in_force": None})
    assert found.confidence is Confidence.LIKELY and "BinaryCrossentropy" in found.settle


def test_what_makes_the_curves_comparable_passes() -> None:
    weighted = run((1.0, 20.0))
    assert "cannot come" in passed(losses_weighted_differently, **weighted | {"weights_in_force": False})
    assert "weigh 1" in passed(losses_weighted_differently, **run((1.0, 1.0)))
    plain = {"train_loss_logged": curve([0.2, 0.19])}
    assert "without the weights" in passed(losses_weighted_differently, **weighted | plain)
    beside = {"train_loss": curve([0.2, 0.19])}
    assert "without weights too" in passed(losses_weighted_differently, **weighted | beside)
    both = {"validation_loss_logged": curve([1.4, 1.3], weighted=True)}
    assert "weighted too" in passed(losses_weighted_differently, **weighted | both)


def test_base_rates_that_leave_it_open() -> None:
    wide = {
        "weighted_train_floor": about(0.8, 0.6, 1.0),
        "constant_validation_loss": about(0.7, 0.65, 0.9),
    }
    assert "well enough" in not_applicable(losses_weighted_differently, **run((1.0, 20.0)) | wide)
    unknown = {"weighted_train_floor": None}
    assert "--positives-train" in not_applicable(losses_weighted_differently, **run((1.0, 20.0)) | unknown)
    assert "--class-weight" in not_applicable(losses_weighted_differently, train_loss_logged=curve([1.0]))
