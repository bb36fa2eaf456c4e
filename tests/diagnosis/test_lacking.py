"""What would let more rules speak."""

from __future__ import annotations

from steelyard.diagnosis.lacking import lacking
from tests.diagnosis.results import passed, unknown


def test_the_most_wanted_first_and_ways_together() -> None:
    results = [
        passed(),
        unknown("layers", code="ARC501"),
        unknown("base_rate_validation", code="LOG905"),
        unknown("validation_floor", "positives_validation", code="SRC812"),
    ]
    found = lacking(results)
    assert [(lack.how, lack.codes) for lack in found] == [
        ("--positives N --rows N", ("LOG905", "SRC812")),
        ("--model FILE, or the code", ("ARC501",)),
    ]
    assert found[0].what == (
        "share of positives among validation rows",
        "entropy of the validation rows' base rate, in nats",
        "number of positives among validation rows",
    )


def test_another_training_is_not_asked_for() -> None:
    assert lacking([unknown("trials"), unknown("telemetry"), unknown("one_batch_loss")]) == ()
