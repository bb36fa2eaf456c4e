"""Wrong input to the engine: a clear error before anything is trained, never a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from steelyard import engine
from steelyard.data import Encoding, Features
from steelyard.errors import SteelyardError
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    Problem,
    activation,
    category_problem,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    stack,
)


def train(problem: Problem, **options: Any) -> None:
    parts = options.pop("parts", {})
    engine.fit_population(problem.features, problem.target, [problem.job(recipe(**parts))], **options)


def with_features(problem: Problem, **arrays: Any) -> Problem:
    return replace(problem, features=replace(problem.features, **arrays))


def with_split(problem: Problem, **rows: Any) -> Problem:
    return replace(problem, split=replace(problem.split, **rows))


def with_encoding(problem: Problem, **arrays: Any) -> Problem:
    return replace(problem, encoding=replace(problem.encoding, **arrays))


def with_target(problem: Problem, target: Any) -> Problem:
    return replace(problem, target=target)


def with_infinity(problem: Problem) -> Problem:
    numeric = problem.features.numeric.copy()
    numeric[3, 1] = np.inf
    return with_features(problem, numeric=numeric)


def with_code(problem: Problem, code: int) -> Problem:
    codes = problem.features.codes.copy()
    codes[5, 1] = code
    return with_features(problem, codes=codes)


def with_slot(problem: Problem, slot: int) -> Problem:
    first, *others = problem.encoding.categories
    slots = first.slots.copy()
    slots[2] = slot
    return with_encoding(problem, categories=(replace(first, slots=slots), *others))


def out_of_range(problem: Problem, row: int) -> Problem:
    return with_split(problem, train=np.append(problem.split.train, row))


WRONG: dict[str, tuple[Callable[[Problem], Problem], str]] = {
    "numeric of float64": (
        lambda p: with_features(p, numeric=p.features.numeric.astype(np.float64)),
        "float32",
    ),
    "numeric in Fortran order": (
        lambda p: with_features(p, numeric=np.asfortranarray(p.features.numeric)),
        "contiguous",
    ),
    "numeric with one dimension": (
        lambda p: with_features(p, numeric=p.features.numeric[:, 0].copy()),
        "(210,)",
    ),
    "an infinite number": (with_infinity, "infinit"),
    "codes of int64": (lambda p: with_features(p, codes=p.features.codes.astype(np.int64)), "int32"),
    "codes with other rows": (lambda p: with_features(p, codes=p.features.codes[:-1]), "rows"),
    "a code beyond the slots": (lambda p: with_code(p, 99), "99"),
    "a negative code": (lambda p: with_code(p, -3), "-3"),
    "target of int64": (lambda p: with_target(p, p.target.astype(np.int64)), "uint8"),
    "target with other rows": (lambda p: with_target(p, p.target[:-1]), "(209,)"),
    "target with a two": (lambda p: with_target(p, p.target + 1), "2"),
    "a row beyond the table": (lambda p: out_of_range(p, 210), "210"),
    "a negative row": (lambda p: out_of_range(p, -1), "-1"),
    "rows of int32": (lambda p: with_split(p, train=p.split.train.astype(np.int32)), "int64"),
    "rows as a mask": (lambda p: with_split(p, train=np.ones(210, np.bool_)), "int64"),
    "no training rows": (lambda p: with_split(p, train=np.zeros(0, np.int64)), "train"),
    "a validation row beyond the table": (lambda p: with_split(p, validation=np.array([5000])), "5000"),
    "encoding of other columns": (lambda p: with_encoding(p, shift=np.zeros(3, np.float32)), "shift"),
    "encoding of float64": (lambda p: with_encoding(p, scale=np.ones(4)), "float32"),
    "encoding with NaN": (lambda p: with_encoding(p, fill=np.full(4, np.nan, np.float32)), "fill"),
    "an indicator beyond the columns": (
        lambda p: with_encoding(p, indicators=np.array([4], np.int32)),
        "indicator",
    ),
    "a category too few": (lambda p: with_encoding(p, categories=p.encoding.categories[:-1]), "categor"),
    "a slot beyond the size": (lambda p: with_slot(p, 4), "slot"),
    "a slot below -1": (lambda p: with_slot(p, -2), "slot"),
}


@pytest.mark.parametrize(("spoil", "told"), WRONG.values(), ids=WRONG.keys())
def test_wrong_data(spoil: Callable[[Problem], Problem], told: str) -> None:
    with pytest.raises(SteelyardError) as caught:
        train(spoil(mixed_problem()))
    assert told in str(caught.value)


ROW_WEIGHTS: dict[str, tuple[Callable[[np.ndarray[Any, Any]], Any], str]] = {
    "NaN": (lambda w: np.where(np.arange(len(w)) == 7, np.nan, w).astype(np.float32), "row 7"),
    "infinity": (lambda w: np.where(np.arange(len(w)) == 7, np.inf, w).astype(np.float32), "row 7"),
    "negative": (lambda w: np.where(np.arange(len(w)) == 7, -1.0, w).astype(np.float32), "row 7"),
    "too few": (lambda w: w[:-1], "(279,)"),
    "float64": (lambda w: w.astype(np.float64), "float32"),
    "all zero": (lambda w: w * np.float32(0), "zero"),
}


@pytest.mark.parametrize(("spoil", "told"), ROW_WEIGHTS.values(), ids=ROW_WEIGHTS.keys())
def test_wrong_row_weights(spoil: Callable[[Any], Any], told: str) -> None:
    problem = numeric_problem()
    with pytest.raises(SteelyardError) as caught:
        train(problem, row_weights=spoil(np.ones(len(problem.features), np.float32)))
    assert told in str(caught.value).lower()


@pytest.mark.parametrize("problem", [mixed_problem(), category_problem()], ids=["mixed", "categories alone"])
@pytest.mark.parametrize("first", [NORMALIZATION, activation("relu")], ids=lambda layer: str(layer["layer"]))
def test_one_hot_columns_need_a_dense_layer_first(problem: Problem, first: dict[str, object]) -> None:
    with pytest.raises(SteelyardError, match="dense"):
        train(problem, parts={"network": stack(first, hidden(4), LOGIT)})


def test_class_weights_need_both_classes() -> None:
    problem = numeric_problem()
    rows = problem.split.train
    alone = with_split(problem, train=rows[problem.target[rows] == 0])
    for weighting in ("balanced", "square_root"):
        with pytest.raises(SteelyardError, match="class"):
            train(alone, parts={"imbalance": {"class_weight": weighting}})
    with pytest.raises(SteelyardError, match="class"):
        train(alone, parts={"loss": {"name": "logit_adjusted"}})


@pytest.mark.parametrize("monitor", ["validation_loss", "validation_roc_auc"])
def test_a_monitor_on_validation_needs_validation_rows(monitor: str) -> None:
    problem = with_split(numeric_problem(), validation=np.zeros(0, np.int64))
    with pytest.raises(SteelyardError, match=monitor):
        train(problem, parts={"training": PLAIN_TRAINING | {"monitor": monitor, "patience": 3}})
    schedule = {"name": "reduce_on_plateau", "monitor": monitor}
    with pytest.raises(SteelyardError, match=monitor):
        train(
            problem,
            parts={
                "training": PLAIN_TRAINING | {"monitor": "train_loss"},
                "optimizer": {"name": "sgd", "schedule": schedule},
            },
        )


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_are_positive(threads: int) -> None:
    with pytest.raises(SteelyardError, match="thread"):
        train(numeric_problem(), threads=threads)


def test_a_negative_seed() -> None:
    problem = numeric_problem()
    with pytest.raises(SteelyardError, match="seed"):
        engine.fit_population(problem.features, problem.target, [problem.job(recipe(), seed=-1)])


WEIGHTS: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "missing": (lambda w: {k: v for k, v in w.items() if k != "dense/bias"}, "dense/bias"),
    "unknown": (lambda w: w | {"dense_9/kernel": w["dense/kernel"]}, "dense_9/kernel"),
    "shape": (lambda w: w | {"dense/kernel": w["dense/kernel"].T.copy()}, "dense/kernel"),
    "NaN": (lambda w: w | {"dense/bias": np.full_like(w["dense/bias"], np.nan)}, "dense/bias"),
}


@pytest.mark.parametrize(("spoil", "told"), WEIGHTS.values(), ids=WEIGHTS.keys())
def test_wrong_initial_weights(spoil: Callable[[dict[str, Any]], dict[str, Any]], told: str) -> None:
    problem = numeric_problem()
    weights = spoil(reference.random_weights(recipe().network, problem.encoding))
    job = replace(problem.job(recipe()), initial_weights=weights)
    with pytest.raises(SteelyardError) as caught:
        engine.fit_population(problem.features, problem.target, [job])
    assert told in str(caught.value)


@pytest.mark.parametrize(("spoil", "told"), WEIGHTS.values(), ids=WEIGHTS.keys())
def test_wrong_weights_for_a_prediction(spoil: Callable[[dict[str, Any]], dict[str, Any]], told: str) -> None:
    problem = numeric_problem()
    weights = spoil(reference.random_weights(recipe().network, problem.encoding))
    with pytest.raises(SteelyardError) as caught:
        engine.predict_logits(recipe().network, weights, problem.encoding, problem.features)
    assert told in str(caught.value)


def test_features_of_other_columns_for_a_prediction() -> None:
    problem = numeric_problem()
    weights = reference.random_weights(recipe().network, problem.encoding)
    other = Features(problem.features.numeric[:, :3].copy(), problem.features.codes)
    with pytest.raises(SteelyardError, match="column"):
        engine.predict_logits(recipe().network, weights, problem.encoding, other)


def test_the_job_at_fault_is_named() -> None:
    problem = numeric_problem()
    bad = replace(problem.job(recipe()), split=replace(problem.split, train=np.zeros(0, np.int64)))
    with pytest.raises(SteelyardError, match="1"):
        engine.fit_population(problem.features, problem.target, [problem.job(recipe()), bad])


def test_predicting_no_rows_gives_no_rows() -> None:
    problem = numeric_problem()
    weights = reference.random_weights(recipe().network, problem.encoding)
    none = Features(np.zeros((0, 5), np.float32), np.zeros((0, 0), np.int32))
    assert engine.predict_logits(recipe().network, weights, problem.encoding, none).shape == (0,)


def test_unseen_codes_are_allowed_for_a_prediction() -> None:
    """Code 0 is the level that training never met."""
    problem = mixed_problem()
    encoding: Encoding = problem.encoding
    weights = reference.random_weights(recipe().network, encoding)
    codes = np.zeros_like(problem.features.codes)
    logits = engine.predict_logits(
        recipe().network, weights, encoding, replace(problem.features, codes=codes)
    )
    assert np.isfinite(logits).all()
