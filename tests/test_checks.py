"""Checks before training: what must be found is found, and noise is not."""

from __future__ import annotations

import dataclasses
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import PolynomialFeatures

from steelyard.checks import CODES, Finding, check
from steelyard.checks.rates import area_error
from steelyard.checks.separation import bins_of, halves, separation
from steelyard.checks.twins import row_keys
from steelyard.data import Column, ColumnKind, Features, Schema, Split, Table, Target
from steelyard.datasets import web_shop_visits
from steelyard.errors import SteelyardWarning
from steelyard.recipe.imbalance import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    BalancedBatches,
    RandomOverSampling,
    Resampling,
)
from steelyard.splitting import split_rows
from steelyard.tables import read_table, table_from


def table(columns: dict[str, Any], target: NDArray[np.integer], **arguments: Any) -> Table:
    frame = pd.DataFrame(columns)
    frame["y"] = target
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SteelyardWarning)  # of identifiers that are left out
        data = table_from(frame, "y", positive=1, **arguments)
    for array in (data.features.numeric, data.features.codes, data.target):
        array.setflags(write=False)  # checks change nothing
    return data


def found(
    data: Table, split: Split | None = None, resampling: Resampling | None = None
) -> dict[str, Finding]:
    findings = check(data, split or split_rows(data), resampling)
    assert all(str(finding).startswith(f"{finding.code}: ") and finding.code in CODES for finding in findings)
    assert len({finding.code for finding in findings}) == len(findings)
    return {finding.code: finding for finding in findings}


def labels(rng: np.random.Generator, rows: int = 6000, rate: float = 0.12) -> NDArray[np.int64]:
    return (rng.random(rows) < rate).astype(np.int64)


# One column alone


def test_the_area_is_that_of_the_other_halfs_rates() -> None:
    rng = np.random.default_rng(0)
    y = labels(rng, 3000).astype(np.uint8)
    bins = rng.integers(0, 7, 3000) + 2 * y * (rng.random(3000) < 0.3)
    half = halves(y, rng)
    assert abs(int(y[half].sum()) - int(y[~half].sum())) <= 1
    areas = []
    for side in (False, True):
        learn, judge = half != side, half == side
        rate = [
            (y[learn & (bins == b)].sum() + y.mean()) / ((learn & (bins == b)).sum() + 1) for b in range(9)
        ]
        areas.append(roc_auc_score(y[judge], np.array(rate)[bins[judge]]))
    assert separation(bins, y, half).auc == pytest.approx(np.mean(areas), abs=1e-12)


@pytest.mark.parametrize(("positives", "bend"), [(60, True), (150, False), (1500, True)])
def test_the_error_is_about_how_much_the_area_varies(positives: int, bend: bool) -> None:
    """Never too small by much; too large by the root of two where there are many positives."""
    rng = np.random.default_rng(1)
    results = []
    for _ in range(200):
        y = (np.arange(10 * positives) < positives).astype(np.uint8)
        x = rng.normal(size=len(y)) + y
        x *= rng.choice([-1, 1], len(y)) if bend else 1
        results.append(separation(bins_of(x.astype(np.float32), positives), y, halves(y, rng)))
    varies = np.std([result.auc for result in results])
    assert 0.85 * varies < np.mean([result.error for result in results]) < 1.5 * varies


def test_planted_leaks_are_told() -> None:
    rng = np.random.default_rng(2)
    y = labels(rng)
    noise = {f"noise{j}": rng.normal(size=len(y)) for j in range(8)}
    leaks: dict[str, Any] = {
        "monotone": rng.normal(size=len(y)) + 2 * y,
        "bent": np.abs(rng.normal(size=len(y))) + 3 * y,
        "level": np.where(rng.random(len(y)) < 0.9, np.where(y, "sold", "open"), "other"),
    }
    leaks["bent"] *= rng.choice([-1, 1], len(y))
    for name, values in leaks.items():
        finding = found(table({**noise, name: values}, y))["D101"]
        assert finding.columns == (name,)
        assert f"'{name}' (ROC AUC 0.9" in finding.message
    gap = np.where(rng.random(len(y)) < np.where(y, 0.05, 0.7), np.nan, rng.normal(size=len(y)))
    findings = found(table({**noise, "paid": gap}, y))
    assert findings.keys() == {"D102"}
    assert findings["D102"].columns == ("paid",)


def test_levels_learned_by_heart_do_not_count() -> None:
    """Two rows a level: the rates of the rows themselves would rank almost perfectly."""
    rng = np.random.default_rng(3)
    y = labels(rng)
    name = np.char.add("n", rng.integers(0, len(y) // 2, len(y)).astype(str))
    data = table({"name": name, "x": rng.normal(size=len(y))}, y)
    assert [column.name for column in data.schema.categories] == ["name"]
    assert found(data) == {}


def test_an_easy_table_is_no_leak_but_a_perfect_column_is() -> None:
    rng = np.random.default_rng(4)
    y = labels(rng)
    columns = {f"x{j}": rng.normal(size=len(y)) + 1.5 * y for j in range(6)}
    assert found(table(columns, y)) == {}
    assert found(table({**columns, "copy": y + rng.normal(0, 0.1, len(y))}, y))["D101"].columns == ("copy",)


@pytest.mark.parametrize("seed", range(3))
def test_a_strong_column_that_the_others_outdo_is_told_as_such(seed: int) -> None:
    """The border bends: the others do not rank well one by one, nor by the sum of their log-odds."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(8000, 6))
    score = 3.0 * x[:, 0] + 2.4 * x[:, 1] * x[:, 2] + 1.6 * x[:, 3] - 1.6 * x[:, 4]
    y = (rng.random(8000) < 1 / (1 + np.exp(7.0 - score))).astype(int)
    findings = found(table({f"x{j}": x[:, j] for j in range(6)}, y))
    assert findings.keys() == {"D110"} and findings["D110"].columns == ("x0",)
    own, _, others = re.findall(r"0\.\d{3}", findings["D110"].message)
    half = np.arange(8000) % 2 == 0
    pairs = PolynomialFeatures(2, include_bias=False)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(pairs.fit_transform(x[half, 1:]), y[half])
    reached = roc_auc_score(y[~half], fitted.decision_function(pairs.transform(x[~half, 1:])))
    assert float(own) < float(others) == pytest.approx(reached, abs=0.03)


def test_a_leak_in_two_units_does_not_outdo_itself() -> None:
    rng = np.random.default_rng(2)
    y = labels(rng)
    seconds = np.exp(rng.normal(size=len(y)) + 1.7 * y)
    columns = {
        "seconds": seconds,
        "minutes": np.round(seconds / 60, 4),
        "x": rng.normal(size=len(y)) + 0.3 * y,
    }
    assert found(table(columns, y))["D101"].columns == ("minutes", "seconds")


def test_gaps_that_tell_do_not_excuse_a_strong_column() -> None:
    rng = np.random.default_rng(2)
    y = labels(rng)
    gap = np.where(rng.random(len(y)) < np.where(y, 0.02, 0.9), np.nan, 0.0)
    columns = {"paid": gap, "z": rng.normal(size=len(y)) + 1.7 * y, "x": rng.normal(size=len(y))}
    findings = found(table(columns, y))
    assert findings["D101"].columns == ("z",) and findings["D102"].columns == ("paid",)


def test_a_column_without_others_and_more_columns_than_are_compared() -> None:
    rng = np.random.default_rng(3)
    y = labels(rng, 1500)
    alone = found(table({"z": rng.normal(size=len(y)) + 2 * y}, y))["D101"]
    assert "others" not in alone.message
    copies = {f"copy{j}": y + rng.normal(0, 0.1, len(y)) for j in range(70)}
    assert len(found(table(copies, y))["D101"].columns) == 70


@pytest.mark.parametrize(("rows", "rate"), [(600, 0.08), (3000, 0.02), (4000, 0.3)])
def test_noise_is_not_told(rows: int, rate: float) -> None:
    """Twenty columns of noise, a tenth of them missing, in forty tables: 800 columns."""
    rng = np.random.default_rng(5)
    for _ in range(40):
        columns: dict[str, Any] = {f"x{j}": rng.normal(size=rows) for j in range(14)}
        for values in columns.values():
            values[rng.random(rows) < 0.1] = np.nan
        columns |= {f"n{j}": rng.poisson(3, rows) for j in range(3)}
        columns |= {f"c{j}": np.char.add("l", rng.integers(0, 9 * 4**j, rows).astype(str)) for j in range(3)}
        y = np.zeros(rows, int)
        y[rng.choice(rows, int(rate * rows), replace=False)] = 1
        assert found(table(columns, y)).keys() <= {"D107"}


def test_with_a_handful_of_positives_nothing_is_said_of_columns() -> None:
    rng = np.random.default_rng(6)
    y = (np.arange(500) % 20 == 0).astype(int)
    findings = found(table({"x": y + rng.normal(0, 0.01, 500), "z": rng.normal(size=500)}, y))
    assert findings.keys() == {"D107"}


def test_columns_are_judged_on_training_rows_only() -> None:
    rng = np.random.default_rng(7)
    y = labels(rng)
    data = table({"x": rng.normal(size=len(y)), "z": rng.normal(size=len(y)) + 2.5 * y}, y)
    split = split_rows(data)
    numeric = data.features.numeric.copy()
    judged = np.concatenate((split.validation, split.test))
    numeric[judged] = rng.normal(size=numeric[judged].shape)
    numeric[judged, 0] = 100 * y[judged] + rng.normal(size=len(judged))
    spoilt = dataclasses.replace(data, features=Features(numeric, data.features.codes))
    assert found(spoilt, split)["D101"] == found(data, split)["D101"]
    assert found(data, split)["D101"].columns == ("z",)


# Twins


def test_copies_across_the_split_are_told() -> None:
    rng = np.random.default_rng(8)
    y = labels(rng, 5000)
    x = rng.normal(size=(5000, 4))
    again = rng.choice(5000, 1000)
    data = table(
        {f"x{j}": np.concatenate((x[:, j], x[again, j])) for j in range(4)}, np.concatenate((y, y[again]))
    )
    message = found(data)["D103"].message
    assert "validation rows (" in message
    assert "whose label is right for 100.0% of them" in message
    assert found(table({f"x{j}": x[:, j] for j in range(4)}, y)) == {}


def test_over_sampling_before_the_split_is_told() -> None:
    rng = np.random.default_rng(9)
    y = labels(rng, 3000)
    x = rng.normal(size=(3000, 3))
    rows = np.concatenate((np.arange(3000), rng.choice(np.flatnonzero(y), 2000)))
    shuffled = rng.permutation(rows)
    data = table({f"x{j}": x[shuffled, j] for j in range(3)}, y[shuffled])
    split = split_rows(data)
    positives = int(data.target[split.test].sum())
    message = found(data, split)["D103"].message
    assert f"{len(split.test):,} test rows" in message
    assert f"of {positives} positives" in message


def test_coarse_answers_are_no_copies() -> None:
    """Different people who gave the same answers: their labels disagree as labels of strangers do."""
    rng = np.random.default_rng(10)
    answers = {f"q{j}": rng.binomial(3, 0.2, 8000) for j in range(9)}
    y = (rng.random(8000) < 0.08 + 0.1 * answers["q0"]).astype(int)
    data = table(answers, y)
    different = len(np.unique(row_keys(data.features)))
    assert 0.25 * len(data) < different < 0.9 * len(data)
    assert "D103" not in found(data)
    few = table({"q0": answers["q0"], "q1": answers["q1"]}, y)
    assert "D103" not in found(few)


@settings(deadline=None, max_examples=100)
@given(
    numeric=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 30), st.integers(0, 3)),
        elements=st.sampled_from([0.0, -0.0, 1.0, 2.0, float("nan")]),
    ),
    codes=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_keys_are_equal_where_rows_are(numeric: NDArray[np.float32], codes: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 3, (len(numeric), codes)).astype(np.int32)
    keys = row_keys(Features(numeric, levels))
    rows = [tuple(map(str, [*(numeric[i] + 0.0).tolist(), *levels[i].tolist()])) for i in range(len(numeric))]
    same_keys = keys[:, None] == keys[None, :]
    same_rows = np.array([[a == b for b in rows] for a in rows])
    np.testing.assert_array_equal(same_keys, same_rows)


def test_keys_of_many_rows_do_not_collide() -> None:
    x = np.arange(1_000_000, dtype=np.float32).reshape(-1, 2)
    keys = row_keys(Features(x, np.zeros((len(x), 1), np.int32)))
    assert len(np.unique(keys)) == len(x)


# Identifiers


def keys_as_numbers(rows: int) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(11)
    return {
        "one to n": np.arange(1, rows + 1),
        "backwards": np.arange(rows, 0, -1),
        "grows with gaps": np.cumsum(rng.integers(1, 90, rows)),
        "shuffled": rng.permutation(rows),
        "shuffled with gaps": rng.choice(5 * rows, rows, replace=False) + 1000,
    }


def quantities(rows: int) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(12)
    return {
        "age": rng.integers(18, 90, rows),
        "cents": np.round(rng.lognormal(8, 1, rows)),
        "uniform": rng.integers(0, 5 * rows, rows),
        "minute of the day": np.sort(rng.integers(0, 1440, rows)),
        "wide": rng.integers(0, 2**24, rows),
        "measured": np.sort(rng.normal(size=rows)),
    }


@pytest.mark.parametrize("rows", [1500, 20_000])
def test_keys_are_told_and_quantities_are_not(rows: int) -> None:
    y = labels(np.random.default_rng(13), rows)
    columns = {**keys_as_numbers(rows), **quantities(rows)}
    data = table_from(np.column_stack(list(columns.values())), y, positive=1)
    names = [f"column_{number}" for number in range(1, 6)]
    finding = found(data)["D104"]
    assert finding.columns == tuple(names)
    assert "'column_1' grows or falls from row to row" in finding.message


# Base rates


def test_parts_of_different_base_rates_are_told() -> None:
    rng = np.random.default_rng(14)
    rate = np.linspace(0.05, 0.25, 6000)
    y = (rng.random(6000) < rate).astype(int)
    data = table({"x": rng.normal(size=6000)}, y)
    in_order = found(data, split_rows(data, by="file_order"))
    assert in_order.keys() == {"D105"}
    assert "of the training rows are positive, but" in in_order["D105"].message
    assert "and" in in_order["D105"].message
    at_random = found(data)
    assert at_random.keys() == {"D106"}
    assert "along the file the share of positives goes, in percent: " in at_random["D106"].message


def test_drift_is_looked_for_along_time() -> None:
    rng = np.random.default_rng(15)
    day = rng.permutation(6000)
    y = (rng.random(6000) < np.linspace(0.05, 0.25, 6000)[day]).astype(int)
    columns = {"x": rng.normal(size=6000), "day": day}
    assert "along the time" in found(table(columns, y, time="day"))["D106"].message
    del columns["day"]
    assert found(table(columns, y)) == {}


def test_rows_sorted_by_label_do_not_drift() -> None:
    rng = np.random.default_rng(16)
    y = np.sort(labels(rng))
    assert found(table({"x": rng.normal(size=6000)}, y)) == {}


def test_a_steady_rate_is_not_told() -> None:
    """At 5 % per test, five of a hundred tables would be told; at these levels none is."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        data = table({"x": rng.normal(size=5000)}, labels(rng, 5000))
        train, validation, test = np.split(np.arange(5000), (3000, 4000))
        assert found(data, Split(train, validation, test, "by file order")) == {}
        assert found(data, Split(test, validation, train, "backwards")) == {}


# Few positives


def test_the_error_of_an_area_is_that_of_exponential_scores() -> None:
    rng = np.random.default_rng(17)
    areas = []
    for _ in range(2000):
        negative, positive = np.sort(rng.exponential(1.0, 400)), rng.exponential(3.0, 40)
        areas.append(np.searchsorted(negative, positive).mean() / 400)
    assert np.mean(areas) == pytest.approx(0.75, abs=0.01)
    assert area_error(0.75, 40, 400) == pytest.approx(np.std(areas), rel=0.06)


def test_few_positives_are_told_with_what_they_can_show() -> None:
    rng = np.random.default_rng(18)
    y = (np.arange(4000) % 20 == 0).astype(int)
    findings = found(table({"x": rng.normal(size=4000)}, y))
    assert findings.keys() == {"D107"}
    message = findings["D107"].message
    assert "the validation rows hold 40 positives: a ROC AUC of 0.75 is known to ± 0.09" in message
    assert "a recall of 0.5 to ± 0.15; the test rows hold 40" in message
    data = table({"x": rng.normal(size=4000)}, y)
    assert found(data, split_rows(data, shares=(0.5, 0.5, 0.0))) == {}
    turned = found(table({"x": rng.normal(size=4000)}, 1 - y))
    assert "hold 40 negatives" in turned["D107"].message


# One-hot columns


def one_hot(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.int64]]:
    first, second = rng.integers(0, 3, rows), rng.integers(0, 4, rows)
    return {
        **{f"a{j}": (first == j).astype(int) for j in range(3)},
        "x": rng.normal(size=rows),
        **{f"b{j}": (second == j).astype(int) for j in range(4)},
    }


def test_smote_on_one_hot_columns_is_told() -> None:
    rng = np.random.default_rng(19)
    y = labels(rng)
    data = table(one_hot(rng, 6000), y)
    finding = found(data, resampling=SMOTE())["D108"]
    assert finding.columns == ("a0", "a1", "a2", "b0", "b1", "b2", "b3")
    assert "smote will put fractions into 7 of 8 columns" in finding.message
    assert "7 of them in 2 groups of which one is 1 in every row" in finding.message
    assert found(data, resampling=SMOTEENN()).keys() == {"D108"}
    for innocent in (None, RandomOverSampling(), BalancedBatches()):
        assert found(data, resampling=innocent) == {}


def test_few_flags_are_not_told_and_truths_only_where_they_become_numbers() -> None:
    rng = np.random.default_rng(20)
    y = labels(rng)
    flags = {f"f{j}": rng.integers(0, 2, 6000) for j in range(4)}
    numbers = {f"x{j}": rng.normal(size=6000) for j in range(3)}
    assert found(table({**flags, **numbers}, y), resampling=SMOTE()) == {}
    truths = {f"t{j}": rng.random(6000) < 0.5 for j in range(6)}
    data = table({**truths, **numbers}, y)
    assert found(data, resampling=SMOTE()) == {}
    assert found(data, resampling=ADASYN())["D108"].columns == tuple(truths)


# Any table


@settings(deadline=None, max_examples=150)
@given(
    numeric=hnp.arrays(
        np.float32,
        st.tuples(st.integers(3, 80), st.integers(0, 3)),
        elements=st.floats(width=32, allow_infinity=False) | st.sampled_from([0.0, 1.0, float("nan")]),
    ),
    categories=st.integers(0, 2),
    seed=st.integers(0, 10_000),
    cuts=st.tuples(st.floats(0.1, 1.0), st.floats(0.1, 1.0)),
)
def test_small_and_odd_tables_are_checked_too(
    numeric: NDArray[np.float32], categories: int, seed: int, cuts: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    rows = len(numeric)
    columns = [Column(f"x{j}", ColumnKind.NUMERIC) for j in range(numeric.shape[1])]
    columns += [Column(f"c{j}", ColumnKind.CATEGORY, levels=("a", "b")) for j in range(categories)]
    data = Table(
        Features(numeric, rng.integers(0, 4, (rows, categories)).astype(np.int32)),
        rng.integers(0, 2, rows).astype(np.uint8),
        Schema(tuple(columns), Target("y", "1", "0", True)),
        "",
        "odd",
    )
    first, second = sorted(max(1, int(cut * rows)) for cut in cuts)
    order = rng.permutation(rows)
    parts = [np.sort(part) for part in np.split(order, (first, second))]
    codes = found(data, Split(*parts, "odd"), SMOTE())
    assert ("D107" in codes) == (second > first or rows > second)


# Real and invented tables


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_wrong_with_the_web_shop(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SteelyardWarning)
        data = table_from(web_shop_visits(20_000, seed), "bought", positive="yes")
    assert found(data, split_rows(data, seed=seed), SMOTE()) == {}
    time = found(data, split_rows(data, by="file_order"), SMOTE())
    assert time == {}


REAL: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "adult/adult-train.csv": ("column_15", {}),
    "amazon_access/train.csv": ("ACTION", {}),
    "bank_marketing/bank-additional-full.csv": ("y", {"D101": ("duration",), "D106": ()}),
    "brfss_heart/heart_2020_cleaned.csv.gz": ("HeartDisease", {}),
    "coil2000/ticdata2000.txt": ("column_86", {"D107": ()}),
    "credit_default/UCI_Credit_Card.csv": ("Y", {}),
    "mammography/mammography.csv": ("column_7", {"D103": (), "D107": ()}),
    "online_shoppers/online_shoppers_intention.csv": (
        "Revenue",
        {"D101": ("PageValues",), "D103": (), "D106": ()},
    ),
    "satellite/Satellite.csv": ("Target", {"D107": ()}),
}


@pytest.mark.parametrize("name", REAL)
def test_real_tables(shared_data: Path, name: str) -> None:
    target, expected = REAL[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SteelyardWarning)
        data = read_table(shared_data / name, target=target)
    findings = found(data, split_rows(data), SMOTE())
    assert {code: finding.columns for code, finding in findings.items()} == expected
    if name.startswith("bank"):
        assert "2.77, 3.52, 4.22, 6.63, 6.24, 5.46, 10.2, 12, 15.7, 45.9" in findings["D106"].message
        in_order = found(data, split_rows(data, by="file_order"))
        assert in_order.keys() == {"D101", "D105"}
        assert "4.81% of the training rows are positive, but 11.07%" in in_order["D105"].message
