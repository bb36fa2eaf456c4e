"""SRC809: repetitions that do not repeat."""

from steelyard.diagnosis.rules.search.same_seed_other_result import same_seed_other_result
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import table

ROWS = {"rows_validation": 1050, "positives_validation": exactly(50)}


def test_two_results_of_one_setting() -> None:
    twice = table({"u": [8, 8, 16], "seed": [1, 1, 1]}, validation_auc=[0.70, 0.73, 0.74])
    found = fired(same_seed_other_result, trials=twice, **ROWS)
    assert "2 trials" in found.message and "0.03" in found.message and found.severity is Severity.WARNING


def test_jitter_below_the_error_is_a_smell() -> None:
    twice = table({"u": [8, 8, 16], "seed": [1, 1, 1]}, validation_auc=[0.7300, 0.7301, 0.74])
    found = fired(same_seed_other_result, trials=twice, **ROWS)
    assert found.severity is Severity.SMELL and "less than a tenth" in found.message


def test_a_result_that_repeats_passes() -> None:
    twice = table({"u": [8, 8, 16], "seed": [1, 1, 1]}, validation_auc=[0.73, 0.73, 0.74])
    assert "same results" in passed(same_seed_other_result, trials=twice)


def test_without_seeds_or_repetitions_nothing_is_said() -> None:
    no_seeds = table({"u": [8, 8]}, validation_auc=[0.70, 0.73])
    assert "seeds" in not_applicable(same_seed_other_result, trials=no_seeds)
    no_twins = table({"u": [8, 8], "seed": [1, 2]}, validation_auc=[0.70, 0.73])
    assert "no two trials" in not_applicable(same_seed_other_result, trials=no_twins)


def test_seeds_that_are_not_known_are_not_the_same() -> None:
    unknown = table({"u": [1, 1], "seed": [None, None]}, validation_loss=[0.1, 0.2])
    assert "same seed" in not_applicable(same_seed_other_result, trials=unknown)
