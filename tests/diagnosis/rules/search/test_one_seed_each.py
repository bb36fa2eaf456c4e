"""SRC806: how many seeds stand behind each configuration."""

from steelyard.diagnosis.rules.search.one_seed_each import one_seed_each
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import NOTEBOOK, table


def test_the_notebook_trained_each_once() -> None:
    found = fired(one_seed_each, trials=NOTEBOOK, rows_validation=15_405)
    assert "Each of 10 configurations was trained once" in found.message and "0.00026" in found.message
    assert found.severity is Severity.WARNING


def test_seeds_are_counted_in_the_table() -> None:
    three = table({"u": [1, 1, 1, 2, 2, 2], "seed": [0, 1, 2] * 2}, validation_auc=[0.7] * 3 + [0.72] * 3)
    assert "with 3 seeds" in fired(one_seed_each, trials=three).message


def test_five_seeds_pass() -> None:
    five = table({"u": [1] * 5 + [2] * 5, "seed": [*range(5)] * 2}, validation_auc=[0.7] * 5 + [0.72] * 5)
    assert "5 seeds" in passed(one_seed_each, trials=five)
    assert passed(one_seed_each, trials=table({"u": [1, 2]}, validation_auc=[0.7, 0.8]), seeds=10)


def test_an_effect_far_beyond_the_seeds_passes() -> None:
    large = table({"u": [1, 2]}, validation_auc=[0.6, 0.8], spread={"validation_auc": [0.01, 0.01]})
    assert "standard errors" in passed(one_seed_each, trials=large, seeds=3)


def test_an_effect_far_beyond_the_rows_is_a_smell() -> None:
    large = table({"u": [1, 2]}, validation_auc=[0.6, 0.8])
    found = fired(one_seed_each, trials=large, rows_validation=21_000, positives_validation=exactly(1000))
    assert found.severity is Severity.SMELL


def test_one_configuration_compares_nothing() -> None:
    assert "compared" in not_applicable(one_seed_each, trials=table({"u": [1]}, validation_auc=[0.7]))
    assert "several logs" in not_applicable(one_seed_each)
