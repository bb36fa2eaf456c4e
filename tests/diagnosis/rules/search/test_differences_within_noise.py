"""SRC802: flat searches, by seeds and by rows."""

import numpy as np

from steelyard.diagnosis.rules.search.differences_within_noise import differences_within_noise
from steelyard.finding import Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import NOTEBOOK, equal_aucs, table

ROWS = {"rows_validation": 21_000, "positives_validation": exactly(1000)}


def test_the_notebook_differs_by_twelve_rows() -> None:
    found = fired(differences_within_noise, trials=NOTEBOOK, rows_validation=15_405)
    assert "12 rows of 15,405" in found.message and "4 rows" in found.message


def test_seeds_explain_the_differences() -> None:
    flat = table(
        {"units": [8, 16, 32]},
        validation_auc=[0.74, 0.745, 0.75],
        spread={"validation_auc": [0.01, 0.012, 0.008]},
    )
    found = fired(differences_within_noise, trials=flat, seeds=3)
    assert "another seed varies by 0.01013" in found.message


def test_differences_beyond_seeds_pass() -> None:
    apart = table(
        {"units": [8, 16, 32]},
        validation_auc=[0.64, 0.70, 0.75],
        spread={"validation_auc": [0.01, 0.012, 0.008]},
    )
    assert "more than their seeds" in passed(differences_within_noise, trials=apart, seeds=3)


def test_what_the_score_needs_is_said() -> None:
    f1 = table({"units": [8, 16, 32]}, validation_f1=[0.2, 0.21, 0.22])
    assert "neither its spread" in not_applicable(differences_within_noise, trials=f1, **ROWS)
    assert "fewer than 3" in not_applicable(
        differences_within_noise, trials=table({"units": [8, 16]}, validation_auc=[0.7, 0.71]), **ROWS
    )
    assert "several logs" in not_applicable(differences_within_noise)


def test_equal_trials_are_called_flat_and_different_ones_are_not() -> None:
    random = np.random.default_rng(802)
    seen = alarms = 0
    for _ in range(400):
        flat = equal_aucs(random, 12, 0.009, 0.8)
        apart = flat + np.linspace(0.0, 0.05, 12)
        for scores, real in ((flat, False), (apart, True)):
            grid = table({"units": list(range(12))}, validation_auc=scores)
            found = ask(differences_within_noise, trials=grid, **ROWS).status is Status.FIRED
            seen, alarms = seen + (found and not real), alarms + (found and real)
    assert seen >= 370 and alarms <= 4


def test_the_same_by_seeds() -> None:
    random = np.random.default_rng(803)
    seen = alarms = 0
    for _ in range(400):
        runs = random.normal(0.75, 0.01, (8, 4))
        for effect in (0.0, 0.04):
            scores = runs + effect * np.arange(8)[:, None] / 7
            grid = table(
                {"units": list(range(8))},
                validation_auc=scores.mean(axis=1),
                spread={"validation_auc": scores.std(axis=1, ddof=1)},
            )
            found = ask(differences_within_noise, trials=grid, seeds=4).status is Status.FIRED
            seen, alarms = seen + (found and not effect), alarms + (found and bool(effect))
    assert seen >= 365 and alarms <= 20


def test_seeds_in_rows_of_their_own() -> None:
    """Rows alone would tell these apart: they validate a thousand times more finely than seeds vary."""
    scores = [0.60, 0.70, 0.80, 0.61, 0.71, 0.81, 0.62, 0.70, 0.80]
    runs = table({"lr": [1, 1, 1, 2, 2, 2, 3, 3, 3], "seed": [1, 2, 3] * 3}, validation_auc=scores)
    found = fired(
        differences_within_noise,
        trials=runs,
        rows_validation=10**6,
        positives_validation=exactly(500_000),
    )
    assert "The 3 trials" in found.message and "another seed varies by 0.09684" in found.message


def test_trials_that_are_level_are_told_by_one_number() -> None:
    level = table({"u": [1, 2, 3]}, validation_auc=[0.7, 0.7, 0.7])
    found = fired(differences_within_noise, trials=level, **ROWS)
    assert "have the same validation ROC AUC, 0.7." in found.message


def test_rows_of_validation_say_nothing_of_scores_on_test_rows() -> None:
    tested = table({"u": [1, 2, 3]}, ranked_by="test_auc", test_auc=[0.7, 0.71, 0.72])
    assert "not known" in not_applicable(differences_within_noise, trials=tested, **ROWS)
