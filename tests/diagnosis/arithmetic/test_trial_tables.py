"""Tables of searches: what is best, what varies, what is the same, how finely it is known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.arithmetic.trial_tables import (
    LEARNING_RATE,
    configurations,
    differing,
    expected_best,
    has_seeds,
    key,
    numeric_column,
    ordered_axes,
    own_error,
    ranking,
    score_error,
    trials_of,
)
from tests.diagnosis.tables import NOTEBOOK, table


def test_the_metric_that_chose_ranks_and_else_the_most_telling_one() -> None:
    columns = {"validation_accuracy": [0.9, 0.8], "validation_auc": [0.6, 0.7], "validation_loss": [0.2, 0.3]}
    said = ranking(table({"u": [1, 2]}, ranked_by="validation_accuracy", **columns))
    unsaid = ranking(table({"u": [1, 2]}, **columns))
    assert said is not None and (said.metric, said.best) == ("validation_accuracy", 0)
    assert unsaid is not None and (unsaid.metric, unsaid.best) == ("validation_auc", 1)
    assert unsaid.words == "validation ROC AUC"


def test_losses_are_better_lower_and_nan_is_never_best() -> None:
    found = ranking(table({"u": [1, 2, 3]}, validation_loss=[math.nan, 0.3, 0.2]))
    assert found is not None and found.best == 2 and found.lead(0.3) == pytest.approx(0.1)
    assert list(found.measured) == [0.3, 0.2]


def test_without_validation_scores_there_is_no_ranking() -> None:
    assert ranking(table({"u": [1]}, train_loss=[0.1])) is None
    assert ranking(table({"u": [1]}, validation_loss=[math.nan])) is None


def test_axes_are_numbers_with_three_values_and_no_seeds() -> None:
    many = table(
        {
            "units": [8, 16, 32],
            "batch": [24, 48, 24],
            "seed": [1, 2, 3],
            "activation": ["relu", "tanh", "elu"],
            "shuffle": [True, False, True],
        }
    )
    assert ordered_axes(many) == {"units": [8.0, 16.0, 32.0]}


def test_configurations_forget_the_seed_unless_asked() -> None:
    runs = table({"u": [1, 1.0, 2], "train.seed": [1, 2, 1]}, validation_auc=[0.7, 0.7, 0.7])
    assert [list(group) for group in configurations(runs)] == [[0, 1], [2]]
    assert len(configurations(runs, with_seed=True)) == 3
    assert has_seeds(runs) and not has_seeds(NOTEBOOK)


def test_what_one_decision_changes_counts_once() -> None:
    runs = table(
        {
            "validation_way": ["tail", "random"],
            "rows_train": [80, 70],
            "lr": [1, 1.0],
            "layers": ["[7]", "[8]"],
        }
    )
    assert differing(runs, 0, 1) == (("validation_way", "rows_train"), ("layers",))
    assert differing(runs, 0, 0) == ()


def test_parameters_are_found_by_their_usual_names() -> None:
    column = numeric_column(NOTEBOOK, LEARNING_RATE)
    assert column is not None and column[7] == 1e-4
    mixed = numeric_column(table({"optimizer.lr": [0.1, "auto"]}), LEARNING_RATE)
    assert mixed is not None and np.isnan(mixed[1])
    assert numeric_column(table({"lr": ["a", "b"]}), LEARNING_RATE) is None


def test_the_rows_of_a_table() -> None:
    assert trials_of(NOTEBOOK) == 10 and trials_of(table({})) == 0


@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.lists(st.integers()),
    )
)
def test_keys_are_hashable_and_the_same_for_the_same(value: object) -> None:
    assert hash(key(value)) == hash(key(value)) and key(value) == key(value)


def test_true_is_not_one_and_text_is_no_number() -> None:
    assert len({key(True), key(1), key("1"), key(None), key("None"), key([1])}) == 6


def test_errors_of_scores() -> None:
    assert score_error("validation_accuracy", 0.9, 900, None) == pytest.approx(0.01)
    assert score_error("validation_average_precision", 0.5, 900, 100) == pytest.approx(0.05)
    assert score_error("validation_auc", 0.73, 1050, 50) == pytest.approx(0.041, abs=5e-4)
    for unknown in (
        ("validation_f1", 0.5, 9, 9),
        ("validation_auc", 0.7, None, 9),
        ("validation_loss", 2.0, 9, 9),
    ):
        assert math.isnan(score_error(*unknown))
    assert own_error(1.0, 0.75) == 0.5


def test_scores_of_other_rows_than_validation_have_no_error_here() -> None:
    assert math.isnan(score_error("test_auc", 0.73, 1050, 50))
    assert math.isnan(score_error("validation_balanced_accuracy", 0.7, 1000, 50))


def test_a_metric_of_unknown_direction_does_not_rank() -> None:
    assert ranking(table({"u": [1, 2]}, ranked_by="objective", objective=[0.1, 0.2])) is None
    rmse = ranking(table({"u": [1, 2]}, validation_rmse=[0.1, 0.2]))
    assert rmse is not None and rmse.best == 0 and rmse.order.tolist() == [0, 1]
    told = ranking(
        replace(table({"u": [1, 2]}, ranked_by="objective", objective=[0.1, 0.2]), lower_is_better=True)
    )
    assert told is not None and told.best == 0


def test_losses_of_different_functions_do_not_rank_unless_they_chose() -> None:
    columns = {"validation_loss": [0.6, 0.1], "validation_accuracy": [0.9, 0.8]}
    mixed = ranking(table({"losses": ["bce", "mse"]}, **columns))
    assert mixed is not None and mixed.metric == "validation_accuracy"
    chose = ranking(table({"losses": ["bce", "mse"]}, ranked_by="validation_loss", **columns))
    assert chose is not None and chose.metric == "validation_loss"


def test_keys_of_lists_and_of_what_is_no_number() -> None:
    assert key([1, 2]) == key((1.0, 2.0)) != key([2, 1])
    assert key(math.nan) == key(np.float64("nan"))
    assert key(10**400) == key(10**400) != key(10**401)


def test_the_error_of_an_area_is_that_of_simulated_areas() -> None:
    random = np.random.default_rng(0)
    areas = []
    for _ in range(1000):
        positives, negatives = random.normal(0.87, 1, 60), np.sort(random.normal(0, 1, 600))
        areas.append(np.searchsorted(negatives, positives).mean() / 600)
    known = score_error("validation_auc", float(np.mean(areas)), 660, 60)
    assert np.std(areas) == pytest.approx(known, rel=0.15)
    assert 0.7 < np.mean(areas) < 0.76


def test_the_expected_best_is_that_of_simulated_ones() -> None:
    random = np.random.default_rng(0)
    for count in (3, 10, 50):
        simulated = random.standard_normal((20_000, count)).max(axis=1).mean()
        assert expected_best(count) == pytest.approx(simulated, rel=0.03)
