"""Slope and intercept against scikit-learn's logistic regression and a general-purpose optimiser."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit
from sklearn.linear_model import LogisticRegression

from steelyard.metrics import measure
from steelyard.metrics.calibration_line import calibration_line
from steelyard.metrics.curves import Blocks, Curves
from tests.metrics.samples import binormal, noisier


def line(y: object, p: object, w: object = None) -> tuple[float, float]:
    return measure("calibration_slope", y, p, w), measure("calibration_intercept", y, p, w)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_an_unpenalised_logistic_regression(seed: int, weighted: bool) -> None:
    rows = noisier(binormal(40, 300, seed), seed, noise=1.0)
    w = np.random.default_rng(seed).uniform(0.2, 3.0, 340) if weighted else None
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    model.fit(logit(rows.probability)[:, None], rows.target, sample_weight=w)
    expected = float(model.coef_[0, 0]), float(model.intercept_[0])
    assert line(rows.target, rows.probability, w) == pytest.approx(expected, abs=1e-6)


def test_known_distortions_are_found() -> None:
    rows = binormal(20_000, 100_000, 0)
    assert line(rows.target, rows.probability) == pytest.approx((1.0, 0.0), abs=0.05)
    doubled = expit(2.0 * logit(rows.probability) + 1.0)
    slope, intercept = line(rows.target, doubled)
    assert (slope, intercept) == pytest.approx((0.5, -0.5), abs=0.05)


@pytest.mark.parametrize(
    ("y", "p"),
    [
        ([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.9]),
        ([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.4, 0.4, 0.6, 0.9]),  # separated but for one probability
        ([1, 1, 0, 0], [0.1, 0.2, 0.6, 0.9]),
        ([0, 1], [0.0, 1.0]),
    ],
)
def test_separated_classes_have_the_finite_slope_of_firth(y: list[int], p: list[float]) -> None:
    x = logit(np.clip(p, 1e-7, 1 - 1e-7))
    design = np.column_stack([np.ones_like(x), x])

    def penalised(beta: np.ndarray) -> float:
        eta = design @ beta
        likelihood = np.where(np.array(y) == 1, log_expit(eta), log_expit(-eta)).sum()
        mu = expit(eta)
        return -likelihood - 0.5 * np.linalg.slogdet(design.T * (mu * (1 - mu)) @ design)[1]

    found = minimize(penalised, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    intercept, slope = found.x
    assert line(y, p) == pytest.approx((slope, intercept), rel=1e-4, abs=1e-4)


def test_many_weightings_at_once_are_each_on_its_own() -> None:
    random = np.random.default_rng(3)
    p = np.sort(random.uniform(0.01, 0.6, 30))[::-1]
    positive = random.poisson(0.7, (40, 30)).astype(float)
    negative = random.poisson(2.0, (40, 30)).astype(float)
    positive[5] = 0.0
    positive[6], negative[6] = np.eye(30)[0], np.eye(30)[20]
    blocks = Blocks(p, 3, np.array([0]), np.zeros(1))
    together = calibration_line(Curves(blocks, positive, negative))
    for i in range(40):
        alone = calibration_line(Curves(blocks, positive[i], negative[i]))
        assert [float(v[i]) for v in together] == pytest.approx(
            [float(v) for v in alone], abs=1e-6, nan_ok=True
        )
    assert np.isnan(together[0][5])
    assert np.isfinite(np.delete(together[0], 5)).all()
