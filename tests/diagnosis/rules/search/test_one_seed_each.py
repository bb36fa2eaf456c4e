"""SRC806: how many seeds stand behind each configuration."""

from steelyard.diagnosis.rules.search.one_seed_each import one_seed_each
from steelyard.finding import Confidence, Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import exactly
from tests.diagnosis.tables import NOTEBOOK, table


def test_the_notebook_trained_each_once() -> None:
    found = fired(one_seed_each, trials=NOTEBOOK, rows_validation=15_405)
    assert "each of 10 configurations was trained once" in found.message and "0.00026" in found.message
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


def test_a_table_that_does_not_say_may_hold_means() -> None:
    unsaid = fired(one_seed_each, trials=NOTEBOOK)
    assert unsaid.confidence is Confidence.POSSIBLE and "folds" in unsaid.settle
    assert unsaid.message.startswith("As far as the table tells")
    said = fired(one_seed_each, trials=NOTEBOOK, seeds=1)
    assert said.confidence is Confidence.CERTAIN and said.message.startswith("Each of 10")


def test_the_next_is_another_configuration_not_another_seed() -> None:
    rows = {"lr": [1, 1, 1, 2, 2, 2], "seed": [1, 2, 3] * 2}
    near = fired(one_seed_each, trials=table(rows, validation_loss=[0.30, 0.31, 0.32, 0.31, 0.32, 0.33]))
    assert "0.01 ahead of the next" in near.message
    apart = table(rows, validation_loss=[0.30, 0.31, 0.32, 0.50, 0.51, 0.52])
    assert "leads by 0.2" in passed(one_seed_each, trials=apart)
    level = fired(one_seed_each, trials=table({"u": [1, 2]}, validation_loss=[0.3, 0.3]))
    assert "The best two are level" in level.message


def test_trials_of_which_nothing_is_known() -> None:
    unknown = table({}, validation_loss=[0.3, 0.4])
    assert "how the trials differ" in not_applicable(one_seed_each, trials=unknown)


def test_a_spread_over_seeds_that_nobody_counted() -> None:
    spread = table({"u": [1, 2]}, validation_auc=[0.70, 0.71], spread={"validation_auc": [0.01, 0.02]})
    assert "of how many" in not_applicable(one_seed_each, trials=spread)
