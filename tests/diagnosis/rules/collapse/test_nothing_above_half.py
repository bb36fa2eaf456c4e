"""COL202: recall 0 at 0.5, with the ranking sound, or open."""

import numpy as np

from steelyard.diagnosis.rules.collapse.nothing_above_half import nothing_above_half
from steelyard.finding import Confidence
from steelyard.log import Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, confusion, curve, exactly

SILENT = {
    "validation_recall": curve([0.0, 0.0, 0.0012]),
    "base_rate_validation": exactly(1 / 21),
    "rows_validation": 20_000,
}


def test_the_auc_shows_a_sound_ranking() -> None:
    found = fired(nothing_above_half, validation_auc_interval=about(0.73, 0.71, 0.75), **SILENT)
    assert (
        "finds 0.12% of the positives, but the ranking is sound (ROC AUC 0.730, 0.710 to 0.750)"
        in found.message
    )
    assert "With 4.76% positives, a perfectly calibrated network of that AUC finds 0.12" in found.message
    assert found.confidence is Confidence.CERTAIN and found.settle == ""
    assert found.changes[0].path == "decision.threshold"


def test_the_plain_loss_shows_it_with_an_interval() -> None:
    found = fired(nothing_above_half, validation_skill=curve([0.05, 0.08, 0.087]), **SILENT)
    assert "8.7% or more below that of the best constant" in found.message
    assert "ROC AUC of 0.730, 0.7" in found.message
    assert found.confidence is Confidence.LIKELY and "ROC AUC" in found.settle


def test_the_metrics_alone_leave_it_open_and_say_what_settles_it() -> None:
    found = fired(nothing_above_half, **SILENT)
    assert "so does one that ranks well" in found.message and "finds only 0.12" in found.message
    assert found.confidence is Confidence.POSSIBLE and "predictions" in found.settle
    assert not found.changes


def test_too_few_positives() -> None:
    found = fired(nothing_above_half, validation_auc_interval=about(0.6, 0.41, 0.76), **SILENT)
    assert "between 0.410 and 0.760: too wide to tell" in found.message
    assert "More positives" in found.settle


def test_rows_above_half_that_hold_no_positive_are_not_blamed_on_the_threshold() -> None:
    found = fired(
        nothing_above_half,
        validation_skill=curve([0.05, 0.05, 0.05]),
        validation_confusion=confusion(
            ([0, 0, 0], [0, 0, 0]), ([900, 900, 900], [950, 950, 950]), rows=20_000, positives=exactly(952)
        ),
        **SILENT,
    )
    assert "the 900 rows that it does put above 0.5" in found.message
    assert "threshold is wrong" not in found.message and not found.changes
    assert found.confidence is Confidence.POSSIBLE


def test_a_constant_a_reversed_ranking_and_found_positives_pass() -> None:
    target = np.array([1] * 50 + [0] * 1_000, np.uint8)
    constant = Predictions(target, np.full(1_050, 0.05))
    assert "0.05" in passed(nothing_above_half, validation_predictions=constant, **SILENT)
    reversed_ = about(0.3, 0.27, 0.34)
    assert "swapped" in passed(nothing_above_half, validation_auc_interval=reversed_, **SILENT)
    assert "40%" in passed(nothing_above_half, validation_recall=curve([0.4]))


def test_without_recall() -> None:
    assert "Recall()" in not_applicable(nothing_above_half, validation_auc_interval=about(0.7, 0.6, 0.8))


def test_a_run_of_ours_chooses_its_threshold() -> None:
    sound = {"validation_auc_interval": about(0.73, 0.71, 0.75)}
    assert "chosen on validation rows" in passed(nothing_above_half, framework="steelyard", **sound, **SILENT)
