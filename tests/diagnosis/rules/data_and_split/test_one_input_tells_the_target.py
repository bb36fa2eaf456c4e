"""DAT606: one column predicts alone."""

from steelyard.diagnosis.rules.data_and_split.one_input_tells_the_target import one_input_tells_the_target
from steelyard.finding import Confidence
from tests.diagnosis.asking import fired, not_applicable, passed


def test_columns_and_their_gaps_count() -> None:
    found = fired(
        one_input_tells_the_target,
        data_warnings={"D101": "duration has a ROC AUC of 0.991 alone.", "D102": "form is empty for all 0."},
    )
    assert "0.991 alone. Also: form is empty" in found.message
    assert found.confidence is Confidence.POSSIBLE and found.settle


def test_a_column_that_the_others_outdo_passes() -> None:
    assert "'age' (0.82" in passed(one_input_tells_the_target, data_warnings={"D110": "'age' (0.82, 0.89)."})


def test_without_such_a_column_it_passes() -> None:
    assert passed(one_input_tells_the_target, data_warnings={})
    assert "--data FILE" in not_applicable(one_input_tells_the_target)
