"""CMP101: a penalty that is a good part of the logged loss, in the last epoch or at the start."""

from steelyard.diagnosis.rules.comparability.penalty_inside_losses import penalty_inside_losses
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve

LOGGED = curve([1.4, 0.9, 0.783], penalized=True)


def test_the_measured_run_of_keras() -> None:
    found = fired(
        penalty_inside_losses,
        penalized=True,
        train_loss_logged=LOGGED,
        penalty=curve([0.9, 0.5, 0.376]),
    )
    assert "Of the training loss of 0.783" in found.message and "0.376" in found.message
    assert found.confidence is Confidence.CERTAIN
    assert found.evidence["penalty_low"] == 0.376


def test_without_its_course_the_untrained_network_speaks() -> None:
    found = fired(
        penalty_inside_losses,
        penalized=True,
        train_loss_logged=LOGGED,
        initial_penalty=about(0.4, 0.38, 0.42),
    )
    assert "between 0.38 and 0.42" in found.message and found.confidence is Confidence.LIKELY
    assert "sum(model.losses)" in found.settle


def test_a_penalty_bounded_from_above_only_leaves_the_start_to_judge() -> None:
    wide = curve([0.2, 0.2, 0.2], low=[0.0, 0.0, 0.0], high=[0.4, 0.4, 0.4])
    found = fired(
        penalty_inside_losses,
        penalized=True,
        train_loss_logged=LOGGED,
        penalty=wide,
        initial_penalty=about(0.4, 0.38, 0.42),
    )
    assert "before training" in found.message


def test_a_small_penalty_passes() -> None:
    small = curve([0.03, 0.02, 0.01])
    said = passed(penalty_inside_losses, penalized=True, train_loss_logged=LOGGED, penalty=small)
    assert "1.28%" in said
    said = passed(
        penalty_inside_losses,
        penalized=True,
        train_loss_logged=LOGGED,
        initial_penalty=about(0.002, 0.001, 0.003),
    )
    assert "0.214%" in said


def test_no_penalty_or_one_left_out_of_the_log() -> None:
    assert "no penalty" in passed(penalty_inside_losses, penalized=False, train_loss_logged=LOGGED)
    plain = curve([0.5, 0.4], penalized=False)
    assert "without the penalty" in passed(penalty_inside_losses, penalized=True, train_loss_logged=plain)


def test_not_knowing_how_large_it_is() -> None:
    assert "neither" in not_applicable(penalty_inside_losses, penalized=True, train_loss_logged=LOGGED)
    assert "--l2" in not_applicable(penalty_inside_losses, train_loss_logged=LOGGED)


def test_plain_losses_of_both_splits_beside_it_pass() -> None:
    known = {"penalized": True, "train_loss_logged": LOGGED, "penalty": curve([0.9, 0.5, 0.376])}
    plain = {"train_loss": curve([0.5, 0.4, 0.407]), "validation_loss": curve([0.5, 0.45, 0.42])}
    assert "plain losses of both" in passed(penalty_inside_losses, **known, **plain)
    derived = curve([0.5, 0.4, 0.407], how="as logged, less the penalty")
    fired(penalty_inside_losses, **known, **plain | {"train_loss": derived})
    fired(penalty_inside_losses, **known, **plain | {"validation_loss": None})
