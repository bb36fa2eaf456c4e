"""LOG904: more penalty than error on the data."""

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.comparability.penalty_inside_losses import penalty_inside_losses
from steelyard.diagnosis.rules.forensics.penalty_exceeds_data_loss import penalty_exceeds_data_loss
from steelyard.finding import Confidence, Status
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, exactly, signals

LOSS = {"penalized": True, "train_loss_logged": curve([2.2, 1.8, 1.5], penalized=True)}
INITIAL = {"initial_penalty": about(1.67, 1.61, 1.72)}


def test_a_penalty_that_was_logged() -> None:
    found = fired(penalty_exceeds_data_loss, **LOSS, penalty=curve([1.6, 1.5, 1.22]))
    assert "1.5, and 1.22 of it is the penalty" in found.message and "at most 0.28 is error" in found.message
    assert found.confidence is Confidence.CERTAIN


def test_the_notebook_by_the_untrained_network() -> None:
    found = fired(penalty_exceeds_data_loss, **LOSS, **INITIAL)
    assert "about 0.8069 of it or more is the penalty" in found.message
    assert "between 1.61 and 1.72 before training" in found.message
    assert found.confidence is Confidence.LIKELY


def test_class_weights_make_the_untrained_network_cost_more() -> None:
    """Of 5 % positives that weigh 20 it errs by 1.35 per row: a loss of 1.5 need not be penalty."""
    weights = {"class_weight": (1.0, 20.0), **INITIAL}
    open_end = "left in the last epoch"
    assert open_end in not_applicable(
        penalty_exceeds_data_loss, **LOSS, **weights, base_rate_train=exactly(0.05)
    )
    assert open_end in not_applicable(penalty_exceeds_data_loss, **LOSS, **weights)
    balanced = {"class_weight": (0.5 / 0.95, 10.0), "base_rate_train": exactly(0.05)}
    assert "errs by 0.693 per row" in fired(penalty_exceeds_data_loss, **LOSS, **INITIAL, **balanced).message


def test_it_explains_that_a_penalty_is_inside() -> None:
    both = signals(**LOSS, **INITIAL)
    results = {
        one.code: one.status for one in diagnose(both, [penalty_inside_losses, penalty_exceeds_data_loss])
    }
    assert results == {"CMP101": Status.MASKED, "LOG904": Status.FIRED}


def test_a_large_loss_of_a_network_with_a_small_penalty_passes() -> None:
    said = passed(penalty_exceeds_data_loss, **LOSS, initial_penalty=about(0.01, 0.009, 0.011))
    assert "less than half" in said
    passed(penalty_exceeds_data_loss, **LOSS, penalty=curve([0.3, 0.2, 0.1]))


def test_bounds_that_leave_it_open_and_a_loss_too_small_to_tell() -> None:
    wide = curve([1.0] * 3, low=[0.1] * 3, high=[1.4] * 3)
    assert "neither" in not_applicable(penalty_exceeds_data_loss, **LOSS, penalty=wide)
    fallen = LOSS | {"train_loss_logged": curve([2.2, 1.0, 0.4], penalized=True)}
    assert "left in the last epoch" in not_applicable(penalty_exceeds_data_loss, **fallen, **INITIAL)


def test_no_penalty_or_none_in_the_log() -> None:
    passed(penalty_exceeds_data_loss, **LOSS | {"penalized": False})
    passed(penalty_exceeds_data_loss, **LOSS | {"train_loss_logged": curve([0.2])}, **INITIAL)


def test_the_plain_loss_beside_it_passes() -> None:
    known = {**LOSS, "penalty": curve([1.6, 1.5, 1.22])}
    plain = curve([0.6, 0.3, 0.28])
    assert "plain training loss too" in passed(penalty_exceeds_data_loss, **known, train_loss=plain)
    fired(penalty_exceeds_data_loss, **known, train_loss=curve([0.6, 0.3, 0.28], how="less the penalty"))
