"""The identities of the prior: what weights and resampling add to the log-odds, and restating.

On a model with one parameter per cell of a table the identities hold exactly, on any rows; on a smaller
model that is right they hold up to sampling noise.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from steelyard.data import CategoryEncoding, Encoding, Features, Split, identity
from steelyard.engine import Job, fit_population, predict_logits
from steelyard.errors import DataError
from steelyard.prior import class_odds, restate, training_offset
from steelyard.recipe.loss import BinaryCrossentropy, FocalCrossentropy, LogitAdjusted
from tests.engine.problems import LOGIT, recipe

Numbers = NDArray[np.float64]

cells = st.lists(st.tuples(st.integers(3, 30), st.integers(3, 30)), min_size=2, max_size=4)
"""Negatives and positives in each cell."""
weights = st.floats(0.1, 10.0)


def _rows(table: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The cell and the label of every row."""
    cell = np.repeat(np.arange(len(table)), [a + b for a, b in table])
    y = np.concatenate([np.repeat([0, 1], counts) for counts in table]).astype(np.uint8)
    return cell, y


def _fitted(x: Numbers, y: NDArray[np.uint8], w: Numbers | None = None) -> LogisticRegression:
    model = LogisticRegression(C=np.inf, tol=1e-9, max_iter=500)
    return model.fit(x, y, sample_weight=w)


def _logits_per_cell(
    cell: NDArray[np.int64], y: NDArray[np.uint8], count: int, w: Numbers | None = None
) -> Numbers:
    one_hot = np.eye(count)[:, 1:]  # the intercept is the first cell
    return np.asarray(_fitted(one_hot[cell], y, w).decision_function(one_hot))


@settings(max_examples=25, deadline=None)
@given(cells, weights, weights)
def test_weights_are_undone_exactly_where_the_model_has_a_parameter_per_cell(
    table: list[tuple[int, int]], negative: float, positive: float
) -> None:
    cell, y = _rows(table)
    plain = _logits_per_cell(cell, y, len(table))
    weighted = _logits_per_cell(cell, y, len(table), np.where(y == 1, positive, negative))
    offset = training_offset((negative, positive))
    assert offset is not None
    np.testing.assert_allclose(weighted - offset, plain, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(cells, st.integers(1, 5), st.integers(1, 5))
def test_repeating_rows_is_undone_exactly(
    table: list[tuple[int, int]], negatives: int, positives: int
) -> None:
    """Over-sampling every positive k times, seen from the other side under-sampling the negatives."""
    cell, y = _rows(table)
    often = np.repeat(np.arange(len(y)), np.where(y == 1, positives, negatives))
    plain, resampled = (
        _logits_per_cell(cell[rows], y[rows], len(table)) for rows in (np.arange(len(y)), often)
    )
    offset = training_offset(natural_odds=class_odds(y), training_odds=class_odds(y[often]))
    assert offset is not None
    assert offset == pytest.approx(math.log(positives / negatives))
    np.testing.assert_allclose(resampled - offset, plain, atol=1e-4)


def _well_specified(rows: int, seed: int) -> tuple[Numbers, NDArray[np.uint8], Numbers]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3))
    z = x @ [1.0, -0.7, 0.3] - 3.0
    return x, (random.random(rows) < expit(z)).astype(np.uint8), z


@pytest.mark.parametrize("weight", [3.0, 12.0])
def test_a_weighted_logistic_model_that_is_right_agrees_after_correction(weight: float) -> None:
    x, y, z = _well_specified(100_000, 1)
    plain = _fitted(x, y).decision_function(x)
    weighted = _fitted(x, y, np.where(y == 1, weight, 1.0)).decision_function(x)
    offset = training_offset((1.0, weight))
    assert offset is not None
    assert np.abs(expit(weighted - offset) - expit(plain)).max() < 0.02
    assert np.abs(expit(weighted - offset) - expit(z)).mean() < 0.002
    assert abs(expit(weighted).mean() - y.mean()) > 0.05, "uncorrected, they are far off"


@pytest.mark.parametrize("way", ["over", "under", "balanced batches"])
def test_random_resampling_agrees_after_correction(way: str) -> None:
    x, y, _ = _well_specified(100_000, 2)
    random = np.random.default_rng(3)
    positive, negative = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    match way:
        case "over":
            rows = np.concatenate([negative, random.choice(positive, len(negative) // 2)])
        case "under":
            rows = np.concatenate([random.choice(negative, 2 * len(positive), replace=False), positive])
        case _:
            rows = np.concatenate([random.choice(part, 50_000) for part in (negative, positive)])
    offset = training_offset(natural_odds=class_odds(y), training_odds=class_odds(y[rows]))
    assert offset is not None
    resampled = _fitted(x[rows], y[rows]).decision_function(x)
    plain = _fitted(x, y).decision_function(x)
    assert np.abs(expit(resampled - offset) - expit(plain)).mean() < 0.004
    assert expit(resampled - offset).mean() == pytest.approx(y.mean(), rel=0.04)


@pytest.fixture(scope="module")
def cell_problem() -> tuple[Features, NDArray[np.uint8], Encoding, Split]:
    """One category with a one-hot input per level: a linear network has a parameter per cell."""
    cell, y = _rows([(60, 4), (40, 10), (30, 20), (80, 3)])
    slots = np.array([-1, -1, 0, 1, 2, 3], np.int32)
    encoding = replace(identity(0), categories=(CategoryEncoding(slots, 4, 0, tuple("abcd")),))
    features = Features(np.zeros((len(y), 0), np.float32), (cell[:, None] + 2).astype(np.int32))
    none = np.zeros(0, np.int64)
    return features, y, encoding, Split(np.arange(len(y)), none, none, "all rows train")


def _trained(
    problem: tuple[Features, NDArray[np.uint8], Encoding, Split],
    rows: NDArray[np.int64] | None = None,
    **parts: object,
) -> Numbers:
    """Logits of all rows, from a network of one unit trained until it moves no more."""
    features, y, encoding, split = problem
    spec = recipe(
        network={"layers": [LOGIT]},
        optimizer={"name": "sgd", "learning_rate": 1.0, "momentum": 0.9},
        training={"epochs": 2500, "batch_size": 4096, "patience": None, "restore_best_weights": False},
        **parts,
    )
    if rows is not None:
        features, y = Features(features.numeric[rows], features.codes[rows]), y[rows]
        split = replace(split, train=np.arange(len(rows)))
    (run,) = fit_population(features, y, [Job(spec, split, encoding)], threads=1)
    return predict_logits(spec.network, run.weights, encoding, problem[0]).astype(np.float64)


@pytest.mark.parametrize(
    ("parts", "class_weights", "loss"),
    [
        ({"imbalance": {"class_weight": {"positive": 9.0}}}, (1.0, 9.0), BinaryCrossentropy()),
        (
            {"imbalance": {"class_weight": "balanced"}},
            (247 / (2 * 210), 247 / (2 * 37)),
            BinaryCrossentropy(),
        ),
        ({"loss": {"name": "logit_adjusted", "tau": 1.0}}, (1.0, 1.0), LogitAdjusted()),
        ({"loss": {"name": "logit_adjusted", "tau": 0.5}}, (1.0, 1.0), LogitAdjusted(tau=0.5)),
        (
            {
                "loss": {"name": "logit_adjusted", "tau": 1.0},
                "imbalance": {"class_weight": {"negative": 0.5, "positive": 2.0}},
            },
            (0.5, 2.0),
            LogitAdjusted(),
        ),
        (
            {"loss": {"name": "focal_crossentropy", "gamma": 0.0, "alpha": 0.8}},
            (1.0, 1.0),
            FocalCrossentropy(gamma=0.0, alpha=0.8),
        ),
    ],
)
def test_the_engine_learns_the_natural_log_odds_plus_the_offset(
    cell_problem: tuple[Features, NDArray[np.uint8], Encoding, Split],
    parts: dict[str, object],
    class_weights: tuple[float, float],
    loss: BinaryCrossentropy | FocalCrossentropy | LogitAdjusted,
) -> None:
    target = cell_problem[1]
    offset = training_offset(class_weights, natural_odds=class_odds(target), loss=loss)
    assert offset is not None
    assert abs(offset) > 0.5
    plain = _trained(cell_problem)
    np.testing.assert_allclose(_trained(cell_problem, **parts) - offset, plain, atol=2e-3)


def test_the_engine_on_repeated_rows_learns_them_plus_the_ratio_of_odds(
    cell_problem: tuple[Features, NDArray[np.uint8], Encoding, Split],
) -> None:
    y = cell_problem[1]
    rows = np.repeat(np.arange(len(y)), np.where(y == 1, 6, 1))
    natural, training = class_odds(y), class_odds(y[rows])
    offset = training_offset(natural_odds=natural, training_odds=training)
    assert offset == pytest.approx(math.log(6.0))
    plain = _trained(cell_problem)
    np.testing.assert_allclose(_trained(cell_problem, rows) - math.log(6.0), plain, atol=2e-3)
    adjusted = training_offset(natural_odds=natural, training_odds=training, loss=LogitAdjusted())
    assert adjusted is not None
    found = _trained(cell_problem, rows, loss={"name": "logit_adjusted"})
    np.testing.assert_allclose(found - adjusted, plain, atol=2e-3)


@pytest.mark.parametrize(
    ("loss", "parts"),
    [
        (FocalCrossentropy(gamma=2.0), {"loss": {"name": "focal_crossentropy", "gamma": 2.0}}),
        (
            BinaryCrossentropy(label_smoothing=0.1),
            {"loss": {"name": "binary_crossentropy", "label_smoothing": 0.1}},
        ),
    ],
)
def test_there_is_no_offset_where_no_constant_undoes_it(
    cell_problem: tuple[Features, NDArray[np.uint8], Encoding, Split],
    loss: FocalCrossentropy | BinaryCrossentropy,
    parts: dict[str, object],
) -> None:
    assert training_offset(loss=loss) is None
    bent = _trained(cell_problem, **parts) - _trained(cell_problem)
    assert np.ptp(bent) > 0.3


def test_nothing_done_is_nothing_to_undo() -> None:
    assert training_offset() == 0.0
    assert training_offset((3.0, 3.0), natural_odds=0.2) == 0.0
    assert training_offset(loss=FocalCrossentropy(gamma=0.0)) == 0.0


@pytest.mark.parametrize(
    "arguments",
    [
        {"class_weights": (0.0, 1.0)},
        {"class_weights": (1.0, math.inf)},
        {"natural_odds": 0.0},
        {"training_odds": -1.0},
        {"adjusted_odds": math.nan},
    ],
)
def test_odds_and_weights_are_positive(arguments: dict[str, object]) -> None:
    with pytest.raises(DataError, match=rf"training_offset: {next(iter(arguments))}.* positive number"):
        training_offset(**arguments)  # type: ignore[arg-type]  # that they are wrong is the point


def test_odds_need_both_classes() -> None:
    assert class_odds([0, 1, 1], [4.0, 1.0, 1.0]) == 0.5
    with pytest.raises(DataError, match="both classes"):
        class_odds([0, 0])
    with pytest.raises(DataError, match="both classes"):
        class_odds([0, 1], [1.0, 0.0])


rates = st.floats(1e-6, 1.0 - 1e-6)
probabilities = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20).map(np.array)


@given(probabilities, rates, rates, rates)
def test_restating_can_be_chained_and_taken_back(
    p: Numbers, first: float, second: float, third: float
) -> None:
    once = restate(p, from_rate=first, to_rate=third)
    there = restate(p, from_rate=first, to_rate=second)
    assume(((there > 1e-300) | (p == 0.0)).all() and ((there < 1.0 - 1e-9) | (p == 1.0)).all())
    twice = restate(there, from_rate=second, to_rate=third)
    np.testing.assert_allclose(twice, once, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(restate(there, from_rate=second, to_rate=first), p, rtol=1e-6, atol=1e-12)


@given(st.lists(st.floats(-20.0, 20.0), min_size=1, max_size=20).map(np.array), rates, rates)
def test_restating_shifts_the_logit(z: Numbers, before: float, after: float) -> None:
    found = restate(expit(z), from_rate=before, to_rate=after)
    np.testing.assert_allclose(found, expit(z + logit(after) - logit(before)), rtol=1e-6)


def test_restated_probabilities_are_those_of_the_other_population() -> None:
    """The rows of each class stay as they are; only the share of positives changes."""
    random = np.random.default_rng(5)
    x = np.concatenate([random.normal(0.0, 1.0, 90_000), random.normal(1.5, 1.0, 10_000)])
    y = np.repeat(np.array([0, 1], np.uint8), [90_000, 10_000])
    model = _fitted(x[:, None], y)
    p = model.predict_proba(x[:, None])[:, 1]
    elsewhere = restate(p, from_rate=0.1, to_rate=0.4)
    w = np.where(y == 1, 0.4 / 0.1, 0.6 / 0.9)
    assert np.average(elsewhere, weights=w) == pytest.approx(0.4, abs=0.005)
    refitted = _fitted(x[:, None], y, w).predict_proba(x[:, None])[:, 1]
    assert np.abs(elsewhere - refitted).max() < 0.02
    assert roc_auc_score(y, elsewhere) == roc_auc_score(y, p)
    assert average_precision_score(y, elsewhere) == average_precision_score(y, p)


def test_certainty_and_equal_rates_change_nothing() -> None:
    p = np.array([[0.0, 0.3], [0.5, 1.0]])
    np.testing.assert_allclose(restate(p, from_rate=0.2, to_rate=0.2), p, rtol=1e-15)
    assert restate([0.0, 1.0], from_rate=0.01, to_rate=0.99).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("p", "before", "after", "message"),
    [
        ([0.5], 0.0, 0.5, "from_rate must lie between 0 and 1"),
        ([0.5], 0.5, 1.0, "to_rate must lie between 0 and 1"),
        ([0.5], math.nan, 0.5, "from_rate"),
        ([1.5], 0.5, 0.5, r"\[0, 1\]"),
        ([math.nan], 0.5, 0.5, r"\[0, 1\]"),
    ],
)
def test_what_cannot_be_restated_is_refused(
    p: list[float], before: float, after: float, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        restate(p, from_rate=before, to_rate=after)
