"""Rules that are masked: each pair in a log in which both fire when asked alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.rule import Rule, diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.finding import Status
from steelyard.history import History, Series
from steelyard.log import Facts, Log, Predictions, TrialTable

RULES = {rule.code: rule for rule in CATALOGUE}


def run(losses: list[float], facts: Facts | None = None, validation: Predictions | None = None) -> Log:
    """A run with these training losses, all of them logged."""
    curve = Series("train", "loss", np.array(losses), measured=np.ones(len(losses), np.bool_))
    return Log(
        "a run",
        "test",
        History(np.arange(1, len(losses) + 1), (curve,)),
        Facts() if facts is None else facts,
        predictions={} if validation is None else {"validation": validation},
    )


DIVERGED = [0.6, 0.5, np.nan, np.nan]
FELL = [0.6, 0.5, 0.45, 0.44]
TARGET = (np.arange(2000) % 10 == 0).astype(np.uint8)
RESAMPLED = Facts(
    framework="keras 3",
    base_rate=0.05,
    rows_validation=2000,
    positives_validation=1000,
    resampling="smote",
    resampled_before_split=True,
    validation_way="stratified",
)
"""Half of the validation rows are positive, and a twentieth of the data."""


def noise(low: float, high: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """As many numbers as there are rows."""
    return np.random.default_rng(0).uniform(low, high, len(TARGET))


def reversed_ranking(losses: list[float]) -> Log:
    """The positives get the lower probabilities."""
    return run(losses, validation=Predictions(TARGET, noise(0.05, 0.15) - 0.04 * TARGET))


def one_probability_but_for_a_hair() -> Log:
    """All rows within a millionth, the positives lowest."""
    return run(FELL, validation=Predictions(TARGET, 0.1 - 1e-6 * TARGET))


def too_high_probabilities() -> Log:
    """Well ranked, and five times what is right; those of the weights that were given back."""
    return run(DIVERGED, validation=Predictions(TARGET, noise(0.3, 0.6) + 0.3 * TARGET))


def flat_search() -> Log:
    """Four trials that hardly differ, on fifty positives."""
    return Log(
        "a search",
        "test",
        facts=Facts(rows_validation=1050, positives_validation=50),
        trials=TrialTable(
            {"units": [8, 16, 24, 32]},
            {"validation_auc": np.array([0.730, 0.729, 0.728, 0.727])},
            ranked_by="validation_auc",
        ),
    )


PAIRS: dict[tuple[str, str], Callable[[], Log]] = {
    ("OPT308", "DAT610"): lambda: reversed_ranking(DIVERGED),
    ("COL201", "DAT610"): one_probability_but_for_a_hair,
    ("OPT308", "LOG903"): lambda: run(DIVERGED, RESAMPLED),
    ("IMB703", "LOG903"): lambda: run(FELL, RESAMPLED),
    ("OPT308", "IMB704"): too_high_probabilities,
    ("SRC802", "SRC803"): flat_search,
}
"""Which masks which."""


@pytest.mark.parametrize(("by", "masked"), PAIRS)
def test_a_rule_fires_alone_and_is_masked_by_what_explains_it(by: str, masked: str) -> None:
    signals = signals_from(PAIRS[by, masked]())

    def statuses(*rules: Rule) -> list[Status]:
        return [one.status for one in diagnose(signals, rules)]

    assert statuses(RULES[masked]) == [Status.FIRED]
    assert statuses(RULES[by]) == [Status.FIRED]
    assert statuses(RULES[by], RULES[masked]) == [Status.FIRED, Status.MASKED]


@pytest.mark.parametrize("masked", sorted({masked for _, masked in PAIRS}))
def test_every_rule_that_masks_one_of_these_is_here(masked: str) -> None:
    assert {by for by, other in PAIRS if other == masked} == set(RULES[masked].unless)
