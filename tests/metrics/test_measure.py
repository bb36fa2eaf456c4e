"""Every metric against scikit-learn, imbalanced-learn or its formula written out."""

from __future__ import annotations

import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from steelyard.errors import DataError
from steelyard.metrics import METRICS, CostMatrix, measure, metric, read_costs, reliability
from steelyard.metrics.curves import curves_of
from steelyard.metrics.rows import checked
from tests.metrics.samples import binormal, small_rows

ORACLES = {
    "roc_auc": lambda y, p, t, w: sk.roc_auc_score(y, p, sample_weight=w),
    "average_precision": lambda y, p, t, w: sk.average_precision_score(y, p, sample_weight=w),
    "log_loss": lambda y, p, t, w: sk.log_loss(y, p, sample_weight=w),
    "brier": lambda y, p, t, w: sk.brier_score_loss(y, p, sample_weight=w),
    "accuracy": lambda y, p, t, w: sk.accuracy_score(y, p > t, sample_weight=w),
    "precision": lambda y, p, t, w: sk.precision_score(y, p > t, sample_weight=w, zero_division=0.0),
    "recall": lambda y, p, t, w: sk.recall_score(y, p > t, sample_weight=w),
    "f1": lambda y, p, t, w: sk.f1_score(y, p > t, sample_weight=w),
    "f2": lambda y, p, t, w: sk.fbeta_score(y, p > t, beta=2.0, sample_weight=w),
    "fbeta=0.5": lambda y, p, t, w: sk.fbeta_score(y, p > t, beta=0.5, sample_weight=w),
    "balanced_accuracy": lambda y, p, t, w: sk.balanced_accuracy_score(y, p > t, sample_weight=w),
    "g_mean": lambda y, p, t, w: geometric_mean_score(y, p > t, sample_weight=w),
    "mcc": lambda y, p, t, w: sk.matthews_corrcoef(y, p > t, sample_weight=w),
    "cost fp=1 fn=10 tp=-2": lambda y, p, t, w: np.average(
        np.where(y, np.where(p > t, -2.0, 10.0), np.where(p > t, 1.0, 0.0)), weights=w
    ),
}


@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=25, deadline=None)
@given(rows=small_rows(weighted=True), threshold=st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9]))
def test_it_is_what_others_compute(name: str, rows: tuple[np.ndarray, ...], threshold: float) -> None:
    y, p, w = rows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the oracles' own, about what is not predicted
        expected = ORACLES[name](y, p, threshold, w)
    assert measure(name, y, p, w, threshold=threshold) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision"])
@settings(max_examples=25, deadline=None)
@given(rows=small_rows(weighted=True))
def test_the_batched_form_agrees_with_scikit_learn(name: str, rows: tuple[np.ndarray, ...]) -> None:
    """The bootstrap uses another implementation than the value itself."""
    y, p, w = rows
    statistic = METRICS[name].statistic
    assert statistic is not None
    assert float(statistic(curves_of(checked(y, p, w), 0.5, 15))) == pytest.approx(
        ORACLES[name](y, p, 0.5, w)
    )


@settings(max_examples=40, deadline=None)
@given(rows=small_rows(weighted=True), least=st.sampled_from([0.1, 0.3, 0.5, 0.7, 1.0]))
def test_recall_at_precision_is_on_the_curve(rows: tuple[np.ndarray, ...], least: float) -> None:
    y, p, w = rows
    precision, recall, _ = sk.precision_recall_curve(y, p, sample_weight=w)
    # scikit-learn ends the curve with a precision of 1 that no threshold has.
    reached = recall[:-1][precision[:-1] >= least - 1e-12]
    assert measure(f"recall_at_precision={least}", y, p, w) == pytest.approx(reached.max(initial=0.0))


@settings(max_examples=40, deadline=None)
@given(rows=small_rows(), data=st.data())
def test_top_k_is_the_mean_over_the_orders_of_ties(rows: tuple[np.ndarray, ...], data: st.DataObject) -> None:
    y, p, _ = rows
    k = data.draw(st.integers(1, len(y)))
    above, tied = p > np.sort(p)[-k], p == np.sort(p)[-k]
    expected = (y[above].sum() + (k - above.sum()) * y[tied].mean()) / k
    assert measure(f"precision_at_top={k}", y, p) == pytest.approx(expected)
    assert measure(f"lift_at_top={k}", y, p) == pytest.approx(expected / y.mean())
    if k < len(y):
        assert measure(f"precision_at_top={k / len(y)!r}", y, p) == pytest.approx(expected)


def test_the_calibration_error_is_the_mean_gap_of_bins_of_equal_mass() -> None:
    rows = binormal(60, 840, 1)
    order = np.argsort(rows.probability)
    bins = [order[start : start + 60] for start in range(0, 900, 60)]
    gaps = [abs(rows.probability[b].mean() - rows.target[b].mean()) for b in bins]
    assert measure("ece", rows.target, rows.probability) == pytest.approx(np.mean(gaps))
    shown = reliability(rows.target, rows.probability)
    assert [b.rows for b in shown] == [60.0] * 15
    assert [b.predicted for b in shown] == pytest.approx([rows.probability[b].mean() for b in bins])
    assert [b.found for b in shown] == pytest.approx([rows.target[b].mean() for b in bins])
    assert all(b.lowest <= b.predicted <= b.highest for b in shown)


@settings(max_examples=40, deadline=None)
@given(rows=small_rows(weighted=True), bins=st.integers(1, 20))
def test_bins_hold_every_row_once_and_do_not_part_equal_probabilities(
    rows: tuple[np.ndarray, ...], bins: int
) -> None:
    y, p, w = rows
    shown = reliability(y, p, w, bins=bins)
    assert 1 <= len(shown) <= bins
    assert sum(b.rows for b in shown) == pytest.approx(w.sum())
    assert sum(b.rows * b.found for b in shown) == pytest.approx((w * y).sum())
    assert sum(b.rows * b.predicted for b in shown) == pytest.approx((w * p).sum())
    assert all(low.highest < high.lowest for low, high in pairwise(shown))


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.5, 0.9])
@pytest.mark.parametrize(
    "name",
    [
        "roc_auc",
        "average_precision",
        "log_loss",
        "brier",
        "accuracy",
        "precision",
        "f1",
        "f2",
        "fbeta=0.5",
        "balanced_accuracy",
        "g_mean",
        "mcc",
        "cost fp=1 fn=10",
        "cost fp=3 fn=1 tp=0.5 tn=-0.25",
        "recall_at_precision=0.3",
        "precision_at_top=100",
        "precision_at_top=10%",
        "lift_at_top=25",
    ],
)
def test_a_floor_is_what_the_base_rate_reaches(name: str, rate: float) -> None:
    """Of the two decisions that one probability allows, all or none, the better one."""
    y = np.repeat([1, 0], [round(1000 * rate), 1000 - round(1000 * rate)])
    p = np.full(1000, rate)
    thresholds = (0.0, 1.0) if metric(name).needs_threshold else (0.5,)
    reached = [measure(name, y, p, threshold=threshold) for threshold in thresholds]
    # With no row predicted positive, precision is 0 by convention.
    best = min(reached) if metric(name).direction == "lower" else max(reached)
    assert metric(name).floor(rate) == pytest.approx(best)


def test_metrics_that_say_nothing_of_the_base_rate_have_no_floor() -> None:
    for name in ("recall", "calibration_error", "calibration_slope", "calibration_intercept"):
        assert math.isnan(METRICS[name].floor(0.1)), name
    for name in ("roc_auc", "average_precision", "f1", "mcc", "g_mean", "balanced_accuracy", "lift_at_top=5"):
        assert math.isnan(metric(name).floor(0.0)), name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("AUC", "roc_auc"),
        ("ROC-AUC", "roc_auc"),
        ("ap", "average_precision"),
        ("ECE", "calibration_error"),
        ("f1", "f1"),
        ("F0.5", "fbeta=0.5"),
        ("fbeta = 2", "f2"),
        ("recall at precision=80%", "recall_at_precision=0.8"),
        ("lift_at_top=10%", "lift_at_top=10%"),
        ("lift_at_top=0.1", "lift_at_top=10%"),
        ("precision_at_top=800", "precision_at_top=800"),
        ("Cost  fn=10  fp=1", "cost fp=1 fn=10"),
        ("cost fp=1 fn=10 tp=-5 tn=0", "cost fp=1 fn=10 tp=-5"),
    ],
)
def test_names_are_read_leniently_and_written_one_way(written: str, name: str) -> None:
    assert metric(written).name == name
    assert metric(name).name == name


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("roc_auk", "did you mean 'roc_auc'"),
        ("averge_precision", "did you mean 'average_precision'"),
        ("lift_at_to=5", "did you mean 'lift_at_top=10%'"),
        ("zebra", "there are: roc_auc, average_precision"),
        ("fbeta=x", "'x' is not a number"),
        ("fbeta=0", "beta must lie between"),
        ("recall_at_precision=2", "at most 1"),
        ("precision_at_top=0", "write a number of rows"),
        ("precision_at_top=1.5", "write a number of rows"),
        ("lift_at_top=100%", "write a number of rows"),
        ("cost fp=1", "fn must be given"),
        ("cost fp=1 fn=2 fx=3", "found 'fx=3'"),
        ("cost fp=1 fp=2 fn=3", "'fp' twice"),
        ("cost fp=1 fn=many", "'many' is not a number"),
    ],
)
def test_wrong_names_are_told(written: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        metric(written)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["fbeta=", "recall_at_precision=", "precision_at_top=", "lift_at_top=", "cost fn=1 fp=", "f"]
    ),
    st.integers(-2, 10**7) | st.floats(-0.5, 2.0) | st.floats(),
    st.sampled_from(["", "%", " "]),
)
def test_a_name_is_read_back_or_refused(family: str, number: float, unit: str) -> None:
    try:
        found = metric(f"{family}{number}{unit}")
    except DataError:
        return
    again = metric(found.name)
    assert (again.name, again.meaning) == (found.name, found.meaning)
    assert again.floor(0.1) == found.floor(0.1)


@given(st.text(max_size=12))
def test_any_text_is_a_metric_or_an_error(text: str) -> None:
    try:
        assert metric(text).name
    except DataError as error:
        assert any(word in str(error) for word in ("metric", "write", "number", "beta"))


def test_costs_are_read() -> None:
    assert read_costs("cost fp=1, fn=10, tn=-0.5") == CostMatrix(fp=1.0, fn=10.0, tn=-0.5)
    assert read_costs("fp=2 fn=3") == CostMatrix(fp=2.0, fn=3.0)


@pytest.mark.parametrize(
    ("name", "y", "p", "message"),
    [
        ("roc_auc", [0, 0], [0.1, 0.2], "roc_auc: needs both classes; all 2 rows are negative"),
        ("mcc", [1, 1], [0.1, 0.2], "mcc: needs both classes; all 2 rows are positive"),
        ("ap", [0], [0.1], "average_precision: needs positives; all 1 rows are negative"),
        ("slope", [0, 1], [0.3, 0.3], "calibration_slope: undefined, because all probabilities are equal"),
        ("precision_at_top=800", [0, 1], [0.1, 0.2], "precision_at_top=800: there are 2 rows only"),
        ("f1", [], [], "f1: there are no rows to score"),
        ("f1", [0, 1], [0.5, math.nan], "f1: probabilities must lie in"),
        ("f1", [0, 3], [0.5, 0.5], "f1: the target may hold 0 and 1 only"),
    ],
)
def test_what_cannot_be_measured_is_told(name: str, y: list[int], p: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        measure(name, y, p)


def test_a_class_whose_rows_have_no_weight_is_missing() -> None:
    with pytest.raises(DataError, match="all rows with a weight are negative"):
        measure("roc_auc", [0, 0, 1], [0.1, 0.2, 0.3], [1, 1, 0])
