"""The winner: trained on all rows but the test rows, read by what its folds say, judged once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from steelyard.data import Table
from steelyard.engine.lowering import batch_size
from steelyard.errors import StudyError
from steelyard.facts import facts
from steelyard.metrics import measure
from steelyard.recipe import Recipe
from steelyard.run import RunStatus
from steelyard.study import Choice, Plan, Space, Trial, TrialState
from steelyard.tables import table_from
from steelyard.training import predict_rows
from steelyard.tuning.evaluation import evaluate, parts_of
from steelyard.tuning.winner import Winner, epochs_for, refit
from tests.studies import trial_of

SPACE = Space(parameters=(Choice(path="optimizer.learning_rate", values=(0.003, 0.01, 0.03)),))
POINTS = [{"optimizer.learning_rate": rate} for rate in (0.003, 0.01, 0.03)]


@pytest.fixture(scope="module")
def table() -> Table:
    """1,500 rows, one in eight positive, by two of three columns."""
    random = np.random.default_rng(0)
    x = random.normal(size=(1500, 3))
    y = random.random(1500) < 1 / (1 + np.exp(2.6 - 1.5 * x[:, 0] + x[:, 1]))
    return table_from(x, y.astype(int))


def _plan(table: Table, **other: object) -> Plan:
    settings: dict[str, object] = {
        "recipe": Recipe(network={"hidden_units": [8]}, training={"epochs": 8, "patience": 3}),
        "space": SPACE,
        "sampler": "grid",
        "metrics": ("average_precision", "log_loss"),
        "folds": 3,
        "batch": 3,
        "fingerprint": table.fingerprint,
    }
    return Plan(**{**settings, **other})


def _searched(table: Table, plan: Plan) -> list[Trial]:
    return evaluate(table, plan, range(3), POINTS)


@pytest.fixture(scope="module")
def plan(table: Table) -> Plan:
    return _plan(table, seeds=2)


@pytest.fixture(scope="module")
def trials(table: Table, plan: Plan) -> list[Trial]:
    return _searched(table, plan)


@pytest.fixture(scope="module")
def winner(table: Table, plan: Plan, trials: list[Trial]) -> Winner:
    return refit(table, plan, trials)


def test_it_learns_from_all_rows_but_the_test_rows(table: Table, plan: Plan, winner: Winner) -> None:
    split, parts = winner.result.split, parts_of(table, plan)
    assert split.train.tolist() == parts.search.tolist()
    assert split.test.tolist() == parts.test.tolist()
    assert len(split.validation) == 0
    assert set(winner.result.scores) == {"test"}


def test_it_is_the_best_trial_for_the_middle_of_its_best_epochs(trials: list[Trial], winner: Winner) -> None:
    best = max(trials, key=lambda trial: trial.values[0] if trial.values else -math.inf)
    assert winner.trial == best.number
    assert winner.own == pytest.approx(best.values[0] if best.values else math.nan)
    assert winner.recipe.optimizer.learning_rate == best.point["optimizer.learning_rate"]
    epochs = sorted(network.best_epoch for network in best.networks)
    assert winner.epochs == epochs[3] == epochs_for(best)
    for run in winner.result.runs:
        assert run.status is RunStatus.COMPLETED and len(run.history) == winner.epochs == run.best_epoch
        assert run.reason.startswith(f"trained for {winner.epochs} of 8 epochs")
    assert [run.seed for run in winner.result.runs] == [0, 1]


def test_schedule_and_batches_stay_what_they_were(table: Table, plan: Plan, winner: Winner) -> None:
    """A network of a fold in the search and the winner see the same learning rate at the same epoch."""
    training = winner.result.recipe.training
    assert training.epochs == winner.recipe.training.epochs
    rows = len(parts_of(table, plan).splits[0].train)
    assert training.batch_size == batch_size(winner.recipe.training, rows)


def test_calibrator_and_threshold_are_chosen_on_every_row_of_the_folds(plan: Plan, winner: Winner) -> None:
    result = winner.result
    assert result.calibration is not None and result.threshold is not None
    assert result.calibration.rows == result.threshold.rows == len(result.split.train)
    assert result.chosen_on == "folds"
    book = facts(result)["bookkeeping"]
    assert (book["epoch"], book["calibrator"], book["threshold"]) == ("folds", "folds", "folds")


def test_the_readout_is_that_of_networks_which_did_not_learn_from_the_rows(table: Table) -> None:
    """A network that knows its training rows by heart thinks far too well of itself there."""
    random = np.random.default_rng(1)
    noise = table_from(random.normal(size=(400, 20)), (np.arange(400) % 4 == 0).astype(int))
    learns_by_heart = Recipe(
        network={"hidden_units": [64]},
        training={"epochs": 60, "patience": "off", "monitor": "train_loss"},
        optimizer={"name": "adam", "learning_rate": 0.02},
        decision={"calibration": "logistic"},
    )
    plan = _plan(noise, recipe=learns_by_heart)
    found = refit(noise, plan, [trial_of(plan, 0, 0.3, point=POINTS[2], best_epoch=60)])
    by_heart = measure("roc_auc", noise.target[found.result.split.train], _train_probability(noise, found))
    calibrator = found.result.model.readout.calibrator
    assert by_heart > 0.99
    # On rows it has not seen its logits mean next to nothing.
    assert calibrator is not None and abs(getattr(calibrator, "slope", math.nan)) < 0.2


def _train_probability(table: Table, winner: Winner) -> np.ndarray:
    return predict_rows(table, winner.result.split.train, winner.result.model, raw=True)


def test_the_optimism_is_the_promised_score_less_that_on_test_rows(table: Table, winner: Winner) -> None:
    assert winner.held_out is not None and winner.held_out.interval is not None
    target = table.target[winner.result.split.test]
    value = measure("average_precision", target, winner.result.probabilities["test"])
    assert winner.held_out.value == pytest.approx(value)
    alone = [scores["test"].average_precision for scores in winner.result.network_scores]
    assert winner.alone == pytest.approx(np.mean(alone))
    assert winner.optimism == pytest.approx(winner.own - winner.alone)
    assert winner.optimism_low < winner.optimism < winner.optimism_high
    interval = winner.held_out.interval
    # Both are uncertain, so together no less than the test rows alone.
    assert winner.optimism_high - winner.optimism_low > interval.high - interval.low
    assert winner.sentence == (
        f"The search promised {winner.own:.3f} (average_precision, trial {winner.trial}); on 300 rows it "
        f"never saw single networks have {winner.alone:.3f} on average, and the mean of 2 has {value:.3f} "
        f"[{interval.low:.3f}, {interval.high:.3f}]."
    )


def test_a_promise_that_is_not_kept_is_a_finding(table: Table) -> None:
    """The score of the trial is made up."""
    plan = _plan(table)
    values = np.full((3, 1), 0.97) + 0.001 * np.arange(3)[:, None]
    winner = refit(table, plan, [trial_of(plan, 4, values, point=POINTS[1])])
    (finding,) = winner.findings
    assert finding.code == "T107" and finding.trials == (4,)
    assert "The search promised 0.971" in finding.message
    assert winner.optimism > winner.optimism_low > 0.0


def test_for_a_loss_more_than_promised_is_too_much(table: Table) -> None:
    plan = _plan(table, metrics=("log_loss",))
    winner = refit(table, plan, [trial_of(plan, 0, 0.05, point=POINTS[1])])
    assert winner.held_out is not None
    assert winner.optimism == pytest.approx(winner.held_out.value - 0.05)
    assert winner.optimism > 0.0 and [finding.code for finding in winner.findings] == ["T107"]


def test_without_test_rows_nothing_is_claimed(table: Table) -> None:
    plan = _plan(table, test_share=0.0)
    winner = refit(table, plan, [trial_of(plan, 0, 0.5, point=POINTS[1])])
    assert winner.held_out is None and math.isnan(winner.optimism) and winner.findings == ()
    assert winner.sentence.endswith("no rows were kept from it to check that on.")
    assert len(winner.result.split.train) == len(table)


def test_a_rate_that_watches_validation_rows_keeps_a_fold(table: Table) -> None:
    recipe = Recipe(
        network={"hidden_units": [8]},
        training={"epochs": 6},
        optimizer={"name": "adam", "schedule": {"name": "reduce_on_plateau", "patience": 1}},
    )
    plan = _plan(table, recipe=recipe)
    winner = refit(table, plan, [trial_of(plan, 0, 0.5, point=POINTS[1])])
    last = parts_of(table, plan).splits[-1]
    assert winner.epochs is None
    assert winner.result.split.validation.tolist() == last.validation.tolist()
    assert winner.result.chosen_on == "validation"
    assert winner.result.recipe == winner.recipe


@pytest.mark.parametrize("by", ["random", "file_order"])
@pytest.mark.parametrize("folds", [1, 3])
def test_all_ways_of_dividing(table: Table, by: str, folds: int) -> None:
    plan = _plan(table, by=by, folds=folds)
    winner = refit(table, plan, _searched(table, plan))
    assert len(winner.result.split.train) + len(winner.result.split.test) == len(table)
    assert winner.held_out is not None and math.isfinite(winner.optimism_low)


def test_another_trial_can_be_asked_for(
    table: Table, plan: Plan, trials: list[Trial], winner: Winner
) -> None:
    other = next(trial.number for trial in trials if trial.number != winner.trial)
    assert refit(table, plan, trials, number=other).trial == other


def test_without_a_complete_trial_there_is_no_winner(table: Table) -> None:
    plan = _plan(table)
    pruned = trial_of(plan, 0, 0.5, point=POINTS[0], state=TrialState.PRUNED)
    with pytest.raises(StudyError, match="no trial is complete"):
        refit(table, plan, [pruned])
    with pytest.raises(StudyError, match="trial 7 is not complete"):
        refit(table, plan, [trial_of(plan, 0, 0.5, point=POINTS[0])], number=7)


def test_the_number_of_epochs() -> None:
    plan = Plan(recipe=Recipe(), space=SPACE, folds=3, batch=1, fingerprint="")
    assert epochs_for(trial_of(plan, 0, 0.5, best_epoch=9)) == 9
    assert epochs_for(trial_of(plan, 0, 0.5, best_epoch=0)) == 1
    assert epochs_for(trial_of(plan, 0, 0.5, status=RunStatus.DIVERGED)) == 1


def test_the_same_again_and_with_any_number_of_threads(table: Table, plan: Plan, trials: list[Trial]) -> None:
    one, two = (refit(table, plan, trials, threads=threads) for threads in (1, 2))
    assert (one.optimism, one.optimism_low, one.sentence) == (two.optimism, two.optimism_low, two.sentence)
    np.testing.assert_array_equal(one.result.probabilities["test"], two.result.probabilities["test"])
