"""compare_strategies: against the right reference, with verdicts that follow from intervals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from steelyard.comparison import Verdict, holm, paired_difference
from steelyard.crossvalidation import (
    CrossValidation,
    HeldOut,
    compare_strategies,
    cross_validate,
    fold_values,
)
from steelyard.crossvalidation.strategies import Overall
from steelyard.data import Table
from steelyard.errors import DataError
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.strategies import strategies


@pytest.fixture(scope="module")
def result(table: Table, quick: Recipe) -> CrossValidation:
    base = apply(quick, Change("decision.calibration", "none"))
    recipes = strategies(base, ("none", "threshold", "weights", "under"))
    return cross_validate(recipes, table, folds=4, yardsticks=False)


def test_probabilities_are_compared_with_doing_nothing_and_decisions_with_a_threshold(
    result: CrossValidation,
) -> None:
    found = compare_strategies(result)
    assert [(one.metric.name, one.reference) for one in found.metrics] == [
        ("average_precision", "none"),
        ("roc_auc", "none"),
        ("log_loss", "none"),
        ("f1", "threshold"),
    ]
    *probabilities, decisions = found.metrics
    for one in probabilities:
        assert set(one.judgements) == {"weights", "under"}  # threshold makes the same predictions
    assert set(decisions.judgements) == {"none", "weights", "under"}
    assert set(found.overall) == {"weights", "under"}


def test_differences_are_paired_by_fold_and_corrected_for_all_strategies(result: CrossValidation) -> None:
    one = compare_strategies(result).metrics[2]
    values = fold_values(result, "log_loss")
    expected = {
        name: paired_difference(values[name], values["none"], result.ratio) for name in ("weights", "under")
    }
    assert {name: judged.difference for name, judged in one.judgements.items()} == expected
    adjusted = holm([found.p for found in expected.values()])
    np.testing.assert_array_equal([judged.p for judged in one.judgements.values()], adjusted)


def test_the_margin_is_a_share_of_what_the_reference_gains(result: CrossValidation) -> None:
    one = compare_strategies(result, margin=0.1).metrics[1]
    assert one.floor == 0.5
    assert one.margin == pytest.approx(0.1 * (one.values["none"].mean - 0.5))
    assert compare_strategies(result, margin=0.0).metrics[1].margin == 0.0
    below = compare_strategies(changed(result, "none", -3.0)).metrics[1]
    assert below.values["none"].mean < 0.5
    assert below.margin == 0.0


def test_what_was_undone_is_told(result: CrossValidation) -> None:
    losses = compare_strategies(result).metrics[2]
    assert set(losses.raw) == {"weights", "under"}
    assert losses.raw["under"] > losses.values["under"].mean + 0.02


def changed(result: CrossValidation, name: str, logit_of_target: float) -> CrossValidation:
    """A strategy that knows something of the labels, or is misled, besides what the control knows."""

    def better(found: HeldOut | None) -> HeldOut:
        assert found is not None
        y = result.target[found.fold.split.test].astype(float)
        odds = found.probability / (1 - found.probability) * np.exp(logit_of_target * (2 * y - 1))
        return dataclasses.replace(found, probability=odds / (1 + odds))

    known = tuple(better(found) for found in result.results["threshold"])
    return dataclasses.replace(result, results={**result.results, name: known})


@pytest.mark.parametrize(
    ("shift", "overall", "verdict"),
    [
        (1.0, Overall.BETTER, Verdict.BETTER),
        (-1.0, Overall.WORSE, Verdict.WORSE),
        (1e-6, Overall.NO_DIFFERENCE, Verdict.NO_DIFFERENCE),
    ],
)
def test_what_is_better_worse_or_the_same_is_called_so(
    result: CrossValidation, shift: float, overall: Overall, verdict: Verdict
) -> None:
    found = compare_strategies(changed(result, "weights", shift))
    assert found.metrics[2].judgements["weights"].verdict is verdict
    assert found.overall["weights"] is overall


def test_too_few_folds_tell_nothing(table: Table, quick: Recipe) -> None:
    recipes = strategies(quick, ("none", "threshold", "under"))
    full = cross_validate(recipes, table, folds=2, yardsticks=False)
    cut = dataclasses.replace(full, results={name: (found[0], None) for name, found in full.results.items()})
    found = compare_strategies(cut)
    assert {judged.verdict for one in found.metrics for judged in one.judgements.values()} == {
        Verdict.CANNOT_TELL
    }
    assert found.overall["under"] is Overall.CANNOT_TELL


def test_a_cross_validation_without_controls_is_refused(table: Table, quick: Recipe) -> None:
    alone = cross_validate(quick, table, folds=2, yardsticks=False)
    with pytest.raises(DataError, match="no recipe 'none'; found recipe"):
        compare_strategies(alone)


def test_a_metric_without_a_direction_is_refused(result: CrossValidation) -> None:
    with pytest.raises(DataError, match="calibration_slope is best near 1"):
        compare_strategies(result, ranking=("roc_auc", "slope"))
