"""What scikit-learn prints of decisions, and what becomes of it in a log."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report, confusion_matrix

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.readers.post import read_text
from steelyard.diagnosis.readers.post.results import printed_decisions
from steelyard.log import Log

TARGET = np.repeat([0, 1], [900, 100])
CALLED = np.repeat([0, 1, 0, 1], [880, 20, 60, 40])
CALL = "print(confusion_matrix(y_val, y_pred))\n"


def _matrix(target: np.ndarray = TARGET, called: np.ndarray = CALLED) -> str:
    return str(confusion_matrix(target, called))


@pytest.mark.parametrize(
    "text",
    [
        _matrix(),
        " ".join(_matrix().split()),
        repr(confusion_matrix(TARGET, CALLED)),
        "[[880.  20.]\n [ 60.  40.]]",
        "[[880, 20], [60, 40]]",
    ],
)
def test_matrices_as_they_are_printed(text: str) -> None:
    (found,) = printed_decisions(CALL + text)
    assert (found.negatives, found.positives) == (900, 100)
    assert (found.true_positives, found.false_positives) == (40, 20)
    assert (found.accuracy, found.precision, found.recall) == (0.92, 40 / 60, 0.4)
    assert found.truth == "y_val"
    assert found.at_half


def test_arguments_the_other_way_round() -> None:
    text = f"print(confusion_matrix(y_pred, y_val))\n{_matrix(CALLED, TARGET)}"
    (found,) = printed_decisions(text)
    assert (found.positives, found.true_positives, found.truth) == (100, 40, "y_val")


@pytest.mark.parametrize(
    "text",
    ["[[1 2]\n [3 4]]", f"{CALL}[[0 0]\n [3 4]]", f"{CALL}[[1 2 3]\n [4 5 6]\n [7 8 9]]", f"{CALL}[[5 5]]"],
)
def test_other_arrays_are_no_matrix(text: str) -> None:
    assert list(printed_decisions(text)) == []


@pytest.mark.parametrize(
    ("code", "at_half"),
    [
        ("y_pred = model.predict(X) > 0.5", True),
        ("y_pred = (y_prob[:, 0] >= .50)", True),
        ("y_pred = model.predict_proba(X)[:, 1] > 0.3", False),
        ("y_pred = (probs > 0.3)", False),
        ("y_pred = (y_prob > threshold)", False),
        ("clf = RandomForestClassifier()", False),
        ("clf = KerasClassifier(build)", True),
    ],
)
def test_whose_decisions_they_are(code: str, at_half: bool) -> None:
    (found,) = printed_decisions(f"{code}\n{CALL}{_matrix()}")
    assert found.at_half is at_half


@pytest.mark.parametrize("names", [None, ["no churn", "churn"]])
@pytest.mark.parametrize("flat", [False, True])
def test_reports(names: list[str] | None, flat: bool) -> None:
    text = classification_report(TARGET, CALLED, target_names=names)
    (found,) = printed_decisions(" ".join(text.split()) if flat else text)
    assert (found.negatives, found.positives, found.true_positives) == (900, 100, None)
    assert (found.precision, found.recall) == (0.67, 0.4)


@pytest.mark.parametrize(("called", "tp", "fp"), [(0, 0, 0), (1, 100, 900)])
def test_reports_of_a_constant(called: int, tp: int, fp: int) -> None:
    text = classification_report(TARGET, np.full(1000, called), zero_division=0)
    (found,) = printed_decisions(text)
    assert (found.true_positives, found.false_positives) == (tp, fp)
    assert (found.accuracy, found.recall) == (0.1 if called else 0.9, float(called))


def test_a_report_of_three_classes_is_none() -> None:
    assert list(printed_decisions(classification_report([0, 1, 2, 2], [0, 1, 2, 1], zero_division=0))) == []


CODE = """
model = Sequential([Dense(8, activation='relu', input_dim=9), Dense(1, activation='sigmoid')])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X_train, y_train, epochs=2, {})
"""
RUN = (
    "Epoch 1/2\n9/9 [====] - 0s 2ms/step - loss: 0.5000 - accuracy: 0.8900 - val_loss: 0.5000 - "
    "val_accuracy: 0.9000\nEpoch 2/2\n9/9 [====] - 0s 2ms/step - loss: 0.4000 - accuracy: 0.9000 - val_loss: "
    "0.4000 - val_accuracy: 0.9200\n"
)


def _log(more: str, validation: str = "validation_data=(X_val, y_val)", run: str = RUN) -> Log:
    (log,) = read_text(CODE.format(validation) + run + more, "post")
    return log


def test_decisions_on_validation_rows_end_the_history() -> None:
    log = _log(CALL + _matrix())
    assert (log.facts.rows_validation, log.facts.positives_validation) == (1000, 100)
    assert log.history is not None
    assert log.history["validation_recall"][-1] == 0.4
    assert np.isnan(log.history["validation_recall"][0])
    confusion = signals_from(log).validation_confusion
    assert confusion is not None and not confusion.contradictions
    assert (confusion.true_positive_low[-1], confusion.true_positive_high[-1]) == (40, 40)
    assert (confusion.predicted_positive_low[-1], confusion.predicted_positive_high[-1]) == (60, 60)


def test_decisions_that_the_last_epoch_did_not_take_are_told_of() -> None:
    log = _log(CALL + _matrix(called=1 - TARGET))
    assert log.history is not None
    assert "validation_recall" not in log.history
    assert any("accuracy of 0.0000" in note and "0.9200" in note for note in log.notes)


def test_decisions_where_nothing_was_logged_are_a_history() -> None:
    log = _log(CALL + _matrix(), run="")
    assert log.history is not None
    assert log.history.epochs.tolist() == [2]
    assert log.history["validation_precision"].tolist() == [40 / 60]


def test_decisions_on_training_rows() -> None:
    log = _log(f"print(confusion_matrix(y_train, p))\n{_matrix()}")
    assert (log.facts.rows_train, log.facts.positives_train, log.facts.rows_validation) == (1000, 100, None)


def test_decisions_on_test_rows_are_no_measurement_of_validation_rows() -> None:
    log = _log(f"print(confusion_matrix(y_test, p))\n{_matrix()}")
    assert (log.facts.rows_validation, log.facts.base_rate) == (None, 0.1)
    assert "y_test" in log.facts.origins["base_rate"]
    assert any("60 are called positive; 40 of the 100 positives" in note for note in log.notes)
    assert log.history is not None and "validation_recall" not in log.history


def test_test_rows_stand_in_where_none_validate() -> None:
    log = _log(f"print(confusion_matrix(y_test, p))\n{_matrix()}", validation="batch_size=32", run="")
    assert (log.facts.rows_validation, log.facts.positives_validation) == (1000, 100)


def test_decisions_at_another_threshold_still_count_rows() -> None:
    log = _log(f"p = (probs > 0.3)\n{CALL}{_matrix()}")
    assert log.facts.positives_validation == 100
    assert log.history is not None and "validation_recall" not in log.history
