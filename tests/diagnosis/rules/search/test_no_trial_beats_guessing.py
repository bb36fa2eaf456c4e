"""SRC812: losses against the entropy of the base rate."""

from typing import Any

import pytest

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


def test_other_losses_have_other_floors() -> None:
    hinge = table({"u": [1, 2]}, validation_loss=[1.0, 0.9])
    asked = {"validation_floor": FLOOR, "penalized": False}
    assert "cross-entropy" in not_applicable(no_trial_beats_guessing, trials=hinge, loss="hinge", **asked)
    mixed = table({"losses": ["bce", "logcosh"]}, validation_loss=[1.0, 0.9])
    assert "cross-entropy" in not_applicable(no_trial_beats_guessing, trials=mixed, **asked)
    assert fired(no_trial_beats_guessing, trials=hinge, loss="binary_crossentropy", **asked)


def test_a_log_loss_beside_the_loss_is_plain() -> None:
    both = table({"u": [1, 2]}, validation_loss=[1.0, 0.9], validation_log_loss=[0.3, 0.25])
    assert "1 of 2" in passed(no_trial_beats_guessing, trials=both, validation_floor=FLOOR, penalized=True)
    worse = table({"u": [1, 2]}, validation_loss=[1.0, 0.9], validation_log_loss=[0.3, 0.31])
    found = fired(no_trial_beats_guessing, trials=worse, validation_floor=FLOOR, penalized=True)
    assert found.severity is Severity.ERROR and "penalty" not in found.message


def test_what_steelyard_logs_as_loss_has_no_penalty_in_it() -> None:
    found = fired(
        no_trial_beats_guessing,
        trials=NOTEBOOK,
        validation_floor=FLOOR,
        penalized=True,
        framework="steelyard",
    )
    assert "penalty" not in found.message and found.severity is Severity.ERROR


@pytest.mark.parametrize(
    "how", [{"class_weight": (0.5, 6.0)}, {"resampling": "smote"}, {}], ids=["weights", "smote", "tried"]
)
def test_weights_and_resampling_raise_losses_on_purpose(how: dict[str, Any]) -> None:
    tried = {"class_weight": ["none", "balanced"]} if not how else {"u": [1, 2]}
    losses = table(tried, validation_loss=[0.5, 0.45])
    found = fired(no_trial_beats_guessing, trials=losses, validation_floor=FLOOR, penalized=False, **how)
    assert found.severity is Severity.WARNING and found.confidence is Confidence.POSSIBLE
    assert "ranks well" in found.message and "ROC AUC" in found.settle
