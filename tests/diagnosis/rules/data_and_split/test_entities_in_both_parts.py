"""DAT608: entities and periods on both sides of the split."""

from steelyard.diagnosis.rules.data_and_split.entities_in_both_parts import entities_in_both_parts
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed

DRIFT = {"D106": "along the time the share of positives goes, in percent: 2, 5, 9."}


def test_entities_on_both_sides_are_counted() -> None:
    found = fired(entities_in_both_parts, entities_shared=0.83)
    assert "83% of the validation rows" in found.message


def test_a_random_split_of_a_drifting_table_mixes_periods() -> None:
    found = fired(entities_in_both_parts, data_warnings=DRIFT, validation_way="stratified")
    assert "2, 5, 9" in found.message and found.confidence is Confidence.POSSIBLE


def test_a_split_by_time_of_a_drifting_table_passes() -> None:
    assert passed(entities_in_both_parts, data_warnings=DRIFT, validation_way="time")


def test_a_handful_of_shared_entities_passes() -> None:
    assert passed(entities_in_both_parts, entities_shared=0.004)


def test_without_the_table_nothing_is_said() -> None:
    assert "--data FILE" in not_applicable(entities_in_both_parts)
