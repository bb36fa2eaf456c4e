"""What is reached without a network on the same folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from steelyard.baselines import Baseline, logistic_regression, prevalence
from steelyard.crossvalidation.result import ByFold, HeldOut
from steelyard.data import Table
from steelyard.folds import Fold
from steelyard.preprocessing import fit_encoding
from steelyard.readout import AS_TRAINED, can_choose
from steelyard.recipe import Recipe
from steelyard.run import Readout
from steelyard.thresholds import choose_threshold


def judge_yardsticks(
    table: Table, folds: Sequence[Fold], recipe: Recipe, tell: Callable[[str], None]
) -> tuple[dict[str, ByFold], tuple[str, ...]]:
    """The base rate and a logistic regression on the recipe's inputs, read for the recipe's threshold.

    Also what is to be said about them. Ctrl-C leaves the logistic regression out.
    """
    # A yardstick is trained on the natural ratio: there as_trained means 0.5.
    objective = "0.5" if recipe.decision.threshold == AS_TRAINED else recipe.decision.threshold
    rates = [_read(table, fold, prevalence(table, fold.split), objective) for fold in folds]
    found: dict[str, ByFold] = {"prevalence": tuple(rates)}
    regressions = []
    try:
        for number, fold in enumerate(folds, start=1):
            tell(f"fitting logistic regression {number} of {len(folds)}")
            encoding = fit_encoding(table.features, table.schema, fold.split.train, recipe.preprocessing)
            regressions.append(
                _read(table, fold, logistic_regression(table, fold.split, encoding), objective)
            )
    except KeyboardInterrupt:
        return found, ("the logistic regression was interrupted and is left out",)
    notes = {note for regression in regressions for note in regression.notes}
    return {**found, "logistic_regression": tuple(regressions)}, tuple(sorted(notes))


def _read(table: Table, fold: Fold, baseline: Baseline, objective: str) -> HeldOut:
    """A yardstick on the rows held out, with a threshold chosen where the networks' is."""
    readout, choice = Readout(), None
    validation = fold.split.validation
    weights = None if table.weights is None else table.weights[validation]
    if can_choose(table.target[validation], weights):
        choice = choose_threshold(
            table.target[validation], baseline.probabilities["validation"], objective, weights
        )
        readout = Readout(threshold=choice.threshold, objective=choice.objective)
    probability = baseline.probabilities["test"]
    notes = (baseline.note,) if baseline.note else ()
    return HeldOut(fold, probability, probability, readout, threshold=choice, notes=notes)
