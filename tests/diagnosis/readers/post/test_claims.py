import pytest

from steelyard.diagnosis.readers.post.claims import claims
from steelyard.diagnosis.readers.post.counts import class_counts


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("about a 20:1 class 1:class 0 ratio", "odds_said", 20.0),
        ("the classes are imbalanced, 1 to 30", "odds_said", 30.0),
        ("with 5% positives", "base_rate", 0.05),
        ("0.17 % of the rows are fraud", "base_rate", 0.0017),
        ("the positive class is only 3.5% here", "base_rate", 0.035),
        ("900 negatives and 100 positives", "base_rate", 0.1),
        ("12 positives in the validation set", "positives_validation", 12.0),
        ("X_train.shape[1] = 9", "inputs", 9.0),
        ("X_train.shape 1 = 9, and", "inputs", 9.0),
        ("I have 29 features", "inputs", 29.0),
        ("a learning rate of 0.0005, a batch", "learning_rate", 0.0005),
        ("batch size of 24", "batch_size", 24.0),
        ("10,000 training samples", "rows_train", 10_000.0),
        ("AUC:  0.7263959240711243", "reported_auc", 0.7263959240711243),
        ("I use keras 2.2.4", "framework", "keras 2"),
        ("the Adam optimizer", "optimizer", "adam"),
    ],
)
def test_what_people_say(text: str, fact: str, value: float | str) -> None:
    assert [one.value for one in claims(text) if one.fact == fact] == [pytest.approx(value)]


@pytest.mark.parametrize(
    "text",
    ["an 80:20 split of the classes", "val_AUC: 0.7", "accuracy of 95%", "AUC improved by 3", "at 20:15"],
)
def test_what_is_no_such_claim(text: str) -> None:
    assert list(claims(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Kauf\n0    47237\n1     4112\ndtype: int64",
        "0 47237 1 4112 dtype: int64",
        "1     4112\n0    47237\nName: Class, dtype: int64",
        "Counter({0: 47237, 1: 4112})",
        "(array([0, 1]), array([47237,  4112]))",
        "Total: 51349\n    Positive: 4112 (8.01% of total)",
    ],
)
def test_printed_counts_of_classes(text: str) -> None:
    (counts,) = class_counts(text)
    assert (counts.negatives, counts.positives) == (47237, 4112)


def test_three_classes_are_not_two() -> None:
    assert list(class_counts("0    50\n1    50\n2    50\ndtype: int64")) == []
