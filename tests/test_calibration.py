"""Calibrators against scikit-learn and scipy, at the extremes, and whether choosing one ever hurts."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from steelyard.calibration import (
    apply_calibrator,
    calibrator_from_dict,
    calibrator_to_dict,
    choose_calibrator,
    fit_calibrator,
)
from steelyard.calibration.fitting import LEAST_SLOPE, METHODS, Method
from steelyard.data.calibrator import Beta, Calibrator, Isotonic, Logistic, Temperature
from steelyard.errors import DataError

Numbers = NDArray[np.float64]


def _sample(rows: int, seed: int, slope: float = 1.0, intercept: float = 0.0) -> tuple[Numbers, Numbers]:
    """Logits of a network and labels whose true log-odds are ``slope * z + intercept``."""
    random = np.random.default_rng(seed)
    z = random.normal(-2.0, 1.5, rows)
    return z, (random.random(rows) < expit(slope * z + intercept)).astype(np.float64)


def _softened(z: Numbers, y: Numbers, w: Numbers) -> Numbers:
    """The labels as the module says they are softened, the shift found in another way."""
    rate = w @ y / w.sum()
    shift = minimize(
        lambda d: w @ (np.logaddexp(0, z + d[0]) - rate * (z + d[0])) / w.sum(), [0.0], tol=1e-12
    ).x[0]
    mixed = 1 / (1 + min(w @ y, w @ (1 - y)))
    return np.asarray((1 - mixed) * y + mixed * expit(z + shift))


def _loss(z: Numbers, y: Numbers, w: Numbers) -> float:
    return float(w @ (np.logaddexp(0, z) - y * z) / w.sum())


_rows = st.lists(
    st.tuples(st.floats(-6, 6).map(lambda z: round(z, 2)), st.booleans(), st.integers(1, 3)),
    min_size=4,
    max_size=40,
)


def _arrays(table: list[tuple[float, bool, int]]) -> tuple[Numbers, Numbers, Numbers]:
    z, y, w = (np.array(column, np.float64) for column in zip(*table, strict=True))
    assume(0 < y.sum() < len(y))
    return z, y, w


# ---------------------------------------------------------------- against other implementations


@settings(max_examples=40, deadline=None)
@given(_rows)
def test_logistic_is_scikit_learns_logistic_regression_on_softened_labels(
    table: list[tuple[float, bool, int]],
) -> None:
    z, y, w = _arrays(table)
    assume(np.ptp(z) > 0.1)
    soft = _softened(z, y, w)
    found = fit_calibrator(z, y, "logistic", w)
    assert isinstance(found, Logistic)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        np.concatenate([z, z])[:, None],
        np.repeat([1, 0], len(z)),
        sample_weight=np.concatenate([w * soft, w * (1 - soft)]),
    )
    if model.coef_[0, 0] >= LEAST_SLOPE:
        assert found.slope == pytest.approx(model.coef_[0, 0], rel=1e-3, abs=1e-4)
        assert found.intercept == pytest.approx(model.intercept_[0], rel=1e-3, abs=1e-3)
    else:
        assert found.slope == LEAST_SLOPE


def test_with_many_rows_softening_no_longer_matters() -> None:
    z, y = _sample(60_000, 0, slope=0.6, intercept=0.4)
    found = fit_calibrator(z, y)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(z[:, None], y)
    assert found == Logistic(slope=found.slope, intercept=found.intercept)
    assert found.slope == pytest.approx(model.coef_[0, 0], abs=2e-3)
    assert found.intercept == pytest.approx(model.intercept_[0], abs=2e-3)
    assert found.slope == pytest.approx(0.6, abs=0.03)


@settings(max_examples=30, deadline=None)
@given(_rows)
def test_beta_is_the_best_under_its_bounds(table: list[tuple[float, bool, int]]) -> None:
    z, y, w = _arrays(table)
    soft = _softened(z, y, w)
    found = fit_calibrator(z, y, "beta", w)
    assert isinstance(found, Beta)
    p = expit(z)
    sides = np.column_stack([np.log(p), -np.log1p(-p), np.ones_like(p)])
    best = minimize(
        lambda c: _loss(sides @ c, soft, w),
        [1.0, 1.0, 0.0],
        bounds=[(LEAST_SLOPE, None), (LEAST_SLOPE, None), (None, None)],
        method="L-BFGS-B",
    )
    assert _loss(sides @ [found.a, found.b, found.c], soft, w) <= best.fun + 1e-7


def test_beta_finds_a_shape_that_a_logistic_cannot_have() -> None:
    random = np.random.default_rng(1)
    z = random.normal(0.0, 2.0, 200_000)
    p = expit(z)
    y = (random.random(len(z)) < expit(0.5 * np.log(p) - 1.5 * np.log1p(-p) + 0.3)).astype(np.float64)
    found = fit_calibrator(z, y, "beta")
    assert isinstance(found, Beta)
    assert (found.a, found.b, found.c) == pytest.approx((0.5, 1.5, 0.3), abs=0.05)


@settings(max_examples=30, deadline=None)
@given(_rows)
def test_temperature_is_the_best_single_factor(table: list[tuple[float, bool, int]]) -> None:
    z, y, w = _arrays(table)
    soft = _softened(z, y, w)
    found = fit_calibrator(z, y, "temperature", w)
    assert isinstance(found, Temperature)
    best = minimize_scalar(
        lambda log_slope: _loss(np.exp(log_slope) * z, soft, w),
        bounds=(math.log(LEAST_SLOPE), 8.0),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert _loss(z / found.temperature, soft, w) <= best.fun + 1e-8
    assert found.temperature <= 1 / LEAST_SLOPE + 1e-9


@settings(max_examples=30, deadline=None)
@given(_rows, st.lists(st.floats(-8, 8), min_size=1, max_size=10))
def test_isotonic_is_scikit_learns(table: list[tuple[float, bool, int]], new: list[float]) -> None:
    z, y, w = _arrays(table)
    model = IsotonicRegression(out_of_bounds="clip").fit(z, _softened(z, y, w), sample_weight=w)
    found = apply_calibrator(fit_calibrator(z, y, "isotonic", w), new)
    np.testing.assert_allclose(found, model.predict(new), atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(_rows, st.sampled_from(METHODS))
def test_a_weight_is_a_number_of_copies(table: list[tuple[float, bool, int]], method: Method) -> None:
    z, y, w = _arrays(table)
    copies = w.astype(int)
    weighted = fit_calibrator(z, y, method, w)
    repeated = fit_calibrator(np.repeat(z, copies), np.repeat(y, copies), method)
    np.testing.assert_allclose(
        apply_calibrator(weighted, z), apply_calibrator(repeated, z), rtol=1e-4, atol=1e-7
    )


# ---------------------------------------------------------------- properties


@settings(max_examples=40, deadline=None)
@given(_rows, st.sampled_from(["logistic", "beta", "isotonic"]))
def test_the_base_rate_of_the_rows_is_met(table: list[tuple[float, bool, int]], method: Method) -> None:
    z, y, w = _arrays(table)
    found = fit_calibrator(z, y, method, w)
    p = apply_calibrator(found, z)
    assert np.average(p, weights=w) == pytest.approx(np.average(y, weights=w), rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(_rows, st.sampled_from(METHODS))
def test_order_is_kept(table: list[tuple[float, bool, int]], method: Method) -> None:
    z, y, w = _arrays(table)
    p = apply_calibrator(fit_calibrator(z, y, method, w), np.unique(z))
    rises = np.diff(p)
    assert (rises >= 0).all()
    if method != "isotonic":
        assert (rises[np.diff(np.unique(z)) >= 0.01] > 0).all()


@settings(max_examples=40, deadline=None)
@given(_rows, st.sampled_from(METHODS))
def test_a_calibrator_survives_json(table: list[tuple[float, bool, int]], method: Method) -> None:
    z, y, w = _arrays(table)
    found = fit_calibrator(z, y, method, w)
    assert calibrator_from_dict(json.loads(json.dumps(calibrator_to_dict(found)))) == found


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "platt"}, "calibrator: .*'logistic'"),
        ({"name": "logistic", "slope": -1.0, "intercept": 0.0}, r"calibrator\.logistic\.slope"),
        ({"name": "logistic", "slope": 1.0}, r"calibrator\.logistic\.intercept: Field required"),
        ({"name": "temperature", "temperature": math.inf}, "finite"),
        ({"name": "beta", "a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0}, r"calibrator\.beta\.d"),
        ({"name": "isotonic", "logits": [], "probabilities": []}, r"isotonic\.logits"),
        ({"name": "isotonic", "logits": [0.0], "probabilities": [0.1, 0.2]}, "as many of each"),
        ({"name": "isotonic", "logits": [1.0, 1.0], "probabilities": [0.1, 0.2]}, "must increase"),
        ({"name": "isotonic", "logits": [1.0, 2.0], "probabilities": [0.2, 0.1]}, "must not decrease"),
        ({"name": "isotonic", "logits": [1.0], "probabilities": [1.0]}, r"isotonic\.probabilities\.0"),
    ],
)
def test_values_that_are_no_calibrator_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        calibrator_from_dict(values)


def test_without_a_calibrator_a_logit_is_a_logit() -> None:
    z = np.array([[-3.0, 0.0], [1.0, 30.0]])
    np.testing.assert_allclose(apply_calibrator(None, z), expit(z))


# ---------------------------------------------------------------- extremes


@pytest.mark.parametrize("method", METHODS)
def test_separated_classes_have_a_finite_calibrator(method: Method) -> None:
    z = np.concatenate([np.linspace(-5.0, -1.0, 200), np.linspace(2.0, 6.0, 20)])
    y = np.repeat([0.0, 1.0], [200, 20])
    p = apply_calibrator(fit_calibrator(z, y, method), z)
    assert 0 < p.min() < 1e-2
    assert 0.9 < p.max() < 1
    assert _loss(logit(p), y, np.ones(220)) < _loss(z, y, np.ones(220))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(5))
def test_five_positives_give_something_moderate(method: Method, seed: int) -> None:
    random = np.random.default_rng(seed)
    z = np.concatenate([random.normal(-4.0, 1.0, 500), random.normal(-3.0, 1.0, 5)])
    y = np.repeat([0.0, 1.0], [500, 5])
    p = apply_calibrator(fit_calibrator(z, y, method), z)
    assert p.min() > 0
    assert p.max() < 0.9
    if method != "temperature":
        assert p.mean() == pytest.approx(0.0099, abs=1e-4)


@pytest.mark.parametrize("method", ["logistic", "beta", "isotonic"])
def test_equal_logits_get_the_base_rate(method: Method) -> None:
    found = fit_calibrator(np.full(50, 1.25), np.repeat([0.0, 1.0], [45, 5]), method)
    assert apply_calibrator(found, [1.25]) == pytest.approx(0.1)
    if isinstance(found, Logistic):
        assert found.slope == pytest.approx(1.0), "nothing was learned about the slope"


@pytest.mark.parametrize("method", METHODS)
def test_infinite_logits_are_very_large_ones(method: Method) -> None:
    z = np.array([-np.inf, -1.0, 0.5, np.inf, -2.0, np.inf, -np.inf, 0.0])
    y = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    found = fit_calibrator(z, y, method)
    assert found == fit_calibrator(np.clip(z, -36.0, 36.0), y, method)
    p = apply_calibrator(found, z)
    assert ((p > 0) & (p < 1)).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_reversed_network_is_flattened_but_not_turned_round(method: Method) -> None:
    z, y = _sample(3000, 3, slope=-1.0, intercept=-4.0)
    p = apply_calibrator(fit_calibrator(z, y, method), np.sort(z))
    assert (np.diff(p) >= 0).all()
    if method != "temperature":
        assert p.mean() == pytest.approx(y.mean(), abs=1e-3)
        assert np.ptp(p) < 0.05


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_cannot_be_fitted_and_auto_says_so(label: float) -> None:
    z, y = np.array([0.0, 1.0, 2.0]), np.full(3, label)
    with pytest.raises(DataError, match="both classes"):
        fit_calibrator(z, y)
    with pytest.raises(DataError, match="both classes"):
        choose_calibrator(z, y, "beta")
    choice = choose_calibrator(z, y)
    assert choice.calibrator is None
    assert "one class only" in choice.reason
    assert choice.tried == ()
    assert choice.log_loss_after == choice.log_loss_before


@pytest.mark.parametrize(
    ("z", "y", "w", "message"),
    [
        ([], [], None, "no rows"),
        ([0.0, math.nan], [0, 1], None, "1 logits of 2 are NaN"),
        ([0.0, 1.0], [0], None, "one and the same length"),
        ([0.0, 1.0], [0, 2], None, "0 and 1 only"),
        ([0.0, 1.0], [0, 1], [1.0, -1.0], "weights"),
        ([0.0, 1.0], [0, 1], [0.0, 0.0], "weights"),
        ([0.0, 1.0], [0, 1], [0.0, 1.0], "both classes"),
    ],
)
def test_unusable_rows_are_refused(z: list[float], y: list[int], w: list[float] | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        fit_calibrator(z, y, "logistic", w)


def test_an_unknown_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(DataError, match=r"did you mean 'isotonic'\?.*logistic, beta, temperature, isotonic"):
        fit_calibrator([0.0, 1.0], [0, 1], "isotonik")  # type: ignore[arg-type]  # that it is wrong is the point


# ---------------------------------------------------------------- choosing


def test_a_shifted_and_flattened_network_gets_its_logistic() -> None:
    z, y = _sample(4000, 5, slope=0.6, intercept=-1.0)
    choice = choose_calibrator(z, y)
    assert isinstance(choice.calibrator, Logistic)
    assert choice.calibrator == fit_calibrator(z, y), "fitted to all rows"
    assert choice.log_loss_after < choice.log_loss_before
    (attempt,) = choice.tried
    assert attempt.improvement == pytest.approx(choice.log_loss_before - choice.log_loss_after)
    assert attempt.improvement > attempt.standard_error > 0
    assert (choice.rows, choice.positives, choice.folds) == (4000, int(y.sum()), 5)
    assert choice.reason.startswith("it improves: log loss")


def test_a_calibrated_network_is_left_alone_most_of_the_time() -> None:
    choices = [choose_calibrator(*_sample(600, seed)) for seed in range(40)]
    kept = [choice for choice in choices if choice.calibrator is not None]
    assert len(kept) <= 6
    for choice in choices:
        if choice.calibrator is None:
            assert choice.reason.startswith("no improvement beyond noise")
            assert choice.log_loss_after == choice.log_loss_before


@pytest.mark.parametrize("rows", [100, 400, 3000])
@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.9, 0.0), (0.6, -0.3), (1.3, 0.5)])
def test_choosing_is_never_worse_on_new_rows_beyond_noise(rows: int, slope: float, intercept: float) -> None:
    """Averaged over samples, against the truth; always keeping two estimated parameters costs 1 / rows."""
    z_new, _ = _sample(20_000, 999)
    truth = expit(slope * z_new + intercept)
    ones = np.ones(len(z_new))
    before = _loss(z_new, truth, ones)
    after = [
        _loss(logit(apply_calibrator(choose_calibrator(z, y).calibrator, z_new)), truth, ones)
        for z, y in (_sample(rows, seed, slope, intercept) for seed in range(25))
    ]
    assert np.mean(after) <= before + 0.5 / rows
    if rows * abs(slope - 1.0) > 1000:
        assert np.mean(after) < before - 0.005


def test_smote_like_odds_are_undone_by_the_intercept() -> None:
    """A network that learned at equal odds: the shift has no closed form for SMOTE, so it is estimated."""
    z, y = _sample(40_000, 7)
    shift = math.log((1 - y.mean()) / y.mean())
    choice = choose_calibrator(z + shift, y)
    assert isinstance(choice.calibrator, Logistic)
    assert choice.calibrator.slope == pytest.approx(1.0, abs=0.05)
    assert choice.calibrator.intercept == pytest.approx(-shift, abs=0.1)
    temperature = choose_calibrator(z + shift, y, "temperature")
    assert temperature.log_loss_after > choice.log_loss_after + 0.05, "temperature cannot do that"


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_is_asked_for_is_kept_and_its_effect_told(method: Method) -> None:
    z, y = _sample(800, 8)
    choice = choose_calibrator(z, y, method)
    assert choice.calibrator == fit_calibrator(z, y, method)
    assert choice.tried[0].method == method
    assert choice.log_loss_after == choice.tried[0].log_loss
    assert abs(choice.log_loss_after - choice.log_loss_before) < 0.05
    assert choice.reason.startswith("it was asked for: log loss")


def test_none_is_none() -> None:
    choice = choose_calibrator(*_sample(100, 9), "none")
    assert (choice.calibrator, choice.tried, choice.folds) == (None, (), 0)


def test_the_loss_told_is_that_of_rows_a_calibrator_was_not_fitted_to() -> None:
    z, y = _sample(300, 10, slope=0.7)
    fold = np.arange(300) % 3
    choice = choose_calibrator(z, y, "isotonic", folds=fold)
    p = np.empty(300)
    for held in range(3):
        calibrator: Calibrator = fit_calibrator(z[fold != held], y[fold != held], "isotonic")
        p[fold == held] = apply_calibrator(calibrator, z[fold == held])
    assert choice.folds == 3
    assert choice.log_loss_after == pytest.approx(_loss(logit(p), y, np.ones(300)))
    inside = apply_calibrator(choice.calibrator, z)
    assert choice.log_loss_after > _loss(logit(inside), y, np.ones(300))


def test_groups_stay_together_and_widen_the_noise() -> None:
    """Every row ten times over: ten copies say no more than one."""
    z, y = _sample(120, 11, slope=0.55)
    copies = np.repeat(np.arange(120), 10)
    alone = choose_calibrator(z, y)
    grouped = choose_calibrator(z[copies], y[copies], groups=copies)
    naive = choose_calibrator(z[copies], y[copies])
    assert grouped.tried[0].standard_error == pytest.approx(alone.tried[0].standard_error, rel=0.5)
    assert naive.tried[0].standard_error < grouped.tried[0].standard_error / 2


def test_the_seed_decides_the_folds() -> None:
    z, y = _sample(500, 12)
    assert choose_calibrator(z, y, seed=3) == choose_calibrator(z, y, seed=3)
    assert choose_calibrator(z, y, seed=3).tried != choose_calibrator(z, y, seed=4).tried


@pytest.mark.parametrize("positives", [1, 2])
def test_one_positive_is_too_few_to_cross_fit_and_two_are_enough(positives: int) -> None:
    z, y = np.linspace(-3, 3, 40), np.zeros(40)
    y[[20, 30][:positives]] = 1.0
    choice = choose_calibrator(z, y)
    asked = choose_calibrator(z, y, "logistic")
    assert asked.calibrator == fit_calibrator(z, y)
    if positives == 1:
        assert choice.calibrator is None
        assert choice.reason == "1 positive among 40 rows: too few to cross-fit"
        assert math.isnan(asked.log_loss_after)
        assert choice.folds == asked.folds == 0
    else:
        assert choice.folds == 2
        assert math.isfinite(asked.log_loss_after)


def test_all_positives_in_one_group_or_fold_are_too_few() -> None:
    z, y = np.linspace(-3, 3, 40), np.zeros(40)
    y[30:] = 1.0
    for choice in (
        choose_calibrator(z, y, groups=(np.arange(40) >= 30).astype(int)),
        choose_calibrator(z, y, folds=np.arange(40) // 10),
    ):
        assert choice.calibrator is None
        assert "too few to cross-fit" in choice.reason


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"folds": 1}, "at least 2 folds"),
        ({"folds": [0, 1]}, r"folds must be one per row"),
        ({"groups": [0, 1]}, r"groups must be one per row"),
    ],
)
def test_folds_and_groups_must_fit_the_rows(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        choose_calibrator(*_sample(50, 13), **arguments)  # type: ignore[arg-type]  # that they are wrong is the point


def test_isotonic_keeps_what_is_constant_constant() -> None:
    found = Isotonic(logits=(-1.0, 1.0), probabilities=(0.1, 0.3))
    np.testing.assert_allclose(
        apply_calibrator(found, [-np.inf, -1.0, 0.0, 1.0, 99.0]), [0.1, 0.1, 0.2, 0.3, 0.3]
    )
