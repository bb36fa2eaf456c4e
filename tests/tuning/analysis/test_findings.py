"""The warnings about a search: each where it belongs, with its numbers and its remedy, and not elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from steelyard.recipe import Change, Recipe, apply
from steelyard.run import RunStatus
from steelyard.study import Choice, Parameter, Plan, Range, Space, Trial
from steelyard.tuning.analysis import CODES, Counts, Finding, findings
from tests.studies import drawn, plan_of, trial_of

LEARNING_RATE = "optimizer.learning_rate"
RATES = Choice(path=LEARNING_RATE, values=(0.001, 0.01, 0.1))


def _codes(found: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in found]


def _only(found: Sequence[Finding], code: str) -> Finding:
    (finding,) = [one for one in found if one.code == code]
    return finding


def _along(
    parameter: Parameter, values: Sequence[object], means: Sequence[float], recipe: Recipe | None = None
) -> tuple[Plan, list[Trial]]:
    """Trials with these values of a parameter and these true scores."""
    plan = plan_of(Space(parameters=(parameter,)), recipe=recipe)
    points = [{parameter.path: value} for value in values]
    return plan, drawn(plan, np.random.default_rng(0), means, points=points)


# T101: the edge


def test_a_best_value_at_the_end_of_a_logarithmic_range() -> None:
    rates = np.geomspace(1e-4, 1e-1, 12)
    plan, trials = _along(
        Range(path=LEARNING_RATE, low=1e-4, high=1e-1, log=True), rates.tolist(), 0.2 + 0.05 * np.arange(12)
    )
    finding = _only(findings(plan, trials), "T101")
    assert finding.message.startswith("the best trial has optimizer.learning_rate = 0.1, at the highest end")
    (wider,) = finding.parameters
    assert isinstance(wider, Range)
    assert (wider.low, wider.high, wider.log) == (1e-4, pytest.approx(3.16), True)
    assert finding.trials == (11,)


@pytest.mark.parametrize(
    ("values", "means", "wider"),
    [
        ((0.001, 0.01, 0.1), (0.2, 0.3, 0.4), (0.001, 0.01, 0.1, 1.0)),
        ((0.1, 0.01, 0.001), (0.4, 0.3, 0.2), (1.0, 0.1, 0.01, 0.001)),
        ((0.001, 0.01, 0.1), (0.4, 0.3, 0.2), (0.0001, 0.001, 0.01, 0.1)),
        ((0.01, 0.02, 0.03), (0.2, 0.3, 0.4), (0.01, 0.02, 0.03, 0.04)),
    ],
)
def test_a_choice_goes_on_as_it_began(
    values: tuple[float, ...], means: tuple[float, ...], wider: tuple[float, ...]
) -> None:
    plan, trials = _along(Choice(path=LEARNING_RATE, values=values), values, means)
    (parameter,) = _only(findings(plan, trials), "T101").parameters
    assert isinstance(parameter, Choice)
    assert parameter.values == pytest.approx(wider)


def test_whole_numbers_stay_whole() -> None:
    plan, trials = _along(
        Choice(path="training.batch_size", values=(32, 64, 128)), (32, 64, 128), (0.2, 0.3, 0.4)
    )
    (parameter,) = _only(findings(plan, trials), "T101").parameters
    assert isinstance(parameter, Choice)
    assert parameter.values == (32, 64, 128, 256) and all(isinstance(v, int) for v in parameter.values)


def test_no_warning_where_nothing_lies_beyond() -> None:
    """A dropout below 0 is none."""
    plan, trials = _along(
        Choice(path="network.dropout", values=(0.0, 0.2, 0.4)), (0.0, 0.2, 0.4), (0.4, 0.3, 0.2)
    )
    assert "T101" not in _codes(findings(plan, trials))


def test_a_part_of_the_way_where_the_whole_makes_no_sense() -> None:
    """0.2 less half of 0.6 is no dropout; 0.1 is."""
    plan, trials = _along(
        Range(path="network.dropout", low=0.2, high=0.8), (0.2, 0.4, 0.6, 0.8), (0.4, 0.3, 0.2, 0.1)
    )
    (parameter,) = _only(findings(plan, trials), "T101").parameters
    assert isinstance(parameter, Range)
    assert (parameter.low, parameter.high) == (0.1, 0.8)


def test_no_warning_where_the_edge_is_not_told_apart() -> None:
    plan, trials = _along(RATES, (0.001, 0.01, 0.1), (0.40, 0.401, 0.402))
    assert "T101" not in _codes(findings(plan, trials))


def test_many_of_the_best_at_one_edge_count_although_none_is_told_apart() -> None:
    """One fold, one seed: no comparison, but the best eight of eighty all lie at the same end."""
    random = np.random.default_rng(1)
    plan = plan_of(Space(parameters=(RATES,)), folds=1)
    values = random.permutation(np.repeat([0.001, 0.01, 0.1], [30, 30, 20]))
    trials = [
        trial_of(
            plan, number, 0.4 + 0.1 * (value == 0.1) + 0.001 * random.normal(), point={LEARNING_RATE: value}
        )
        for number, value in enumerate(values.tolist())
    ]
    assert "and so have 8 of the best 8, but 20 of all 80" in _only(findings(plan, trials), "T101").message


def test_false_alarms_of_the_edge_are_rare() -> None:
    """Five parameters that do not matter, their values drawn at random."""
    random = np.random.default_rng(2)
    paths = (LEARNING_RATE, "optimizer.weight_decay", "network.dropout", "loss.label_smoothing")
    space = Space(parameters=tuple(Range(path=path, low=0.01, high=0.4) for path in paths))
    alarms = 0
    for _ in range(100):
        plan = plan_of(space)
        points = [dict(zip(paths, random.uniform(0.01, 0.4, 4).tolist(), strict=True)) for _ in range(40)]
        alarms += "T101" in _codes(findings(plan, drawn(plan, random, [0.4] * 40, points=points)))
    assert alarms <= 5


# T102: the metric


COUNTS = (Counts(6600, 589),) * 5
"""The folds of the notebook: 35,944 rows, 8.2 % positive."""


def test_accuracy_that_is_the_base_rate_for_all_cannot_rank() -> None:
    """The notebook: .9185 in every trial."""
    plan = plan_of(metrics=("accuracy",))
    floor = 6600 / 7189
    trials = [trial_of(plan, number, floor) for number in range(10)]
    finding = _only(findings(plan, trials, counts=COUNTS), "T102")
    assert finding.message == (
        "10 of 10 trials have the same accuracy, 0.9181, which is what one prediction for all rows reaches: "
        "accuracy cannot rank them. Rank by average_precision."
    )
    assert finding.metric == "average_precision"
    assert _codes(findings(plan, trials)) == ["T102"]
    assert "which is what" not in _only(findings(plan, trials), "T102").message


def test_accuracy_a_hair_above_the_base_rate_cannot_rank_either() -> None:
    plan = plan_of(metrics=("accuracy",))
    floor = 6600 / 7189
    trials = [trial_of(plan, number, floor - 1e-5 * number + 1e-5) for number in range(10)]
    assert (
        "and one prediction for all rows reaches 0.9181"
        in _only(findings(plan, trials, counts=COUNTS), "T102").message
    )


def test_a_metric_that_was_measured_and_ranks_is_named() -> None:
    plan = plan_of(metrics=("f1", "roc_auc", "log_loss"))
    trials = [
        trial_of(plan, number, 0.0, more={"roc_auc": 0.7 + 0.01 * number, "log_loss": 0.3})
        for number in range(5)
    ]
    finding = _only(findings(plan, trials), "T102")
    assert finding.metric == "roc_auc"
    assert finding.message.endswith("Rank by roc_auc, which was measured too and does.")


def test_average_precision_of_all_is_answered_with_log_loss() -> None:
    plan = plan_of()
    assert _only(findings(plan, [trial_of(plan, n, 0.08) for n in range(4)]), "T102").metric == "log_loss"


def test_scores_that_differ_can_rank() -> None:
    plan = plan_of(metrics=("accuracy",))
    trials = drawn(plan, np.random.default_rng(3), np.linspace(0.92, 0.95, 8))
    assert "T102" not in _codes(findings(plan, trials, counts=COUNTS))
    assert findings(plan, trials[:1]) == ()


# T104: divergence


def test_where_networks_diverge_is_told_and_cut_off() -> None:
    rates = np.geomspace(1e-4, 1.0, 20).tolist()
    space = Space(
        parameters=(
            Range(path=LEARNING_RATE, low=1e-4, high=1.0, log=True),
            Choice(path="network.activation", values=("relu", "tanh")),
        )
    )
    plan = plan_of(space)
    trials = [
        trial_of(
            plan,
            number,
            0.0 if rate > 0.1 else 0.4,
            point={LEARNING_RATE: rate, "network.activation": ("relu", "tanh")[number % 2]},
            status=RunStatus.DIVERGED if rate > 0.1 else RunStatus.STOPPED_EARLY,
        )
        for number, rate in enumerate(rates)
    ]
    finding = _only(findings(plan, trials), "T104")
    assert finding.message == (
        "25 of 100 networks diverged, in 5 of 20 trials; 5 of these are among the 5 with "
        "optimizer.learning_rate of at least 0.144."
    )
    assert finding.trials == (15, 16, 17, 18, 19)
    (smaller,) = finding.parameters
    assert isinstance(smaller, Range) and (smaller.low, smaller.high) == (1e-4, rates[14])
    assert finding.changes == (Change("optimizer.global_clip_norm", 1.0),)
    assert apply(plan.recipe, *finding.changes).optimizer.global_clip_norm == 1.0


def test_a_choice_that_diverges_is_left_out() -> None:
    plan = plan_of(Space(parameters=(Choice(path="network.activation", values=("relu", "tanh", "gelu")),)))
    trials = [
        trial_of(
            plan,
            number,
            0.4,
            point={"network.activation": name},
            status=RunStatus.DIVERGED if name == "relu" else RunStatus.COMPLETED,
        )
        for number, name in enumerate(["relu", "tanh", "gelu"] * 5)
    ]
    finding = _only(findings(plan, trials), "T104")
    assert "the 5 with network.activation = relu" in finding.message
    (smaller,) = finding.parameters
    assert isinstance(smaller, Choice) and smaller.values == ("tanh", "gelu")


def test_scattered_divergence_has_no_place() -> None:
    plan = plan_of(Space(parameters=(RATES,)))
    trials = [
        trial_of(
            plan,
            number,
            0.4,
            point={LEARNING_RATE: RATES.values[number % 3]},
            status=RunStatus.DIVERGED if number in (0, 4, 8) else RunStatus.COMPLETED,
        )
        for number in range(12)
    ]
    finding = _only(findings(plan, trials), "T104")
    assert finding.message == "15 of 60 networks diverged, in 3 of 12 trials."
    assert finding.parameters == ()


# T105: epochs


def test_networks_that_were_best_at_the_end_want_more_epochs() -> None:
    recipe = Recipe(training={"epochs": 20}, optimizer={"name": "adam", "schedule": "constant"})
    plan = plan_of(Space(parameters=(RATES,)), recipe=recipe)
    trials = [
        trial_of(plan, n, 0.4, point={LEARNING_RATE: 0.01}, status=RunStatus.COMPLETED, best_epoch=20)
        for n in range(2)
    ]
    finding = _only(findings(plan, trials), "T105")
    assert finding.message == (
        "10 of 10 networks of the best 2 trials were best in the last of their epochs (20): none of these "
        "had begun to overfit."
    )
    assert finding.changes == (Change("training.epochs", 40),)
    falling = plan.model_copy(update={"recipe": Recipe(training={"epochs": 20})})
    assert "only a longer run can tell" in _only(findings(falling, trials), "T105").message


def test_epochs_that_are_searched_are_widened_in_the_space() -> None:
    epochs = Choice(path="training.epochs", values=(5, 10, 20))
    plan = plan_of(Space(parameters=(epochs,)))
    trials = [
        trial_of(
            plan, n, 0.3 + 0.1 * n, point={"training.epochs": e}, status=RunStatus.COMPLETED, best_epoch=20
        )
        for n, e in enumerate((5, 10, 20))
    ]
    finding = _only(findings(plan, trials), "T105")
    assert finding.changes == ()
    (wider,) = finding.parameters
    assert isinstance(wider, Choice) and wider.values == (5, 10, 20, 40)


@pytest.mark.parametrize(
    ("status", "best_epoch"),
    [(RunStatus.STOPPED_EARLY, 20), (RunStatus.COMPLETED, 12), (RunStatus.PRUNED, 20)],
)
def test_networks_that_had_enough_want_none(status: RunStatus, best_epoch: int) -> None:
    plan = plan_of(Space(parameters=(RATES,)))
    trials = [trial_of(plan, 0, 0.4, point={LEARNING_RATE: 0.01}, status=status, best_epoch=best_epoch)]
    assert "T105" not in _codes(findings(plan, trials))


# T106: positives


def test_too_few_positives_to_rank_by() -> None:
    plan = plan_of(folds=1)
    trials = drawn(plan, np.random.default_rng(4), [0.40, 0.41, 0.42, 0.43])
    found = findings(plan, trials, counts=[Counts(760, 40)])
    finding = _only(found, "T106")
    assert "a validation part holds 40 positives" in finding.message
    reach = 1.96 * math.sqrt(0.43 * 0.57 / 40)
    assert f"± {reach:.2g} on them (95 %)" in finding.message
    assert "T106" not in _codes(findings(plan, trials, counts=[Counts(760_000, 400_000)]))
    assert "T106" not in _codes(findings(plan, trials))


def test_few_positives_are_enough_if_the_folds_agree() -> None:
    """Trials are compared on the same rows, so what is easy or hard there cancels."""
    plan = plan_of(folds=10)
    trials = drawn(plan, np.random.default_rng(5), [0.40, 0.41, 0.42, 0.43], fold=0.1, both=0.001, seed=0.001)
    assert "T106" not in _codes(findings(plan, trials, counts=[Counts(76, 4)] * 10))


def test_every_code_is_told_in_order_and_once() -> None:
    assert list(CODES) == [f"T10{number}" for number in range(1, 8)]
    plan = plan_of()
    found = findings(plan, drawn(plan, np.random.default_rng(6), [0.4] * 10), counts=[Counts(90, 10)] * 5)
    assert _codes(found) == sorted(set(_codes(found))) == ["T103", "T106"]
    assert str(found[0]).startswith("T103: the average_precision of 10 configurations differs no more than")
