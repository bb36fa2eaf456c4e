"""What a calibrated classifier of some AUC shows, against drawn rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, ndtri
from sklearn.metrics import log_loss, roc_auc_score

from steelyard.diagnosis.arithmetic import (
    auc_of_skill,
    entropy,
    expected_log_loss,
    recall_at,
    recall_at_half,
    skill_of_auc,
)


@pytest.mark.parametrize(("auc", "rate"), [(0.6, 0.3), (0.73, 1 / 21), (0.9, 0.1), (0.97, 0.02)])
def test_drawn_rows_agree(auc: float, rate: float) -> None:
    random = np.random.default_rng(7)
    rows = 400_000
    y = random.random(rows) < rate
    apart = np.sqrt(2) * ndtri(auc)
    score = random.normal(size=rows) + apart * y
    p = expit(apart * score - apart**2 / 2 + logit(rate))
    assert roc_auc_score(y, p) == pytest.approx(auc, abs=0.006)
    assert expected_log_loss(auc, rate) == pytest.approx(log_loss(y, p), rel=0.03)
    assert recall_at(0.3, auc, rate) == pytest.approx((p[y] > 0.3).mean(), abs=0.02)


@pytest.mark.parametrize(
    ("auc", "skill"), [(0.6, 0.015), (0.73, 0.087), (0.8, 0.161), (0.9, 0.343), (0.95, 0.507)]
)
def test_the_skills_of_the_catalogue(auc: float, skill: float) -> None:
    assert skill_of_auc(auc, 1 / 21) == pytest.approx(skill, abs=6e-4)


def test_a_healthy_model_finds_next_to_nothing_at_one_half() -> None:
    assert recall_at_half(0.73, 1 / 21) == pytest.approx(0.0012, abs=5e-5)
    assert recall_at_half(0.96, 1 / 21) == pytest.approx(0.5, abs=0.02)
    assert recall_at_half(0.5, 0.4) == 0.0
    assert recall_at_half(0.5, 0.6) == 1.0


@given(st.floats(0.51, 0.999), st.floats(0.001, 0.999))
def test_skill_and_auc_are_inverses(auc: float, rate: float) -> None:
    skill = skill_of_auc(auc, rate)
    assert -1e-9 <= skill < 1.0
    assert auc_of_skill(skill, rate) == pytest.approx(auc, abs=1e-3)


def test_beyond_the_ends() -> None:
    assert auc_of_skill(-0.2, 0.1) == 0.5
    assert auc_of_skill(1.0, 0.1) < 1.0
    assert expected_log_loss(0.5, 0.1) == pytest.approx(entropy(0.1))
    with pytest.raises(ValueError, match=r"from 0\.5"):
        skill_of_auc(0.4, 0.1)
