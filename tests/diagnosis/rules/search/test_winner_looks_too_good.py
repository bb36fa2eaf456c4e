"""SRC804: how much of a winner's lead is due to picking it."""

import numpy as np
import pytest

from steelyard.diagnosis.arithmetic.trial_tables import expected_best
from steelyard.diagnosis.rules.search.winner_looks_too_good import winner_looks_too_good
from steelyard.finding import Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import equal_aucs, table

ROWS = {"rows_validation": 1050, "positives_validation": exactly(50)}


@pytest.mark.parametrize(("count", "known"), [(4, 1.03), (12, 1.63), (36, 2.12), (100, 2.51)])
def test_the_expected_best_is_that_of_the_catalogue(count: int, known: float) -> None:
    assert expected_best(count) == pytest.approx(known, abs=0.02)


def test_twelve_equal_trials() -> None:
    scores = equal_aucs(np.random.default_rng(1), 12, 0.041, 0.8)
    found = fired(winner_looks_too_good, trials=table({"u": list(range(12))}, validation_auc=scores), **ROWS)
    assert "12 equally good trials" in found.message and "1.6 standard errors" in found.message


def test_seeds_are_used_where_known() -> None:
    grid = table(
        {"u": list(range(5))},
        validation_auc=[0.70, 0.71, 0.715, 0.72, 0.72],
        spread={"validation_auc": [0.02] * 5},
    )
    assert "the choice of seeds alone makes" in fired(winner_looks_too_good, trials=grid, seeds=4).message


def test_settings_that_matter_pass() -> None:
    scores = np.linspace(0.5, 0.8, 10)
    assert "due to picking" in passed(
        winner_looks_too_good, trials=table({"u": list(range(10))}, validation_auc=scores), **ROWS
    )


def test_a_winner_that_was_measured_again_passes() -> None:
    grid = table(
        {"u": list(range(4))}, validation_auc=[0.7, 0.71, 0.72, 0.73], test_auc=[np.nan] * 3 + [0.69]
    )
    assert "0.69" in passed(winner_looks_too_good, trials=grid, **ROWS)


def test_noise_that_is_not_known() -> None:
    grid = table({"u": list(range(4))}, validation_f1=[0.2, 0.21, 0.22, 0.23])
    assert "not known" in not_applicable(winner_looks_too_good, trials=grid, **ROWS)
    small = table({"u": [1, 2]}, validation_auc=[0.7, 0.71])
    assert "fewer than 4" in not_applicable(winner_looks_too_good, trials=small, **ROWS)


def searches(deviation: float, count: int = 300) -> list[tuple[np.ndarray, np.ndarray]]:
    """Truths and scores of searches whose twelve trials really differ by ``deviation``."""
    random = np.random.default_rng(804)
    truths = 0.75 + random.normal(0.0, deviation, (count, 12))
    return list(zip(truths, truths + random.normal(0.0, 0.041 * np.sqrt(0.2), (count, 12)), strict=True))


def test_equal_trials_alarm_and_settings_that_matter_do_not() -> None:
    def alarms(deviation: float) -> int:
        return sum(
            ask(
                winner_looks_too_good, trials=table({"u": list(range(12))}, validation_auc=scores), **ROWS
            ).status
            is Status.FIRED
            for _, scores in searches(deviation)
        )

    assert alarms(0.0) >= 270
    assert alarms(0.06) <= 15


@pytest.mark.parametrize("deviation", [0.01, 0.02])
def test_the_excess_it_names_is_the_excess_there_is(deviation: float) -> None:
    named, real = [], []
    for truth, scores in searches(deviation):
        grid = table({"u": list(range(12))}, validation_auc=scores)
        found = fired(winner_looks_too_good, {"share": 0.0}, trials=grid, **ROWS)
        best = int(np.argmax(scores))
        named.append(float(found.evidence["excess"]))
        real.append(float(scores[best] - truth[best]))
    assert np.mean(named) == pytest.approx(np.mean(real), rel=0.15)


def test_test_rows_that_chose_measure_nothing_again() -> None:
    chosen = table({"u": list(range(4))}, ranked_by="test_auc", test_auc=[0.7, 0.71, 0.72, 0.73])
    assert "not known" in not_applicable(winner_looks_too_good, trials=chosen, **ROWS)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_seeds_that_fail_in_the_worse_half_say_nothing_of_the_best(sign: float) -> None:
    scores = sign * np.array([0.50, 0.55, 0.62, 0.70, 0.71, 0.73])
    metric = "validation_auc" if sign > 0.0 else "validation_loss"
    grid = table(
        {"u": list(range(6))},
        **{metric: scores + (0.0 if sign > 0.0 else 1.0)},
        spread={metric: [0.2, 0.2, 0.2, 0.004, 0.004, 0.004]},
    )
    assert "due to picking" in passed(winner_looks_too_good, trials=grid, seeds=5)
    unsteady = table(
        {"u": list(range(6))},
        **{metric: scores + (0.0 if sign > 0.0 else 1.0)},
        spread={metric: [0.004, 0.004, 0.004, 0.2, 0.2, 0.2]},
    )
    assert "the choice of seeds" in fired(winner_looks_too_good, trials=unsteady, seeds=5).message
