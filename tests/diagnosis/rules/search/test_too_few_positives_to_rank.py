"""SRC803: most trials within noise of the best."""

import numpy as np

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules.search.differences_within_noise import differences_within_noise
from steelyard.diagnosis.rules.search.too_few_positives_to_rank import too_few_positives_to_rank
from steelyard.finding import Status
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.signals import exactly, signals
from tests.diagnosis.tables import NOTEBOOK, equal_aucs, table

FEW = {"positives_validation": exactly(50), "rows_validation": 1050}
MANY = {"positives_validation": exactly(2000), "rows_validation": 42_000}


def test_fifty_positives_do_not_tell_hundredths_apart() -> None:
    close = table({"units": [1, 2, 3, 4]}, validation_auc=[0.730, 0.722, 0.715, 0.60])
    found = fired(too_few_positives_to_rank, trials=close, **FEW)
    # Hanley and McNeil: 0.041 at 50 and 1000; a difference of scores with correlation 0.9, twice.
    assert (
        "50 positives" in found.message
        and "below 0.036" in found.message
        and "3 of 4 trials" in found.message
    )


def test_two_thousand_do() -> None:
    close = table({"units": [1, 2, 3, 4]}, validation_auc=[0.730, 0.700, 0.690, 0.60])
    assert "1 of 4" in passed(too_few_positives_to_rank, trials=close, **MANY)


def test_a_tie_at_the_top_of_many_is_no_finding() -> None:
    scores = [0.73, 0.729, *np.linspace(0.5, 0.6, 8)]
    assert passed(
        too_few_positives_to_rank, trials=table({"u": list(range(10))}, validation_auc=scores), **FEW
    )


def test_accuracy_hangs_on_other_things() -> None:
    assert "accuracy" in passed(too_few_positives_to_rank, trials=NOTEBOOK, **MANY)


def test_one_class_and_nothing_to_compare() -> None:
    close = table({"units": [1, 2]}, validation_auc=[0.730, 0.722])
    none = {"positives_validation": exactly(0), "rows_validation": 100}
    assert "one class" in not_applicable(too_few_positives_to_rank, trials=close, **none)
    single = table({"units": [1]}, validation_auc=[0.73])
    assert "fewer than two" in not_applicable(too_few_positives_to_rank, trials=single, **FEW)
    assert "--positives" in not_applicable(too_few_positives_to_rank, trials=close)


def test_a_flat_search_says_it_once() -> None:
    flat = table({"units": [1, 2, 3, 4]}, validation_auc=[0.730, 0.729, 0.728, 0.727])
    results = diagnose(signals(trials=flat, **FEW), [differences_within_noise, too_few_positives_to_rank])
    assert [one.status for one in results] == [Status.FIRED, Status.MASKED]


def test_equal_trials_are_nearly_always_called_tied() -> None:
    random = np.random.default_rng(803)
    seen = sum(
        ask(
            too_few_positives_to_rank,
            trials=table({"units": list(range(6))}, validation_auc=equal_aucs(random, 6, 0.041, 0.9, 0.73)),
            **FEW,
        ).status
        is Status.FIRED
        for _ in range(300)
    )
    assert seen >= 270


def test_a_score_that_is_none() -> None:
    outside = table({"u": [1, 2]}, ranked_by="validation_auc", validation_auc=[70.0, 71.0])
    said = not_applicable(
        too_few_positives_to_rank,
        trials=outside,
        rows_validation=1050,
        positives_validation=exactly(50),
    )
    assert "none from 0 to 1" in said
