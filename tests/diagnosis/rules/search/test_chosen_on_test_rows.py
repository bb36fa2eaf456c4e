"""SRC805: rows that chose and judge."""

from steelyard.diagnosis.rules.search.chosen_on_test_rows import chosen_on_test_rows
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.tables import NOTEBOOK


def test_the_notebook_s_reported_area() -> None:
    found = fired(
        chosen_on_test_rows,
        validation_is_test=True,
        reported_auc=0.7263959,
        reported_on="test",
        rows_validation=10_270,
    )
    assert "10,270 rows" in found.message and "0.7264" in found.message
    assert found.severity is Severity.WARNING and found.settle


def test_early_stopping_and_a_search_choose() -> None:
    found = fired(
        chosen_on_test_rows, validation_is_test=True, stopping=Stopping("val_loss", 5), trials=NOTEBOOK
    )
    assert "stopped training (by val_loss) and ranked the trials" in found.message
    assert found.confidence is Confidence.CERTAIN


def test_watching_alone_is_a_smell() -> None:
    assert fired(chosen_on_test_rows, validation_is_test=True).severity is Severity.SMELL


def test_other_rows_pass() -> None:
    assert passed(chosen_on_test_rows, validation_is_test=False, trials=NOTEBOOK)
    assert "supply" in not_applicable(chosen_on_test_rows)


def test_what_chose_by_training_rows_did_not_choose_by_these() -> None:
    found = fired(chosen_on_test_rows, validation_is_test=True, stopping=Stopping("loss", 3))
    assert found.severity is Severity.SMELL and "stopped" not in found.message
    reported = fired(chosen_on_test_rows, validation_is_test=True, reported_auc=0.9, reported_on="train")
    assert reported.severity is Severity.SMELL and "0.9" not in reported.message


def test_a_checkpoint_chooses_the_epoch_and_stops_nothing() -> None:
    found = fired(chosen_on_test_rows, validation_is_test=True, stopping=Stopping("val_loss"))
    assert "chose the epoch (by val_loss)" in found.message
