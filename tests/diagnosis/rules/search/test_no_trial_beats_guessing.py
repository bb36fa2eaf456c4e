"""SRC812: losses against the entropy of the base rate."""

from steelyard.diagnosis.arithmetic import entropy
from steelyard.diagnosis.rules.search.no_trial_beats_guessing import no_trial_beats_guessing
from steelyard.finding import Confidence, Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, exactly
from tests.diagnosis.tables import NOTEBOOK, table

FLOOR = exactly(entropy(0.08008))


def test_no_loss_of_the_notebook_is_below_028() -> None:
    found = fired(
        no_trial_beats_guessing,
        trials=NOTEBOOK,
        validation_floor=FLOOR,
        base_rate_validation=exactly(0.08008),
        penalized=True,
    )
    assert "below 0.279," in found.message and "0.3303 to 2.031" in found.message and "8.01%" in found.message
    assert found.severity is Severity.WARNING and found.confidence is Confidence.POSSIBLE and found.settle


def test_plain_losses_make_it_an_error() -> None:
    found = fired(no_trial_beats_guessing, trials=NOTEBOOK, validation_floor=FLOOR, penalized=False)
    assert found.severity is Severity.ERROR and found.confidence is Confidence.LIKELY and not found.settle


def test_one_trial_below_is_enough() -> None:
    losses = table({"u": [1, 2]}, validation_loss=[0.31, 0.25])
    assert "1 of 2" in passed(no_trial_beats_guessing, trials=losses, validation_floor=FLOOR)


def test_a_floor_within_bounds() -> None:
    losses = table({"u": [1, 2]}, validation_loss=[0.31, 0.28])
    wide = about(0.2789, 0.26, 0.30)
    assert "may or may not" in not_applicable(no_trial_beats_guessing, trials=losses, validation_floor=wide)


def test_losses_or_floor_missing() -> None:
    accuracies = table({"u": [1, 2]}, validation_accuracy=[0.9, 0.91])
    assert "losses" in not_applicable(no_trial_beats_guessing, trials=accuracies, validation_floor=FLOOR)
    assert "--positives" in not_applicable(no_trial_beats_guessing, trials=NOTEBOOK)
