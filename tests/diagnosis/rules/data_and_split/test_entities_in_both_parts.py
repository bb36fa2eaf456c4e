"""DAT608: entities and periods on both sides of the split."""

from steelyard.diagnosis.rules.data_and_split.entities_in_both_parts import entities_in_both_parts
from steelyard.finding import Confidence, Severity
from tests.diagnosis.asking import fired, not_applicable, passed

DRIFT = {"D106": "along the time the share of positives goes, in percent: 2, 5, 9."}


def test_entities_on_both_sides_are_counted() -> None:
    found = fired(entities_in_both_parts, entities_shared=0.83)
    assert "83% of the validation rows" in found.message


def test_a_random_split_of_a_drifting_table_mixes_periods() -> None:
    found = fired(entities_in_both_parts, data_warnings=DRIFT, validation_way="stratified")
    assert "2, 5, 9" in found.message and found.confidence is Confidence.POSSIBLE


def test_a_few_shared_entities_are_a_smell() -> None:
    found = fired(entities_in_both_parts, entities_shared=0.0123)
    assert found.severity is Severity.SMELL and "1.23% of the validation rows" in found.message
    assert fired(entities_in_both_parts, entities_shared=0.06).severity is Severity.WARNING


def test_a_handful_of_shared_entities_passes_and_is_counted() -> None:
    assert "0.4% of the validation rows" in passed(entities_in_both_parts, entities_shared=0.004)
    assert "no entity" in passed(entities_in_both_parts, entities_shared=0.0)


def test_no_drift_does_not_tell_of_entities() -> None:
    assert "--group" in not_applicable(entities_in_both_parts, data_warnings={}, validation_way="stratified")
    assert "--group" in not_applicable(entities_in_both_parts, data_warnings=DRIFT, validation_way="time")
    assert "by group" in passed(entities_in_both_parts, data_warnings={}, validation_way="group")


def test_a_drift_is_not_denied_where_the_split_is_unknown() -> None:
    said = not_applicable(entities_in_both_parts, data_warnings=DRIFT)
    assert "2, 5, 9" in said and "--split" in said


def test_without_the_table_nothing_is_said() -> None:
    assert "--data FILE" in not_applicable(entities_in_both_parts)
