"""LOG909: one run, or several, in a log."""

from steelyard.diagnosis.rules.forensics.several_runs_in_one_log import several_runs_in_one_log
from tests.diagnosis.asking import fired, not_applicable, passed


def test_two_runs() -> None:
    found = fired(several_runs_in_one_log, segments=((0, 9), (10, 34)))
    assert "holds 2 runs, one after the other, of 10 and 25 epochs" in found.message
    assert "the last one, of 25 epochs" in found.message
    assert found.evidence == {"runs": 2, "epochs_of_last": 25}


def test_one_run() -> None:
    assert "one run" in passed(several_runs_in_one_log, segments=((0, 9),))
    assert "a log" in not_applicable(several_runs_in_one_log)
