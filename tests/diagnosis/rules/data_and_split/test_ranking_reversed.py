"""DAT610: an area under the ROC curve below one half."""

from steelyard.diagnosis.rules.data_and_split.ranking_reversed import ranking_reversed
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve


def test_an_interval_below_one_half_fires() -> None:
    found = fired(ranking_reversed, validation_auc_interval=about(0.27, 0.24, 0.31))
    assert "0.270" in found.message and "0.24 to 0.31" in found.message
    assert "training rows" not in found.message


def test_training_rows_ranked_well_point_at_flipped_labels() -> None:
    found = fired(
        ranking_reversed, validation_auc_interval=about(0.27, 0.24, 0.31), train_auc=curve([0.6, 0.74])
    )
    assert "On training rows it is 0.74" in found.message


def test_an_interval_around_one_half_passes() -> None:
    assert "0.52" in passed(ranking_reversed, validation_auc_interval=about(0.47, 0.42, 0.52))
    assert "supply" in not_applicable(ranking_reversed)
