"""Thresholds against every threshold there is, tried one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import (
    balanced_accuracy_score,
    confusion_matrix,
    fbeta_score,
    matthews_corrcoef,
    precision_recall_curve,
    precision_score,
    recall_score,
)

from steelyard.errors import DataError, RecipeError
from steelyard.metrics.costs import CostMatrix
from steelyard.thresholds import (
    ALLOWED,
    BalancedAccuracy,
    FBeta,
    Fixed,
    LeastCost,
    MatthewsCorrelation,
    Objective,
    PrecisionAtLeast,
    Rate,
    RecallAtLeast,
    Top,
    choose_threshold,
    parse_objective,
    theoretical_threshold,
    threshold_stability,
)

Labels = NDArray[np.uint8]
Numbers = NDArray[np.float64]

# Few distinct probabilities, so that there are ties; 0 and 1, and neighbours in floating point.
_probability = st.one_of(
    st.sampled_from([0.0, 0.1, 0.3, 0.3 + 5e-17, np.nextafter(0.3, 1.0), 0.9, 1.0]), st.floats(0.0, 1.0)
)
_table = st.lists(st.tuples(st.booleans(), _probability, st.integers(1, 4)), min_size=2, max_size=15)

_objectives: st.SearchStrategy[Objective] = st.one_of(
    st.sampled_from([0.5, 1.0, 2.0, 3.7]).map(FBeta),
    st.just(BalancedAccuracy()),
    st.just(MatthewsCorrelation()),
    st.builds(
        CostMatrix, fp=st.integers(1, 9), fn=st.integers(1, 9), tp=st.integers(-3, 0), tn=st.integers(-3, 1)
    ).map(LeastCost),
    st.sampled_from([0.1, 0.5, 0.8, 1.0]).map(RecallAtLeast),
    st.sampled_from([0.1, 0.5, 0.8, 1.0]).map(PrecisionAtLeast),
    st.integers(1, 60).map(Top),
    st.sampled_from([0.05, 0.1, 0.5, 1.0]).map(Rate),
)


def _arrays(table: list[tuple[bool, float, int]]) -> tuple[Labels, Numbers, NDArray[np.int64]]:
    return (
        np.array([label for label, _, _ in table], np.uint8),
        np.array([probability for _, probability, _ in table]),
        np.array([weight for _, _, weight in table]),
    )


def _judged(spec: Objective, y: Labels, predicted: NDArray[np.bool_]) -> tuple[bool, float, float]:
    """Whether the condition holds, what is as large as possible, and the value told; by scikit-learn."""
    taken = int(predicted.sum())
    match spec:
        case FBeta(beta=beta):
            found = fbeta_score(y, predicted, beta=beta, zero_division=0.0)
        case BalancedAccuracy():
            found = balanced_accuracy_score(y, predicted)
        case MatthewsCorrelation():
            found = matthews_corrcoef(y, predicted)
        case LeastCost(costs=c):
            tn, fp, fn, tp = confusion_matrix(y, predicted, labels=[0, 1]).ravel()
            found = (c.tp * tp + c.fp * fp + c.fn * fn + c.tn * tn) / len(y)
            return True, -found, found
        case RecallAtLeast(recall=least):
            found = precision_score(y, predicted, zero_division=0.0)
            return recall_score(y, predicted) >= least - 1e-9, found, found
        case PrecisionAtLeast(precision=least):
            found = recall_score(y, predicted)
            return taken > 0 and precision_score(y, predicted) >= least - 1e-9, found, found
        case Top(rows=room):
            return taken <= room, taken, precision_score(y, predicted, zero_division=0.0)
        case Rate(rate=rate):
            return taken <= rate * len(y) + 1e-9, taken, precision_score(y, predicted, zero_division=0.0)
        case Fixed():
            found = float(np.mean(predicted == y))
    return True, float(found), float(found)


@settings(max_examples=100, deadline=None)
@given(_table, _objectives)
def test_no_threshold_serves_better(table: list[tuple[bool, float, int]], spec: Objective) -> None:
    y, p, _ = _arrays(table)
    assume(0 < y.sum() < len(y))
    choice = choose_threshold(y, p, spec)
    every = [-1.0, *np.unique(p)]  # p > t changes at these only
    judged = [_judged(spec, y, p > threshold) for threshold in every]
    reached, goal, value = _judged(spec, y, p > choice.threshold)
    assert choice.reached == reached == any(holds for holds, _, _ in judged)
    assert choice.value == pytest.approx(value)
    if reached:
        assert goal == pytest.approx(max(goal for holds, goal, _ in judged if holds))
    else:
        assert isinstance(spec, PrecisionAtLeast)
        best = max(precision_score(y, p > threshold, zero_division=0.0) for threshold in every)
        assert precision_score(y, p > choice.threshold) == pytest.approx(best)
        assert f"{best:.3g}" in choice.note
    counts = confusion_matrix(y, p > choice.threshold, labels=[0, 1]).ravel()
    found = choice.confusion
    assert [found.tn, found.fp, found.fn, found.tp] == counts.tolist()
    assert (choice.rows, choice.positives, choice.objective) == (len(y), int(y.sum()), str(spec))


@settings(max_examples=100, deadline=None)
@given(_table, _objectives)
def test_a_weight_is_a_number_of_copies(table: list[tuple[bool, float, int]], spec: Objective) -> None:
    y, p, w = _arrays(table)
    assume(0 < y.sum() < len(y))
    weighted = choose_threshold(y, p, spec, w)
    repeated = choose_threshold(np.repeat(y, w), np.repeat(p, w), spec)
    assert weighted.threshold == repeated.threshold
    assert weighted.value == pytest.approx(repeated.value)
    assert float(weighted.confusion.tp) == float(repeated.confusion.tp)
    assert (weighted.rows, weighted.positives) == (len(y), int(y.sum()))


@settings(max_examples=100, deadline=None)
@given(_table, _objectives)
def test_a_threshold_lies_midway_between_two_probabilities(
    table: list[tuple[bool, float, int]], spec: Objective
) -> None:
    y, p, _ = _arrays(table)
    assume(0 < y.sum() < len(y))
    threshold = choose_threshold(y, p, spec).threshold
    above, below = p[p > threshold], p[p <= threshold]
    high = above.min() if len(above) else 1.0
    low = below.max() if len(below) else (0.0 if p.min() > 0.0 else -1.0)
    assert threshold == low + (high - low) / 2 or (threshold == low and np.nextafter(low, 1.0) >= high)


@settings(max_examples=50, deadline=None)
@given(_table, _objectives)
def test_only_the_order_of_the_rows_decides_which_are_taken(
    table: list[tuple[bool, float, int]], spec: Objective
) -> None:
    y, p, _ = _arrays(table)
    assume(0 < y.sum() < len(y))
    ranks = np.unique(p, return_inverse=True)[1] / 64 + 0.125
    taken = p > choose_threshold(y, p, spec).threshold
    assert ((ranks > choose_threshold(y, ranks, spec).threshold) == taken).all()


def test_thresholds_agree_with_the_precision_recall_curve() -> None:
    random = np.random.default_rng(0)
    z = random.normal(size=3000)
    y = (random.random(3000) < expit(2 * z - 2)).astype(np.uint8)
    p = expit(z)
    precision, recall, _ = precision_recall_curve(y, p)
    assert choose_threshold(y, p, "recall>=0.7").value == precision[recall >= 0.7].max()
    assert choose_threshold(y, p, "precision>=0.6").value == recall[precision >= 0.6].max()
    with np.errstate(invalid="ignore"):
        f1 = 2 * precision * recall / (precision + recall)
    assert choose_threshold(y, p, "f1").value == pytest.approx(np.nanmax(f1))


def test_a_fixed_threshold_is_taken_as_it_is() -> None:
    choice = choose_threshold([0, 1], [0.2, 0.5], "0.5")
    assert (choice.threshold, choice.measure, choice.value) == (0.5, "accuracy", 0.5)
    assert float(choice.confusion.fn) == 1.0, "exactly one half is not positive"


def test_every_row_can_be_positive_even_at_probability_zero() -> None:
    choice = choose_threshold([1, 1, 0], [0.0, 0.0, 0.7], "recall>=1")
    assert choice.threshold < 0.0
    assert float(choice.confusion.tp) == 2.0


def test_no_row_need_be_positive() -> None:
    choice = choose_threshold([0, 0, 0, 1], [0.2, 0.4, 1.0, 0.1], "cost fp=100 fn=1")
    assert choice.threshold == 1.0
    assert choice.value == pytest.approx(1 / 4)


def test_a_threshold_in_the_gap_survives_float32() -> None:
    random = np.random.default_rng(1)
    p = random.random(2000)
    y = (random.random(2000) < p).astype(np.uint8)
    choice = choose_threshold(y, p.astype(np.float32), "mcc")
    assert ((p.astype(np.float32).astype(np.float64) > choice.threshold) == (p > choice.threshold)).all()


def test_top_and_rate_never_exceed_their_room_and_tell_of_ties() -> None:
    y = [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    p = [0.9, 0.8, 0.8, 0.8, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]
    three = choose_threshold(y, p, "top=3")
    assert float(three.confusion.tp + three.confusion.fp) == 1.0
    assert three.reached
    assert three.note == (
        "1 rows instead of 3: the next 3 have equal probabilities and are taken together or not at all"
    )
    four = choose_threshold(y, p, "rate=45%")
    assert float(four.confusion.tp + four.confusion.fp) == 4.0
    assert (four.note, four.measure, four.value) == ("", "precision", 0.5)
    assert choose_threshold(y, p, "top=11").note == "there are only 10 rows"


def test_what_cannot_be_reached_is_told_with_the_best_there_is() -> None:
    choice = choose_threshold([0, 1, 0, 0], [0.9, 0.8, 0.2, 0.1], "precision>=90%")
    assert not choice.reached
    assert choice.note == "no threshold has a precision of 0.9; the highest is 0.5, on 2 rows"
    assert choice.threshold == 0.5
    assert choice.value == 1.0


@pytest.mark.parametrize("objective", ["f1", "balanced_accuracy", "mcc", "recall>=0.5", "precision>=0.5"])
@pytest.mark.parametrize(("label", "missing"), [(0, "positive"), (1, "negative")])
def test_one_class_is_too_little(objective: str, label: int, missing: str) -> None:
    for choose in (choose_threshold, threshold_stability):
        with pytest.raises(DataError, match=f"no {missing} row"):
            choose([label] * 3, [0.1, 0.2, 0.3], objective)
    with pytest.raises(DataError, match=f"no {missing} row"):
        choose_threshold([label, 1 - label], [0.1, 0.2], objective, [1.0, 0.0])


@pytest.mark.parametrize("label", [0, 1])
def test_costs_and_room_need_no_second_class(label: int) -> None:
    y, p = [label] * 4, [0.1, 0.2, 0.3, 0.4]
    assert choose_threshold(y, p, "cost fp=1 fn=10").value == 0.0
    assert choose_threshold(y, p, "top=2").value == label
    assert threshold_stability(y, p, "cost fp=1 fn=10", resamples=5).optimism <= 0.0


def test_the_theoretical_threshold_is_best_if_probabilities_are_right() -> None:
    random = np.random.default_rng(2)
    p = expit(random.normal(-2.0, 1.5, 200_000))
    y = (random.random(len(p)) < p).astype(np.uint8)
    choice = choose_threshold(y, p, "cost fp=1 fn=9 tp=-3")
    assert choice.theoretical == 1 / 13
    assert choice.threshold == pytest.approx(1 / 13, abs=0.015)
    assert choice.theoretical_value is not None
    assert choice.value <= choice.theoretical_value <= choice.value + 0.001
    assert choose_threshold(y, p, "f1").theoretical is None
    assert theoretical_threshold(CostMatrix(fp=2.0, fn=2.0)) == 0.5


# ---------------------------------------------------------------- stability


def _noise(rows: int, seed: int) -> tuple[Labels, Numbers]:
    random = np.random.default_rng(seed)
    z = random.normal(size=rows)
    return (random.random(rows) < expit(1.2 * z - 2.5)).astype(np.uint8), expit(z)


def test_stability_narrows_with_rows() -> None:
    few, many = (threshold_stability(*_noise(rows, 2), "f1", resamples=60) for rows in (300, 30_000))
    assert many.high - many.low < (few.high - few.low) / 2
    assert few.low <= choose_threshold(*_noise(300, 2), "f1").threshold <= few.high
    assert few.kept is None


def test_stability_repeats_with_its_seed() -> None:
    y, p = _noise(300, 1)
    found = threshold_stability(y, p, "f1", resamples=20)
    assert threshold_stability(y, p, "f1", resamples=20) == found
    assert threshold_stability(y, p, "f1", resamples=20, seed=1) != found


def test_the_optimism_is_what_new_rows_take_away() -> None:
    """On average over samples, value minus optimism is nearer to what the threshold reaches elsewhere."""
    y_new, p_new = _noise(100_000, 99)
    naive, corrected = [], []
    for seed in range(25):
        y, p = _noise(250, seed)
        choice = choose_threshold(y, p, "f1")
        elsewhere = fbeta_score(y_new, p_new > choice.threshold, beta=1.0)
        naive.append(choice.value - elsewhere)
        optimism = threshold_stability(y, p, "f1", resamples=40, seed=seed).optimism
        corrected.append(naive[-1] - optimism)
    assert np.mean(naive) > 0.02
    assert abs(np.mean(corrected)) < np.mean(naive) / 2


def test_for_costs_the_optimism_is_negative() -> None:
    y, p = _noise(250, 3)
    assert threshold_stability(y, p, "cost fp=1 fn=10", resamples=60).optimism < 0.0


def test_a_condition_that_just_holds_holds_about_every_second_time() -> None:
    kept = threshold_stability(*_noise(2000, 4), "recall>=0.8", resamples=200).kept
    assert kept is not None
    assert 0.3 < kept < 0.8


def test_rows_without_weight_make_no_difference_to_stability() -> None:
    y, p = _noise(300, 5)
    with_others = threshold_stability(
        np.append(y, [1, 0]), np.append(p, [0.0, 1.0]), "mcc", np.append(np.ones(300), [0.0, 0.0])
    )
    assert with_others == threshold_stability(y, p, "mcc", np.ones(300))
    assert with_others == threshold_stability(y, p, "mcc")


def test_a_fixed_threshold_does_not_move() -> None:
    found = threshold_stability([0, 1], [0.1, 0.9], Fixed(0.3))
    assert (found.low, found.high, found.optimism, found.resamples) == (0.3, 0.3, 0.0, 0)


# ---------------------------------------------------------------- objectives as text


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_listed_can_be_read(text: str) -> None:
    assert parse_objective(str(parse_objective(text))) == parse_objective(text)


_share = st.floats(1e-6, 1.0)
_money = st.floats(-1e6, 1e6)


@given(
    st.one_of(
        st.floats(0.01, 100.0).map(FBeta),
        _share.map(RecallAtLeast),
        _share.map(PrecisionAtLeast),
        _share.map(Rate),
        _share.map(Fixed),
        st.integers(1, 10**9).map(Top),
        st.tuples(_money, _money, _money, _money)
        .filter(lambda c: c[0] > c[3] and c[1] > c[2])
        .map(lambda c: LeastCost(CostMatrix(*c))),
    )
)
def test_an_objective_survives_its_text(spec: Objective) -> None:
    assert parse_objective(str(spec)) == spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (" F1 ", FBeta()),
        ("f0.5", FBeta(0.5)),
        ("fbeta = 2", FBeta(2.0)),
        ("balanced accuracy", BalancedAccuracy()),
        ("MCC", MatthewsCorrelation()),
        ("recall ≥ 80 %", RecallAtLeast(0.8)),
        ("precision>=.5", PrecisionAtLeast(0.5)),
        ("rate=10%", Rate(0.1)),
        ("0.25", Fixed(0.25)),
        ("cost: fn=1e3; fp=2", LeastCost(CostMatrix(fp=2.0, fn=1000.0))),
        ("cost fp = 1 fn = 5 tp = -2 tn = 0.5", LeastCost(CostMatrix(fp=1.0, fn=5.0, tp=-2.0, tn=0.5))),
    ],
)
def test_objectives_are_read_with_some_freedom(text: str, spec: Objective) -> None:
    assert parse_objective(text) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("balanced_acuracy", r"did you mean 'balanced_accuracy'\?"),
        ("recal>=0.8", r"did you mean 'recall'\?"),
        ("recall=0.8", "allowed: f1 | f2"),
        ("top>=800", "allowed: .*top=800"),
        ("top=1.5", "'top=1.5' is no objective"),
        ("", "allowed:"),
        ("accuracy", "is no objective for a threshold"),
        ("cost", "fp and fn must be given; write, say: cost fp=1 fn=10"),
        ("cost fp=1", "fn must be given"),
        ("cost fp=1 fn=2 fp=3", "'fp' twice"),
        ("cost fp=1 fn=ten", "'ten' is not a number"),
        ("cost fp=1 fn=10 xx=3", "found 'xx=3'"),
        ("cost fp=1 fn=2 tn=5", "must not cost less than the right one.*found cost fp=1 fn=2 tn=5"),
        ("cost fp=0 fn=0", "must not cost less"),
        ("recall>=1.2", "recall: must be above 0 and at most 1 .*found 1.2"),
        ("precision>=0", "precision: must be above 0"),
        ("rate=120%", "rate: must be above 0"),
        ("top=0", "at least 1 row"),
        ("f0", "beta must lie between 0.001 and 1000; found 0"),
        ("fbeta=2000", "beta must lie between"),
        ("1.5", r"must lie in \[0, 1\]; found 1.5"),
    ],
)
def test_what_is_no_objective_is_refused_with_what_is(text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse_objective(text)


def test_costs_must_be_finite() -> None:
    with pytest.raises(RecipeError, match="finite"):
        LeastCost(CostMatrix(fp=1.0, fn=math.inf))


def test_unusable_rows_are_refused() -> None:
    with pytest.raises(DataError, match=r"choose_threshold: .*\[0, 1\]"):
        choose_threshold([0, 1], [0.5, math.nan], "f1")
    with pytest.raises(DataError, match="threshold_stability: there are no rows"):
        threshold_stability([], [], "f1")
