import pytest

from steelyard.diagnosis.readers.post.claims import claims
from steelyard.diagnosis.readers.post.counts import class_counts, class_shares


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("about a 20:1 class 1:class 0 ratio", "odds_said", 20.0),
        ("the classes are imbalanced, 1 to 30", "odds_said", 30.0),
        ("with 5% positives", "base_rate", 0.05),
        ("0.17 % of the rows are fraud", "base_rate", 0.0017),
        ("the positive class is only 3.5% here", "base_rate", 0.035),
        ("900 negatives and 100 positives", "base_rate", 0.1),
        ("99,000 normal transactions and only 1,000 fraud", "base_rate", 0.01),
        ("1,000 frauds against 99,000 genuine ones", "base_rate", 0.01),
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
        ("I trained it for 50 epochs", "planned_epochs", 50.0),
        ("with epochs = 20", "planned_epochs", 20.0),
    ],
)
def test_what_people_say(text: str, fact: str, value: float | str) -> None:
    assert [one.value for one in claims(text) if one.fact == fact] == [pytest.approx(value)]


@pytest.mark.parametrize(
    "text",
    [
        "an 80:20 split of the classes",
        "val_AUC: 0.7",
        "accuracy of 95%",
        "AUC improved by 3",
        "at 20:15",
        "it converged after only 2 epochs",
        "training stalled for 5 epochs",
    ],
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
        "[(0, 47237), (1, 4112)]",
        "[(1, 4112), (0, 47237)]",
        "Class distribution: {0: 47237, 1: 4112}",
        "{1: 4112, 0: 47237}",
        ">>> np.bincount(y_val)\narray([47237,  4112])",
        "print(np.bincount(y))\n[47237  4112]",
    ],
)
def test_printed_counts_of_classes(text: str) -> None:
    (counts,) = class_counts(text)
    assert (counts.negatives, counts.positives) == (47237, 4112)


def test_three_classes_are_not_two() -> None:
    assert list(class_counts("0    50\n1    50\n2    50\ndtype: int64")) == []


@pytest.mark.parametrize(
    "text",
    [
        "class_weight={0: 100, 1: 2000}",
        "weights: {0: 100, 1: 2000}",
        "fit(x, y, {0: 100, 1: 2000})",
        "{0: 1, 1: 20}",
        "[(0, 0.9), (1, 0.1)]",
        "[(0, 3), (1, 4), (2, 5)]",
    ],
)
def test_weights_and_other_pairs_are_no_counts(text: str) -> None:
    assert list(class_counts(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "0    0.91992\n1    0.08008\nName: Class, dtype: float64",
        "1    0.08008\n0    0.91992\ndtype: float64",
        "[(0, 0.91992), (1, 0.08008)]",
    ],
)
def test_printed_shares_of_classes(text: str) -> None:
    (share,) = class_shares(text)
    assert share.positives == 0.08008


@pytest.mark.parametrize(
    "text", ["[(0, 0.912), (1, 0.912)]", "0 0.5 1 0.5 dtype", "0    0.9\n1    0.2\n2  1"]
)
def test_numbers_that_are_no_shares(text: str) -> None:
    assert list(class_shares(text)) == []
