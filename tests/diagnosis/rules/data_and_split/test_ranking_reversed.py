"""DAT610: an area under the ROC curve below one half."""

import numpy as np

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.collapse.constant_predictions import constant_predictions
from steelyard.diagnosis.rules.data_and_split.ranking_reversed import ranking_reversed
from steelyard.finding import Confidence, Severity, Status
from steelyard.log import Predictions
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, curve, signals


def test_an_interval_below_one_half_fires() -> None:
    found = fired(ranking_reversed, validation_auc_interval=about(0.27, 0.24, 0.31))
    assert "0.270" in found.message and "0.24 to 0.31" in found.message
    assert "training rows" not in found.message


def test_training_rows_ranked_well_point_at_flipped_labels() -> None:
    found = fired(
        ranking_reversed, validation_auc_interval=about(0.27, 0.24, 0.31), train_auc=curve([0.6, 0.74])
    )
    assert "On training rows it is 0.74" in found.message


def test_what_chance_does_once_in_forty_runs_is_a_warning() -> None:
    found = fired(ranking_reversed, validation_auc_interval=about(0.46, 0.43, 0.49))
    assert found.severity is Severity.WARNING and found.confidence is Confidence.POSSIBLE
    assert "Of forty runs" in found.message and "another split" in found.settle
    sure = fired(ranking_reversed, validation_auc_interval=about(0.43, 0.4, 0.46))
    assert sure.severity is Severity.ERROR and "forty" not in sure.message


def test_an_interval_around_one_half_passes() -> None:
    assert "0.52" in passed(ranking_reversed, validation_auc_interval=about(0.47, 0.42, 0.52))
    assert "supply" in not_applicable(ranking_reversed)


def test_a_network_that_says_the_same_of_nearly_every_row_is_at_one_half() -> None:
    """A run with a learning rate of 3: 8,236 of 8,238 rows got one probability."""
    nearly = about(0.4999, 0.4998, 0.49995)
    assert "coin" in passed(ranking_reversed, validation_auc_interval=nearly)
    target = np.arange(1000) % 9 == 0
    probability = np.full(1000, 0.111)
    said = signals(
        validation_auc_interval=about(0.4, 0.39, 0.41),
        validation_predictions=Predictions(target.astype(np.uint8), probability),
    )
    results = {one.code: one.status for one in diagnose(said, [constant_predictions, ranking_reversed])}
    assert results == {"COL201": Status.FIRED, "DAT610": Status.MASKED}


def test_a_network_that_has_learned_nothing_is_not_reversed() -> None:
    """A run with a learning rate of 0.000001: its first weights happened to rank by 0.42."""
    reversed_ = about(0.419, 0.40, 0.44)
    said = not_applicable(ranking_reversed, validation_auc_interval=reversed_, train_auc=curve([0.41, 0.42]))
    assert "learned nothing" in said
    found = fired(ranking_reversed, validation_auc_interval=reversed_, train_auc=curve([0.3, 0.21]))
    assert "On training rows it is 0.21 too: the score may be that of the other class." in found.message


def test_an_area_that_is_not_a_number_is_left_out() -> None:
    reversed_ = about(0.27, 0.24, 0.31)
    found = fired(ranking_reversed, validation_auc_interval=reversed_, train_auc=curve([0.9, float("nan")]))
    assert "On training rows it is 0.90" in found.message
