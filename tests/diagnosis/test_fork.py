"""The fork: the same decisions from a constant, from a sound ranking, and from neither."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from steelyard.diagnosis.arithmetic.binormal import auc_of_skill, skill_of_auc
from steelyard.diagnosis.fork import Fork, Limits, Way, fork
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.log import Predictions
from steelyard.metrics.delong import auc, interval, placements, variance
from steelyard.metrics.rows import Rows
from tests.diagnosis.signals import about, confusion, counts, curve, exactly

RATE = 1 / 21
SILENT = curve([0.0, 0.0, 0.0])


def verdict(
    recall: Curve | None = SILENT,
    predictions: Predictions | None = None,
    area: Estimate | None = None,
    skill: Curve | None = None,
    rows: int | None = 10_000,
) -> Fork:
    return fork(recall, None, None, predictions, area, skill, exactly(RATE), rows, Limits())


def calibrated(area: float, rows: int, seed: int) -> Predictions:
    """Rows of a calibrated binormal network of that AUC."""
    random = np.random.default_rng(seed)
    target = (random.random(rows) < RATE).astype(np.uint8)
    d = math.sqrt(2.0) * float(norm.ppf(area))
    logit = random.standard_normal(rows) * d + np.where(target == 1, d * d / 2, -d * d / 2)
    return Predictions(target, 1.0 / (1.0 + np.exp(-(logit + math.log(RATE / (1.0 - RATE))))))


def area_of(predictions: Predictions) -> Estimate:
    placed = placements(Rows(predictions.target, predictions.probability, None))
    ones = int(predictions.target.sum())
    value = auc(placed)
    low, high = interval(value, variance(placed), ones, len(predictions.target) - ones, 0.95)
    return Estimate(value, low, high)


def skill_of(predictions: Predictions) -> float:
    p, y = predictions.probability, predictions.target
    rate = float(y.mean())
    floor = -rate * math.log(rate) - (1 - rate) * math.log(1 - rate)
    return 1.0 + float(np.mean(np.where(y == 1, np.log(p), np.log1p(-p)))) / floor


def test_the_same_decisions_from_two_networks() -> None:
    ranker = calibrated(0.73, 20_000, 1)
    flat = Predictions(ranker.target, np.full(20_000, RATE))
    assert (ranker.probability > 0.5).mean() < 0.001
    sound = verdict(None, ranker, area_of(ranker))
    useless = verdict(None, flat, about(0.5, 0.5, 0.5))
    assert sound.way is Way.RANKS and sound.auc is not None and sound.auc.low > 0.68
    assert useless.way is Way.CONSTANT and useless.certain


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_alone_finds_the_ranking_and_about_its_auc(seed: int) -> None:
    ranker = calibrated(0.73, 50_000, seed)
    found = verdict(skill=curve([skill_of(ranker)] * 3), rows=50_000)
    assert found.way is Way.RANKS and found.by == "loss" and found.auc is not None
    true = area_of(ranker)
    assert found.auc.low - 0.01 < true.value < found.auc.high + 0.01


def test_a_loss_within_its_noise_of_the_floor_does_not_decide() -> None:
    assert verdict(skill=curve([0.005, 0.005, 0.005]), rows=2_000).way is Way.UNDECIDED
    assert verdict(skill=curve([-0.1, -0.05, -0.02])).way is Way.UNDECIDED


def test_rankings_at_random_are_seldom_called_sound_by_their_loss() -> None:
    """Two numbers are fitted to labels that the inputs do not explain: the skill is chance."""
    random = np.random.default_rng(7)
    called = 0
    for _ in range(300):
        target = random.random(2_000) < RATE
        input_ = random.standard_normal(2_000)
        slope = (input_[target].mean() - input_[~target].mean()) if target.any() else 0.0
        logit = math.log(target.mean() / (1 - target.mean())) + slope * input_ - slope**2 / 2
        p = 1.0 / (1.0 + np.exp(-logit))
        found = verdict(skill=curve([skill_of(Predictions(target.astype(np.uint8), p))] * 3), rows=2_000)
        called += found.way is Way.RANKS
    assert called <= 3


def test_a_loss_on_the_floor_for_epochs_is_a_constant_unless_a_penalty_may_be_in_it() -> None:
    level = [0.0003, -0.0005, 0.0001]
    assert verdict(skill=curve(level)).way is Way.CONSTANT
    assert verdict(skill=curve(level, penalized=None)).way is Way.UNDECIDED
    assert verdict(skill=curve([0.05, 0.05, 0.0001])).way is Way.UNDECIDED


def test_a_loss_below_the_floor_is_a_ranking_even_with_an_unknown_penalty() -> None:
    assert verdict(skill=curve([0.08] * 3, penalized=None)).way is Way.RANKS
    assert not verdict(skill=curve([0.08] * 3, weighted=None)).certain


def test_bounds_must_hold_at_both_ends() -> None:
    wide = curve([0.05] * 3, low=[-0.02] * 3, high=[0.1] * 3)
    assert verdict(skill=wide).way is Way.UNDECIDED


def test_few_positives_leave_the_fork_open_and_reversed_labels_are_no_constant() -> None:
    assert verdict(area=about(0.6, 0.41, 0.76)).way is Way.UNDECIDED
    assert verdict(area=about(0.3, 0.27, 0.34)).way is Way.BACKWARDS
    assert verdict(area=about(0.5, 0.47, 0.53)).way is Way.CONSTANT


def test_probabilities_that_hardly_move_may_still_rank() -> None:
    ranker = calibrated(0.73, 20_000, 3)
    squeezed = Predictions(ranker.target, RATE + 1e-3 * (ranker.probability - RATE))
    assert verdict(None, squeezed, area_of(squeezed)).way is Way.RANKS


def test_nearly_all_alike_is_a_constant_though_the_rest_tips_the_ranking() -> None:
    ranker = calibrated(0.9, 20_000, 3)
    few = np.arange(20_000) % 50 == 0
    tipped = Predictions(ranker.target, np.where(few, ranker.probability, RATE))
    area = area_of(tipped)
    assert area.low > 0.5
    found = verdict(None, tipped, area)
    assert found.way is Way.CONSTANT and "98% of the rows" in found.why


def test_a_flat_ranking_is_a_constant_also_where_it_came_out_backwards() -> None:
    ranker = calibrated(0.73, 20_000, 3)
    reversed_ = Predictions(ranker.target, RATE - 1e-3 * (ranker.probability - RATE))
    assert area_of(reversed_).high < 0.5
    assert verdict(None, reversed_, area_of(reversed_)).way is Way.CONSTANT
    assert verdict(area=about(0.3, 0.27, 0.34), skill=curve([0.001])).way is Way.CONSTANT
    assert verdict(area=about(0.3, 0.27, 0.34), skill=curve([-0.4])).way is Way.BACKWARDS


def test_where_recall_comes_from() -> None:
    assert verdict(curve([0.0, 0.3])).way is Way.FINDS
    assert verdict(curve([0.0, 0.0012])).recall == 0.0012
    assert verdict(None).way is Way.UNKNOWN
    found = counts([0, 0], [0, 0], rows=2_100, positives=100)
    assert fork(None, None, found, None, None, None, None, None, Limits()).way is Way.UNDECIDED
    right = curve([0.9, 2000 / 2100, 2000 / 2100, 2000 / 2100])
    still = fork(None, right, None, None, None, None, exactly(100 / 2100), 2_100, Limits())
    assert still.way is Way.UNDECIDED and still.recall == 0.0


def test_false_alarms_without_hits_are_counted() -> None:
    many = confusion(([0], [0]), ([3_000], [3_500]), rows=100_000, positives=exactly(4_000))
    found = fork(SILENT, None, many, None, None, None, exactly(0.04), 100_000, Limits())
    assert found.alarms == 3_000
    few = confusion(([0], [0]), ([20], [30]), rows=100_000, positives=exactly(4_000))
    assert fork(SILENT, None, few, None, None, None, exactly(0.04), 100_000, Limits()).alarms == 0


@given(st.floats(0.5, 0.99), st.floats(0.002, 0.5))
def test_auc_and_skill_of_a_calibrated_network_are_inverse(area: float, rate: float) -> None:
    assert auc_of_skill(skill_of_auc(area, rate), rate) == pytest.approx(area, abs=2e-3)
