"""SRC801: winners at the edge; not at edges beyond which nothing lies."""

import numpy as np
import pytest

from steelyard.diagnosis.rules.search.best_at_edge import best_at_edge
from steelyard.finding import Severity, Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import NOTEBOOK, equal_aucs, table

ROWS = {"rows_validation": 21_000, "positives_validation": exactly(1000)}
RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3]


def test_a_metric_that_climbs_to_the_edge() -> None:
    climbing = table({"learning_rate": RATES}, validation_auc=[0.60, 0.65, 0.70, 0.74, 0.80])
    found = fired(best_at_edge, trials=climbing, **ROWS)
    assert "learning_rate = 0.001, the largest of the 5 values" in found.message
    assert found.severity is Severity.WARNING and "0.00333" in found.advice


def test_a_loss_is_best_where_it_is_least() -> None:
    falling = table({"units": [8, 16, 32, 64, 128]}, validation_loss=[0.2, 0.24, 0.26, 0.3, 0.31])
    found = fired(best_at_edge, trials=falling)
    assert "units = 8, the smallest" in found.message and "for a start 4" in found.advice


def test_the_three_best_at_one_edge_are_sure() -> None:
    grid = table(
        {"depth": [1, 2, 3, 1, 2, 3, 1, 2, 3]},
        validation_auc=[0.70, 0.71, 0.741, 0.70, 0.71, 0.742, 0.70, 0.71, 0.743],
    )
    assert fired(best_at_edge, trials=grid).severity is Severity.WARNING


def test_that_the_notebook_s_best_is_at_an_edge_may_be_chance() -> None:
    said = not_applicable(
        best_at_edge, trials=NOTEBOOK, rows_validation=15_405, positives_validation=exactly(1257)
    )
    assert "the largest learningrate that was tried, 0.0001" in said and "may be chance" in said


def test_the_best_three_near_an_edge_are_enough() -> None:
    rates = list(np.geomspace(1e-5, 1e-2, 24))
    scores = [0.7 + 0.01 * (at % 7) / 7 for at in range(20)] + [0.75, 0.77, 0.76, 0.74]
    found = fired(best_at_edge, trials=table({"lr": rates}, validation_f1=scores))
    assert "The 3 best of 24 trials" in found.message and "among the largest of the 24" in found.message


def test_trials_that_are_level_count_alike() -> None:
    """The order of equals is that of the table."""
    depths = [3, 3, 3, 2, 1, 2, 1, 2, 1, 2]
    level = [0.72, 0.72, 0.72, 0.72, 0.70, 0.71, 0.70, 0.70, 0.70, 0.70]
    assert passed(best_at_edge, trials=table({"depth": depths}, validation_f1=level))
    level[3] = 0.71
    assert fired(best_at_edge, trials=table({"depth": depths}, validation_f1=level))


def test_rows_of_one_setting_are_no_three_trials() -> None:
    once = {"lr": [rate for rate in (1e-4, 1e-3, 1e-2) for _ in range(4)] * 2, "seed": [*range(4)] * 6}
    units = [8] * 12 + [16] * 12
    scores = [0.7, 0.7, 0.7, 0.7, 0.71, 0.71, 0.71, 0.71, 0.70, 0.70, 0.70, 0.70]
    scores += [0.7, 0.7, 0.7, 0.7, 0.71, 0.71, 0.71, 0.71, 0.75, 0.75, 0.75, 0.65]
    seeds = table({**once, "units": units}, validation_f1=scores)
    assert ask(best_at_edge, trials=seeds).status is not Status.FIRED


@pytest.mark.parametrize(
    ("name", "values", "start"),
    [
        ("dropout", [0.1, 0.2, 0.3, 0.4, 0.5], "0.625"),
        ("dropout", [0.1, 0.2, 0.4, 0.6, 0.9], "0.95"),
        ("layers", [1, 2, 3, 4, 5], "6"),
        ("units", [8, 16, 32, 64, 128], "256"),
    ],
)
def test_what_to_try_next_is_possible(name: str, values: list[float], start: str) -> None:
    climbing = table({name: values}, validation_auc=[0.60, 0.65, 0.70, 0.74, 0.80])
    assert fired(best_at_edge, trials=climbing, **ROWS).advice.endswith(f"for a start {start}.")


def test_nothing_lies_below_one_layer() -> None:
    falling = table({"layers": [5, 4, 3, 2, 1]}, validation_auc=[0.60, 0.65, 0.70, 0.74, 0.80])
    assert "nothing lies beyond" in passed(best_at_edge, trials=falling, **ROWS)


@pytest.mark.parametrize(
    "parameters", [{"dropout": [0.0, 0.1, 0.2, 0.3, 0.4]}, {"l2": [0.0, 1e-4, 1e-3, 1e-2, 1e-1]}]
)
def test_nothing_lies_below_zero(parameters: dict[str, list[float]]) -> None:
    scores = [0.80, 0.7, 0.69, 0.68, 0.67]
    assert passed(best_at_edge, trials=table(parameters, validation_auc=scores), **ROWS)


def test_a_winner_inside_passes() -> None:
    hill = table({"learning_rate": RATES}, validation_auc=[0.6, 0.7, 0.75, 0.7, 0.6])
    assert "inside" in passed(best_at_edge, trials=hill, **ROWS)


def test_two_values_have_nothing_but_edges() -> None:
    two = table({"batch_size": [24, 48] * 3}, validation_auc=[0.7, 0.72, 0.7, 0.71, 0.7, 0.73])
    assert "three or more" in not_applicable(best_at_edge, trials=two)
    few = table({"units": [1, 2, 3]}, validation_auc=[0.7, 0.72, 0.74])
    assert "fewer than 5" in not_applicable(best_at_edge, trials=few)


def test_flat_grids_seldom_warn_and_climbing_ones_do() -> None:
    random = np.random.default_rng(801)
    flat = climbing = 0
    for _ in range(400):
        noise = equal_aucs(random, 10, 0.009, 0.8)
        grid = {"learning_rate": RATES * 2}
        results = [
            ask(best_at_edge, trials=table(grid, validation_auc=scores), **ROWS)
            for scores in (noise, noise + np.tile(np.linspace(0, 0.08, 5), 2))
        ]
        warned = [
            result.status is Status.FIRED
            and result.finding is not None
            and result.finding.severity is Severity.WARNING
            for result in results
        ]
        flat, climbing = flat + warned[0], climbing + warned[1]
    assert flat <= 20 and climbing >= 360


def test_random_searches_seldom_warn_of_a_flat_metric() -> None:
    random = np.random.default_rng(8012)
    names = ("lr", "units", "dropout", "l2")
    alarms = 0
    for _ in range(400):
        grid = table(
            {name: list(random.uniform(0.1, 0.9, 24)) for name in names},
            validation_auc=equal_aucs(random, 24, 0.009, 0.8),
        )
        alarms += ask(best_at_edge, trials=grid, **ROWS).status is Status.FIRED
    assert alarms <= 20
