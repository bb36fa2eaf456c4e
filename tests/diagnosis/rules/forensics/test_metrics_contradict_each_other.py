"""LOG901: epochs at which no counts fit the metrics, by the arithmetic of the bounds themselves."""

from steelyard.diagnosis.arithmetic import Reported, contradiction
from steelyard.diagnosis.rules.forensics.metrics_contradict_each_other import metrics_contradict_each_other
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import about, confusion, counts, exactly

WORDS = contradiction(1_000, (50, 50), Reported(accuracy=(0.99, 0.99), recall=(0.2, 0.2)))


def test_the_arithmetic_is_shown() -> None:
    found = fired(
        metrics_contradict_each_other,
        validation_confusion=confusion(
            ([10] * 3, [10] * 3),
            ([0] * 3, [1_000] * 3),
            rows=1_000,
            positives=exactly(50),
            contradictions={2: WORDS, 3: WORDS},
        ),
    )
    assert "cannot all be true of the same decisions: of 1,000 rows, 50 positive: accuracy" in found.message
    assert "one threshold" in found.advice
    assert "recall 0.2 means 10 positives found" in found.message
    assert "10 wrong decisions" in found.message and "1 other epoch" in found.message
    assert found.epochs == (2, 3) and found.confidence is Confidence.CERTAIN


def test_positives_that_are_an_estimate_are_not_certain() -> None:
    found = fired(
        metrics_contradict_each_other,
        train_confusion=confusion(
            ([0], [50]), ([0], [1_000]), rows=1_000, positives=about(50, 45, 55), contradictions={1: WORDS}
        ),
    )
    assert "training metrics" in found.message and found.confidence is Confidence.LIKELY
    assert "Count the rows" in found.settle


def test_metrics_that_fit() -> None:
    fits = counts([10, 12], [20, 20], rows=1_000, positives=50)
    said = passed(metrics_contradict_each_other, validation_confusion=fits, train_confusion=fits)
    assert "2 epochs on validation rows and 2 epochs on training rows" in said


def test_nothing_known() -> None:
    assert "too little" in not_applicable(metrics_contradict_each_other)
